import { Prng } from '../../base/prng.ts';
import type { KvClient } from '../../client/kv-client.ts';
import type { MemberConfig } from '../../member/config.ts';
import type { MemberDoors } from '../../member/doors.ts';
import { localClient } from '../../member/local-client.ts';
import { type Member, startMember } from '../../member/member.ts';
import type { MemberFact } from '../../member/observer.ts';
import { MemoryBackends } from '../../storage/backend/memory.ts';
import type { SimClock } from './clock.ts';
import { SimDisk } from './disk.ts';
import type { SimNetwork } from './network.ts';
import { simRandom } from './random.ts';

/** One life of a member's process: from its start to its crash. */
export interface Life {
  readonly number: number;
  isOver: boolean;
  /** Settles when the process is gone. */
  readonly died: Promise<undefined>;
  member: Member | undefined;
  client: KvClient | undefined;
}

export interface SimMemberOptions {
  readonly config: MemberConfig;
  readonly clock: SimClock;
  readonly network: SimNetwork;
  readonly prng: Prng;
  readonly onFact: (life: Life, fact: MemberFact) => void;
  /** It takes part now. */
  readonly onStarted: (life: Life, member: Member) => void;
  /** It could not start, though nobody killed it. */
  readonly onStartFailed: (error: unknown) => void;
}

/** A whole member on fake doors: its disk outlives its processes. */
export class SimMember {
  readonly name: string;
  readonly #options: SimMemberOptions;
  readonly #disk: SimDisk;
  readonly #backends: MemoryBackends;
  readonly #prng: Prng;
  #lives = 0;
  #life: Life | undefined;
  #endLife: () => void = () => undefined;

  constructor(options: SimMemberOptions) {
    this.name = options.config.name;
    this.#options = options;
    this.#prng = new Prng(options.prng.uint32());
    const { clock } = options;
    const latency = new Prng(options.prng.uint32());
    this.#disk = new SimDisk({
      prng: new Prng(options.prng.uint32()),
      pause: (operation) => clock.sleep(operation === 'sync' ? 0.2 + 3 * latency.unit() ** 4 : 0.05 * latency.unit()),
    });
    this.#backends = new MemoryBackends({ pause: () => clock.sleep(0.1 + latency.unit()) });
  }

  /** The present life, once its member takes part. */
  get running(): (Life & { readonly member: Member; readonly client: KvClient }) | undefined {
    const life = this.#life;
    return life?.member !== undefined && life.client !== undefined && !life.isOver
      ? (life as Life & { readonly member: Member; readonly client: KvClient })
      : undefined;
  }

  get isDown(): boolean {
    return this.#life === undefined || this.#life.isOver;
  }

  start(): void {
    if (!this.isDown) return;
    this.#backends.kill(); // what the last process opened while it was dying
    const died = new Promise<undefined>((resolve) => {
      this.#endLife = () => resolve(undefined);
    });
    const life: Life = { number: ++this.#lives, isOver: false, died, member: undefined, client: undefined };
    this.#life = life;
    void this.#begin(life);
  }

  /** The process is gone at once. With `power` everything that was not synced may be lost, too. */
  crash(how: 'process' | 'power'): void {
    const life = this.#life;
    if (life === undefined || life.isOver) return;
    life.isOver = true;
    this.#endLife();
    this.#options.network.crash(this.name);
    if (how === 'power') {
      this.#disk.crash();
      this.#backends.crash(this.#prng);
    } else {
      this.#disk.kill();
      this.#backends.kill();
    }
  }

  /** Stops it as an operator would. */
  async stop(): Promise<void> {
    await this.running?.member.stop();
    this.crash('process');
  }

  async #begin(life: Life): Promise<void> {
    const { config, onStarted, onStartFailed } = this.#options;
    try {
      const member = await startMember(config, this.#doors(life));
      if (life.isOver) return;
      life.member = member;
      life.client = localClient(member);
      onStarted(life, member);
    } catch (error) {
      if (!life.isOver) onStartFailed(error);
    }
  }

  #doors(life: Life): MemberDoors {
    const { clock, network, onFact } = this.#options;
    return {
      clock: {
        nowMs: () => clock.nowMs(),
        wallMs: () => clock.wallMs(),
        after: (delayMs, fire) =>
          clock.after(delayMs, () => {
            if (!life.isOver) fire();
          }),
      },
      random: simRandom(new Prng(this.#prng.uint32())),
      disk: this.#disk.mount(),
      network: network.hostNamed(this.name),
      backends: this.#backends,
      observer: {
        fact: (fact) => {
          if (!life.isOver) onFact(life, fact);
        },
      },
    };
  }
}
