import type { Index } from '../../base/brand.ts';
import { byteString } from '../../base/bytes.ts';
import { crc32c } from '../../base/crc32c.ts';
import { Prng } from '../../base/prng.ts';
import type { InitialMember, MemberConfig } from '../../member/config.ts';
import type { MemberFact } from '../../member/observer.ts';
import { FRAME_HEADER_BYTES } from '../../member/peers/frames.ts';
import { MemberRemovedError } from '../../member/removed.ts';
import { COMMAND_FORMAT, FIRST_COMMAND_FORMAT } from '../../proto/command.ts';
import { EMPTY_RANGE_REQUEST, EMPTY_ROLE, EMPTY_USER, encodeRole, encodeUser } from '../../proto/gen/etcd.ts';
import { decodePeerFrame } from '../../proto/gen/peer.ts';
import type { ConfState } from '../../raft/types.ts';
import type { Machine } from '../../storage/machine/machine.ts';
import { RaftInvariants } from '../checkers/raft-invariants.ts';
import { RevisionLog } from '../checkers/revision-log.ts';
import { SimClock } from './clock.ts';
import { Complaints } from './complaints.ts';
import { SimNetwork } from './network.ts';
import type { Plan } from './plan.ts';
import { recordLife } from './recorder.ts';
import { Records } from './records.ts';
import { type Life, type RunningLife, SimMember } from './sim-member.ts';
import { Trace, type TraceMark } from './trace.ts';

/** So small that nearly every transaction is told in fragments to whom wants them so. */
const FRAGMENT_BYTES = 150;

/** Watchers that are told nothing else are told how far they are. */
const PROGRESS_INTERVAL_MS = 700;

/** Timers between two looks at what consensus says of itself. */
const TIMERS_PER_SAMPLE = { busy: 25, quiet: 400 };

/** Virtual milliseconds until an operator does what a member that has fenced itself asks for. */
const OPERATOR_LOOKS_MS = 1000;

/** Virtual milliseconds between two looks at whether what is waited for has come about. */
const LOOK_MS = 5;

/** A cluster of whole members in one process and one virtual time; everything that is left to chance comes from the seed. */
export class World {
  readonly plan: Plan;
  readonly clock = new SimClock();
  readonly prng: Prng;
  readonly network: SimNetwork;
  /** Everybody who ever took part. */
  readonly members: SimMember[] = [];
  readonly trace: Trace;
  readonly violations = new Complaints(
    () => this.clock.nowMs(),
    (text) => this.note(() => `x ${text}`, { type: 'violation' }),
  );
  readonly log = new RevisionLog();
  readonly raft = new RaftInvariants();
  readonly records = new Records();
  /** When a revision was first seen. */
  readonly revisionMs = new Map<number, number>();
  /** Settles when nobody should go on. */
  readonly stopped: Promise<undefined>;
  /** When everything was mended; Infinity before. */
  healedMs = Number.POSITIVE_INFINITY;
  /** Clients begin nothing new. */
  isOver = false;
  isStopped = false;
  /** What a profile aims at is not over. */
  isAiming = false;
  /** Members that clients keep away from, by name, as long as another one runs. */
  readonly unvisited = new Set<string>();
  /** Who is at work on who takes part. */
  readonly changers = new Set<string>();
  #stop: () => void = () => undefined;
  readonly #keysAt = new Map<number, { readonly name: string; readonly digest: number }>();
  #turn = 0;
  #sampledAt = 0;

  constructor(plan: Plan, options: { readonly trace?: Trace } = {}) {
    this.plan = plan;
    this.prng = new Prng(plan.seed);
    this.trace = options.trace ?? new Trace();
    this.stopped = new Promise((resolve) => {
      this.#stop = () => resolve(undefined);
    });
    this.network = new SimNetwork({ clock: this.clock, prng: new Prng(this.prng.uint32()), isMessage: isRaftFrame });
    const founders = Array.from({ length: plan.members }, (_, i) => initialMember(`m${i + 1}`));
    for (const { name } of founders) this.#add(this.#config(name, founders, 'new'));
  }

  /** Where a moment stands in the order of the run. */
  nextTurn(): number {
    return ++this.#turn;
  }

