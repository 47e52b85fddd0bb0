import { utf8Text } from '../../base/bytes.ts';
import { Prng } from '../../base/prng.ts';
import type { Clock } from '../../io/doors.ts';
import type { MemberConfig } from '../../member/config.ts';
import type { MemberDoors } from '../../member/doors.ts';
import { localClient } from '../../member/local-client.ts';
import { type Member, startMember } from '../../member/member.ts';
import type { MemberFact } from '../../member/observer.ts';
import { COMMAND_FORMAT, FIRST_COMMAND_FORMAT } from '../../proto/command.ts';
import { MemoryBackends } from '../../storage/backend/memory.ts';
import type { SimClock } from './clock.ts';
import { SimDisk } from './disk.ts';
import type { SimNetwork } from './network.ts';
import { simRandom } from './random.ts';

/** Calling back by it costs less than by queueMicrotask(), which Node traces. */
const SETTLED = Promise.resolve();

/** What a client in the member's process has. */
export type MemberClient = ReturnType<typeof localClient>;

/** One life of a member's process: from its start to its crash. */
export interface Life {
  readonly number: number;
  isOver: boolean;
  /** Its disk failed it, on purpose: it may stop by itself. */
  isExcused: boolean;
  /** Settles when the process is gone. */
  readonly died: Promise<undefined>;
  member: Member | undefined;
  client: MemberClient | undefined;
}

/** A life whose member takes part. */
export type RunningLife = Life & { readonly member: Member; readonly client: MemberClient };

export interface SimMemberOptions {
  readonly config: MemberConfig;
  readonly clock: SimClock;
  readonly network: SimNetwork;
  readonly prng: Prng;
  readonly onFact: (member: SimMember, life: Life, fact: MemberFact) => void;
  /** Its process was started, has ended, was stopped or goes on. */
  readonly onChange: (member: SimMember, type: 'up' | 'down' | 'pause' | 'resume') => void;
  /** It takes part now. */
  readonly onStarted: (member: SimMember, life: RunningLife) => void;
  /** It could not start, though nobody killed it. */
  readonly onStartFailed: (member: SimMember, life: Life, error: unknown) => void;
}

/** A whole member on fake doors: its disk outlives its processes. */
export class SimMember {
  readonly name: string;
  readonly disk: SimDisk;
  readonly #options: SimMemberOptions;
  #config: MemberConfig;
  readonly #backends: MemoryBackends;
  readonly #prng: Prng;
  /** How fast this machine's clock runs: 1 is true time. */
  clockRate = 1;
  /** What its calendar shows beside the true one. */
  wallOffsetMs = 0;
  /** How many times longer than usual its disk takes. */
  diskSlowness = 1;
  /** The version of its code: the newest format of commands that its next life understands. */
  format = COMMAND_FORMAT;
  /** What was on its disk is not what it wrote: it may refuse to start, and must be rebuilt. */
  isTainted = false;
  /** A bit of its database has flipped, and no other member's state has taken its place yet: it cannot start while nobody has one for it. */
  isRotten = false;
  /** An operator has ordered its removal; whether that has come about is another question. */
  isLeaving = false;
  /** It has been removed: it never starts again. */
  isRetired = false;
  /** Some life of it took part in the cluster. */
  hasTakenPart = false;
  #isBackendFailing = false;
  #lives = 0;
  #life: Life | undefined;
  #endLife: () => void = () => undefined;
  /** What waits for a paused process to go on; undefined while it runs. */
  #held: (() => void)[] | undefined;

  constructor(options: SimMemberOptions) {
    this.name = options.config.name;
    this.#options = options;
    this.#config = options.config;
    this.#prng = new Prng(options.prng.uint32());
    const latency = new Prng(options.prng.uint32());
    this.disk = new SimDisk({
      prng: new Prng(options.prng.uint32()),
      pause: (operation) => {
        if (operation !== 'sync' && latency.chance(0.7)) return undefined; // the page cache has room
        const usual = operation === 'sync' ? 0.2 + 3 * latency.unit() ** 4 : 0.05 * latency.unit();
        return this.#sleep(usual * this.diskSlowness);
      },
    });
    this.#backends = new MemoryBackends({ pause: () => this.#sleep((0.1 + latency.unit()) * this.diskSlowness) });
  }

  /** Every write of its database fails, or none. */
  failBackend(code: 'IO' | 'NO_SPACE' | undefined): void {
    this.#backends.fail(code);
    this.#isBackendFailing = code !== undefined;
  }

  /** Its directory is of the format in which rows have checksums: it gets there at a start after the cluster has, not before. */
  get hasChecksums(): boolean {
    const format = this.disk.contentOf(`${this.#config.dataDir}/FORMAT`);
    return format !== undefined && utf8Text(format) !== `keelson ${FIRST_COMMAND_FORMAT}\n`;
  }

  /** A bit of its database flips while it is off; false when there is nothing in it yet. */
  rotBackend(prng: Prng): boolean {
    if (!this.isDown || this.#backends.rot(prng, () => true) === undefined) return false;
    this.isRotten = true;
    return true;
  }

  /** A good disk: nothing that goes on with it, its file system or its database is injected any more. */
  healDisk(): void {
    this.disk.heal();
    this.failBackend(undefined);
    this.diskSlowness = 1;
  }

  /** The present life, once its member takes part. */
  get running(): RunningLife | undefined {
    const life = this.#life;
    return life?.member !== undefined && life.client !== undefined && !life.isOver ? (life as RunningLife) : undefined;
  }

  get isDown(): boolean {
    return this.#life === undefined || this.#life.isOver;
  }

  get isPaused(): boolean {
    return this.#held !== undefined;
  }

  /** The present life, from the moment its process was started. */
  get life(): Life | undefined {
    return this.#life;
  }

  /** A member that has not joined yet is told anew who is in the cluster. */
  expect(peerUrls: readonly string[]): void {
    this.#config = {
      ...this.#config,
      initialCluster: peerUrls.map((url) => ({ name: new URL(url).hostname, peerUrls: [url] })),
    };
  }

  start(): void {
    if (!this.isDown || this.isRetired) return;
    this.#backends.kill(); // what the last process opened while it was dying
    this.#held = undefined;
    this.#options.network.setPaused(this.name, false);
    const died = new Promise<undefined>((resolve) => {
      this.#endLife = () => resolve(undefined);
    });
    const life: Life = {
      number: ++this.#lives,
      isOver: false,
      isExcused: !this.disk.isSound || this.#isBackendFailing,
      died,
      member: undefined,
      client: undefined,
    };
    this.#life = life;
    this.#options.onChange(this, 'up');
    void this.#begin(life);
  }

  /** The process is gone at once. With `power` everything that was not synced may be lost, too. */
  crash(how: 'process' | 'power'): void {
    const life = this.#life;
    if (life === undefined || life.isOver) return;
    life.isOver = true;
    this.#held = undefined;
    this.#options.onChange(this, 'down');
    this.#endLife();
    this.#options.network.crash(this.name);
    if (how === 'power') {
      this.disk.crash();
      this.#backends.crash(this.#prng);
    } else {
      this.disk.kill();
      this.#backends.kill();
    }
  }

  /** Stops the process where it stands (SIGSTOP): nothing reaches it, its clock goes on. */
  pause(): void {
    if (this.isDown || this.isPaused) return;
    this.#held = [];
    this.#options.onChange(this, 'pause');
    this.#options.network.setPaused(this.name, true);
  }

  /** It goes on, and finds everything that came meanwhile. */
  resume(): void {
    const held = this.#held;
    if (held === undefined) return;
    this.#held = undefined;
    this.#options.onChange(this, 'resume');
    this.#options.network.setPaused(this.name, false);
    for (const run of held) run();
  }

  /** Settles once the process is not paused. */
  awake(): Promise<void> {
    return this.#held === undefined ? Promise.resolve() : new Promise((resolve) => this.#whenAwake(resolve));
  }

  /** Stops it as an operator would. */
  async stop(): Promise<void> {
    const life = this.#life;
    await this.running?.member.stop();
    if (life === this.#life) this.crash('process');
  }

  #whenAwake(run: () => void): void {
    if (this.#held === undefined) run();
    else this.#held.push(run);
  }

  #sleep(durationMs: number): Promise<void> {
    return new Promise((resolve) => this.#options.clock.after(durationMs, () => this.#whenAwake(resolve)));
  }

  async #begin(life: Life): Promise<void> {
    const { onStarted, onStartFailed } = this.#options;
    try {
      const { format } = this;
      const older = format < COMMAND_FORMAT && { format, directoryFormat: format }; // the first version had both alike
      const member = await startMember({ ...this.#config, ...older }, this.#doors(life));
      if (life.isOver) return;
      life.member = member;
      life.client = localClient(member);
      this.hasTakenPart = true;
      onStarted(this, life as RunningLife);
    } catch (error) {
      if (!life.isOver) onStartFailed(this, life, error);
    }
  }

  /** Its own clock: as fast as `clockRate`, and starting anywhere, as the time since boot does. */
  #clock(life: Life): Clock {
    const { clock } = this.#options;
    const startMs = clock.nowMs();
    const rate = this.clockRate;
    const bootMs = this.#prng.unit() * 1e6;
    return {
      nowMs: () => bootMs + (clock.nowMs() - startMs) * rate,
      wallMs: () => clock.wallMs() + this.wallOffsetMs,
      after: (delayMs, fire) =>
        clock.after(delayMs / rate, () => {
          if (!life.isOver)
            this.#whenAwake(() => {
              if (!life.isOver) fire();
            });
        }),
    };
  }

  #doors(life: Life): MemberDoors {
    const { network, onFact } = this.#options;
    return {
      clock: this.#clock(life),
      random: simRandom(new Prng(this.#prng.uint32())),
      disk: this.disk.mount(),
      network: network.hostNamed(this.name),
      backends: this.#backends,
      soon: (run) => void SETTLED.then(run),
      observer: {
        fact: (fact) => {
          if (!life.isOver) onFact(this, life, fact);
        },
      },
    };
  }
}