  /** Those that an operator has not removed. */
  get present(): readonly SimMember[] {
    return this.members.filter(({ isRetired }) => !isRetired);
  }

  /**
   * Somebody may lose what is on his disk: nobody else has, nobody else may be leaving by an order of unknown outcome, and while a member joins
   * as a learner two voters may be all there are.
   */
  get canSpareOne(): boolean {
    const voters = this.leader?.running?.member.machine.conf().voters ?? [];
    return voters.length >= 3 && this.present.every(({ isTainted, isLeaving }) => !isTainted && !isLeaving);
  }

  get leader(): SimMember | undefined {
    return this.present.find((member) => member.running?.member.isLeader);
  }

  /** A member that runs, at random; one whose process is paused does not answer before it goes on. */
  someMember(prng: Prng): { readonly name: string; readonly life: RunningLife; readonly at: SimMember } | undefined {
    const running = this.present.filter(({ running }) => running !== undefined && !running.member.isLearner);
    if (running.length === 0) return undefined;
    const visited = running.filter(({ name }) => !this.unvisited.has(name));
    const at = prng.pick(visited.length > 0 ? visited : running);
    const life = at.running;
    return life === undefined ? undefined : { name: at.name, life, at };
  }

  /**
   * All members hold the same keys, byte for byte, at one revision: compared each time that one has published, at the revision it
   * has come to by then. (Events are compared at every revision; see recorder.ts.)
   */
  compareKeys(name: string, machine: Machine): void {
    const { revision } = machine;
    const plan = machine.range({ ...EMPTY_RANGE_REQUEST, key: '\0', rangeEnd: '\0' });
    if (plan.type !== 'ready') return;
    const digest = plan.kvs.reduce((crc, kv) => crc32c(kv, crc), 0);
    const known = this.#keysAt.get(revision);
    if (known === undefined) this.#keysAt.set(revision, { name, digest });
    else if (known.digest !== digest)
      this.violations.push(`revision ${revision}: the keys of ${name} are not those of ${known.name}`);
  }

  start(): void {
    for (const member of this.members) member.start();
  }

  /** Starts whoever is down; true when nobody is. */
  startAll(): boolean {
    const down = this.present.filter(({ isDown, isTainted }) => isDown && !isTainted);
    for (const member of down) member.start();
    return down.length === 0;
  }

  /** Prepares a member that is to join a cluster of these peer URLs, its own included. */
  addJoining(name: string, peerUrls: readonly string[]): SimMember {
    const member = this.#add(this.#config(name, [], 'existing'));
    member.expect(peerUrls);
    return member;
  }

  /** A line of the run's story; `text` is only made when somebody reads it. */
  note(text: () => string, mark?: TraceMark): void {
    this.trace.add(this.clock.nowMs(), text, mark);
  }

  /** Something is broken or mended. */
  noteFault(what: string): void {
    this.note(() => `! ${what}`, { type: 'fault' });
  }

  /** Lets time pass, and looks at consensus now and then. */
  async run(durationMs: number): Promise<void> {
    const untilMs = this.clock.nowMs() + durationMs;
    await this.until(() => false, durationMs);
    if (this.isBroken) return;
    await this.clock.run(Math.max(0, untilMs - this.clock.nowMs()));
  }

  /** Resolves with whether `condition` held in time; at once when something has gone wrong that must not. */
  until(condition: () => boolean, limitMs: number): Promise<boolean> {
    let nextLookMs = this.clock.nowMs();
    return this.clock.runUntil(() => {
      this.#sample();
      if (this.isBroken) return true;
      if (this.clock.nowMs() < nextLookMs) return false;
      nextLookMs = this.clock.nowMs() + LOOK_MS;
      return condition();
    }, limitMs);
  }

  /** A member or consensus did what must not be: there is nothing to learn from going on. */
  get isBroken(): boolean {
    return !this.violations.isEmpty || this.raft.violations.length > 0;
  }

  /** Makes everything whole again: all members run, nothing is cut, slowed or lost. */
  heal(): void {
    this.network.heal();
    this.network.setLoss(0);
    this.network.setDelay(0.2, 3);
    for (const member of this.present) {
      // Somebody who upgrades finishes it: what runs as the older version may be refused by now.
      if (member.format < COMMAND_FORMAT) this.#upgrade(member);
      member.healDisk();
      member.resume();
      member.start();
    }
    this.noteFault('everything is mended');
  }

  #upgrade(member: SimMember): void {
    member.format = COMMAND_FORMAT;
    member.crash('process');
  }

  stop(): void {
    this.isStopped = true;
    this.#stop();
  }

  /** All members have applied the same, and there is one leader. */
  isSettled(): boolean {
    const statuses = this.present.map((member) => member.running?.member.raftStatus());
    const [first] = statuses;
    if (first === undefined || first.leader === 0n) return false;
    return statuses.every(
      (s) =>
        s !== undefined &&
        s.leader === first.leader &&
        s.applied === first.applied &&
        s.commit === first.commit &&
        s.applied === s.commit,
    );
  }

  /** Looks at consensus on all members, between the looks that happen anyway. */
  look(): void {
    this.#sampledAt = this.clock.fired;
    for (const { name, running } of this.members) if (running !== undefined) this.#sampleOne(name, running);
  }

  #sample(): void {
    if (this.clock.fired - this.#sampledAt < TIMERS_PER_SAMPLE[this.plan.isQuiet ? 'quiet' : 'busy']) return;
    this.look();
  }

  #sampleOne(name: string, { number, member }: RunningLife): void {
    if (!member.isRunning) return;
    const { role, term, commit, firstIndex, lastIndex } = member.raftStatus();
    const { applied, appliedTerm } = member.machine;
    this.raft.add({
      member: name,
      life: number,
      isLeader: role === 'leader',
      term,
      commit,
      firstIndex,
      lastIndex,
      termOf: (index) => member.termOf(index as Index),
      applied,
      appliedTerm,
    });
  }

  #config(name: string, initialCluster: readonly InitialMember[], state: 'new' | 'existing'): MemberConfig {
    const { tickMs, limits, watchLimits, raftLimits } = this.plan;
    return {
      name,
      dataDir: `/${name}`,
      listenPeerAddresses: [`${name}:2380`],
      advertisePeerUrls: [`http://${name}:2380`],
      advertiseClientUrls: [`http://${name}:2379`],
      initialCluster,
      initialClusterState: state,
      initialClusterToken: 'sim',
      serverVersion: '3.6.0',
      tickMs,
      // The recorder of everybody's events does not mind when they come.
      limits: { ...limits, patientWatchers: 1, sweepRows: 3 },
      watchLimits: { ...watchLimits, fragmentBytes: FRAGMENT_BYTES },
      watchProgressIntervalMs: PROGRESS_INTERVAL_MS,
      ...(raftLimits !== undefined && { raftLimits }),
    };
  }

  #add(config: MemberConfig): SimMember {
    const { clock, network, prng } = this;
    const member = new SimMember({
      config,
      clock,
      network,
      prng,
      onFact: (of, life, fact) => this.#onFact(of, life, fact),
      onChange: (of, type) => this.note(() => `${of.name} ${WORDS[type]}`, { type, member: of.name }),
      onStarted: (of, life) => void recordLife(this, of, life),
      onStartFailed: (of, life, error) => this.#onStartFailed(of, life, error),
    });
    if (this.plan.faults.includes('upgrade') && !this.isOver) member.format = FIRST_COMMAND_FORMAT;
    if (this.plan.drift > 0) member.clockRate = 1 + (2 * prng.unit() - 1) * this.plan.drift;
    this.members.push(member);
    return member;
  }

  #onStartFailed(member: SimMember, life: Life, error: unknown): void {
    const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
    this.note(() => `${member.name} could not start: ${error instanceof Error ? error.message : reason}`);
    if (member.isLeaving && error instanceof MemberRemovedError) member.isRetired = true;
    // Who is in the cluster may have changed since the operator wrote its configuration: he looks again (and has to succeed in the end).
    // Nor does the cluster take in an older version any more once it has gone on.
    const isOutdated =
      !member.hasTakenPart && (reason.includes('cannot join the cluster') || member.format < COMMAND_FORMAT);
    const isExcused = this.#isExcused(member, life, reason) || member.isRetired || isOutdated;
    if (!isExcused) this.violations.push(`${member.name} could not start: ${reason}`);
    member.crash('process');
  }

  #onFact(member: SimMember, life: Life, fact: MemberFact): void {
    this.note(() => `${member.name}#${life.number} ${JSON.stringify(fact, hexIds)}`, markOf(member.name, fact));
    if (fact.type === 'leaderChanged' && life.member !== undefined && !life.isOver)
      this.#sampleOne(member.name, life as RunningLife);
    if (fact.type === 'rebuilt' || fact.type === 'snapshotInstalled') member.isRotten = false;
    if (fact.type !== 'failed' && fact.type !== 'diskFull' && fact.type !== 'fenced' && fact.type !== 'removed') return;
    if (fact.type === 'removed') {
      if (member.isLeaving) member.isRetired = true;
      else this.violations.push(`${member.name} was removed, which nobody had asked for`);
    } else if (!this.#isExcused(member, life, fact.reason))
      this.violations.push(`${member.name} ${fact.type}: ${fact.reason}`);
    if (fact.type === 'fenced') {
      // It goes on, and serves nobody. What is on its disk it cannot mend while it runs: an operator does what it asks for.
      if (member.isRotten) this.clock.after(OPERATOR_LOOKS_MS, () => this.#restart(member, life));
      return;
    }
    this.clock.after(0, () => {
      if (member.life === life) member.crash('process');
    });
  }

  #restart(member: SimMember, life: Life): void {
    if (member.life !== life) return;
    member.crash('process');
    member.start();
  }

  #isExcused(member: SimMember, life: Life, reason: string): boolean {
    // Put back in the moment in which the cluster went on.
    if (member.format < COMMAND_FORMAT && reason.includes('upgrade this member')) return true;
    // The life that was to notice may have been killed before it could.
    if (member.isRotten && reason.includes('is damaged')) return true;
    return life.isExcused || member.isTainted;
  }
}

/** Everything a client can see of a member, as text: equal on all members that have applied the same. */
export function contentOf(member: SimMember): string {
  const machine = member.running?.member.machine;
  if (machine === undefined) return 'down';
  const plan = machine.range({ ...EMPTY_RANGE_REQUEST, key: '\0', rangeEnd: '\0' });
  const kvs = plan.type === 'ready' ? plan.kvs.map((kv) => byteString(kv)) : [plan.type];
  const leases = machine
    .leaseIds()
    .map((id) => [id.toString(16), machine.lease(id)?.keys, machine.lease(id)?.grantedTtlSeconds]);
  const members = machine.members().map(({ ID, ...rest }) => ({ ...rest, ID: ID.toString(16) }));
  const { auth, revision, compactRevision: compact } = machine;
  const users = auth.userNames().map((name) => byteString(encodeUser(auth.user(name) ?? EMPTY_USER)));
  const roles = auth.roleNames().map((name) => byteString(encodeRole(auth.role(name) ?? EMPTY_ROLE)));
  const conf = confText(machine.conf());
  return JSON.stringify({
    revision,
    compact,
    kvs,
    leases,
    members,
    conf,
    auth: [auth.revision, auth.enabled, users, roles],
  });
}

function confText({ voters, votersOutgoing, learners }: ConfState): string {
  return [voters, votersOutgoing, learners].map((ids) => ids.map((id) => id.toString(16)).join(' ')).join(' | ');
}

function initialMember(name: string): InitialMember {
  return { name, peerUrls: [`http://${name}:2380`] };
}

const WORDS = { up: 'is started', down: 'is down', pause: 'stands still', resume: 'goes on' } as const;

function markOf(member: string, fact: MemberFact): TraceMark | undefined {
  if (fact.type !== 'leaderChanged') return undefined;
  return fact.isSelf ? { type: 'leader', member, term: fact.term } : { type: 'follower', member };
}

function hexIds(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString(16) : value;
}

/** Consensus must bear whatever becomes of its messages; a call between members is answered on its connection or not at all. */
function isRaftFrame(chunk: Uint8Array): boolean {
  try {
    return decodePeerFrame(chunk.subarray(FRAME_HEADER_BYTES)).frame?.case === 'raft';
  } catch {
    return false; // a part of a frame
  }
}
