import assert from 'node:assert/strict';
import type { Index, MemberId, Term } from '../../base/brand.ts';
import { utf8Bytes, utf8Text } from '../../base/bytes.ts';
import { Prng } from '../../base/prng.ts';
import { bootstrapState, JOINING_STATE } from '../../raft/bootstrap.ts';
import type { ConfChange, ConfState, Entry, Message, RaftOptions } from '../../raft/types.ts';
import { Member } from './member.ts';

export interface WorldOptions {
  readonly members: number;
  readonly seed: number;
  readonly preVote: boolean;
  readonly checkQuorum: boolean;
  /** Small ones make many messages of one batch. */
  readonly maxMessageBytes: number;
}

/** How badly the network and the disks behave while time passes, in [0, 1]. */
export interface Weather {
  readonly loss: number;
  readonly duplication: number;
  /** A message is overtaken by later ones. */
  readonly disorder: number;
  /** A message is held back, perhaps until everything has changed. */
  readonly delay: number;
  /** A disk write is late. */
  readonly slowDisk: number;
  /** In each step: a crash (and a restart of who is down), a new partition, somebody campaigns. */
  readonly faults: number;
  /** In each step: a proposal, a read. */
  readonly load: number;
}

const CALM: Weather = { loss: 0, duplication: 0, disorder: 0, delay: 0, slowDisk: 0, faults: 0, load: 0 };
const RELEASE_PER_STEP = 0.03;
const MAX_QUEUED = 2_000;

/** Members, a network and disks that misbehave on request, and a watch over everything that Raft promises. */
export class World {
  readonly members = new Map<number, Member>();
  readonly #options: WorldOptions;
  readonly #prng: Prng;
  #queue: Message[] = [];
  #heldBack: Message[] = [];
  /** Members in different groups do not hear each other. */
  #groupOf: (member: MemberId) => number = () => 0;
  #proposals = 0;
  #reads = 0n;

  readonly #leaders = new Map<Term, MemberId>();
  /** What was applied first at each index; `within`: the term of the member that applied it. */
  readonly #chosen: { readonly index: Index; readonly term: Term; readonly text: string; readonly within: Term }[] = [];
  /** Reads on their way, with the newest applied index that anybody had when they were asked. */
  readonly #readFloors = new Map<string, Index>();
  answeredReads = 0;

  constructor(options: WorldOptions) {
    this.#options = options;
    this.#prng = new Prng(options.seed);
    const first = Array.from({ length: options.members }, (_, i) => ({
      id: BigInt(i + 1) as MemberId,
      context: new Uint8Array(0),
    }));
    for (const { id } of first) this.#start(id, bootstrapState(first));
    // Two more who may be added to the cluster later.
    this.#start(BigInt(options.members + 1) as MemberId, JOINING_STATE);
    this.#start(BigInt(options.members + 2) as MemberId, JOINING_STATE);
  }

  get chosen(): number {
    return this.#chosen.length;
  }

  /** Time passes: each step delivers some messages, and every few a clock ticks. */
  run(steps: number, weather: Weather): void {
    const prng = this.#prng;
    for (let step = 0; step < steps; step++) {
      if (prng.chance(0.15)) this.#tickOne();
      this.#strike(weather);
      if (this.#heldBack.length > 0 && prng.chance(RELEASE_PER_STEP)) this.#release();
      for (let i = 0; i < 3 && this.#queue.length > 0; i++) this.#deliverOne(weather);
      for (const member of this.members.values()) {
        member.stalled = weather.slowDisk > 0;
        if (member.unpersisted.length > 0 && !prng.chance(weather.slowDisk)) this.#persistSome(member);
      }
    }
    this.#checkLogMatching();
  }

  propose(who: number, count: number): void {
    for (let i = 0; i < count; i++) this.#at(who)?.raft?.propose(utf8Bytes(`p${++this.#proposals}`));
    this.#at(who)?.settle();
  }

  proposeConf(who: number, { changes, ...rest }: ConfChange): void {
    const existing = changes.filter(({ member }) => this.members.has(Number(member)));
    this.#at(who)?.raft?.proposeConfChange({ ...rest, changes: existing });
    this.#at(who)?.settle();
  }

  read(who: number): void {
    const member = this.#at(who);
    if (member?.raft === undefined) return;
    const context = ++this.#reads;
    this.#readFloors.set(`${member.id}/${context}`, this.#chosen.length as Index);
    member.raft.readIndex(context);
    member.settle();
  }

  sendDeferred(who: number): void {
    this.#at(who)?.raft?.sendDeferred();
    this.#at(who)?.settle();
  }

  transfer(who: number, to: number): void {
    this.#at(who)?.raft?.transferLeader(BigInt(to) as MemberId);
    this.#at(who)?.settle();
  }

  campaign(who: number): void {
    this.#at(who)?.raft?.campaign();
    this.#at(who)?.settle();
  }

  stepDown(who: number): void {
    this.#at(who)?.raft?.stepDown();
    this.#at(who)?.settle();
  }

  compact(who: number, keep: number): void {
    const member = this.#at(who);
    const index = (member?.raft?.status().applied ?? 0) - keep;
    if (index > 0) member?.compact(index as Index);
  }

  crash(who: number, { written, appliedBack }: { readonly written: number; readonly appliedBack: number }): void {
    const member = this.#at(who);
    if (member?.raft === undefined) return;
    member.crash({ written: Math.floor(member.unpersisted.length * written), appliedBack });
  }

  restart(who: number): void {
    const member = this.#at(who);
    if (member === undefined || member.raft !== undefined) return;
    member.restart();
    member.settle();
  }

  /** Bit i of `mask` is the side that member i + 1 is on. */
  partition(mask: number): void {
    this.#groupOf = (member) => (mask >> Number(member - 1n)) & 1;
  }

  /** Everything works again: the cluster must elect, commit, and bring everybody up to date. */
  healAndCheckLiveness(): void {
    this.#groupOf = () => 0;
    for (const id of this.members.keys()) this.restart(id);
    const readsBefore = this.answeredReads;
    let last: string | undefined;
    for (let round = 0; round < 15; round++) {
      this.run(400, CALM);
      const leader = this.#settledLeader();
      if (leader === undefined) continue;
      const proposed = last !== undefined && leader.history.some(({ text }) => text === last);
      if (proposed && this.#isEverywhere(leader, last ?? '') && this.answeredReads > readsBefore) return;
      if (!proposed) this.propose(Number(leader.id), 3);
      last = `p${this.#proposals}`;
      this.read(Number(leader.id));
    }
    assert.fail(`no progress after healing: ${[...this.members.values()].map(describe).join('; ')}`);
  }

  #start(id: MemberId, state: typeof JOINING_STATE): void {
    const { preVote, checkQuorum, seed, maxMessageBytes } = this.#options;
    const options: RaftOptions = {
      id,
      electionTicks: 5,
      heartbeatTicks: 1,
      preVote,
      checkQuorum,
      maxMessageBytes,
      maxInflightMessages: 4,
      maxInflightBytes: 300,
      maxUncommittedBytes: 2_000,
      snapshotChunkBytes: 400,
      seed,
    };
    const member = new Member(options, state, {
      send: (message) => {
        // A mouthful of a copy: what is on the wire must not change under its sender.
        if (this.#queue.length < MAX_QUEUED) this.#queue.push({ ...message });
      },
      soft: (who, soft) => {
        if (soft.role === 'leader') this.#checkLeader(who, soft.term);
      },
      apply: (who, entry) => this.#checkApplied(who, entry),
      install: (who) => this.#checkInstalled(who),
      read: (who, { context, index }) => {
        const floor = this.#readFloors.get(`${who.id}/${context}`);
        assert(floor !== undefined, `read ${context} was answered twice`);
        assert(index >= floor, `stale read: ${who.id} answers at ${index}, ${floor} was applied before the read`);
        this.#readFloors.delete(`${who.id}/${context}`);
        this.answeredReads++;
      },
      readDropped: (who, context) => void this.#readFloors.delete(`${who.id}/${context}`),
    });
    this.members.set(Number(id), member);
    member.settle();
  }

  #at(who: number): Member | undefined {
    return this.members.get(who);
  }

  #tickOne(): void {
    // Clocks run at different speeds.
    for (const member of this.members.values()) {
      if (this.#prng.chance(0.2)) continue;
      member.raft?.tick();
      member.settle();
    }
  }

  #deliverOne(weather: Weather): void {
    const at = this.#prng.chance(weather.disorder) ? this.#prng.between(0, this.#queue.length - 1) : 0;
    const message = this.#queue[at] as Message;
    if (!this.#prng.chance(weather.duplication)) this.#queue.splice(at, 1);
    if (this.#prng.chance(weather.delay)) return void this.#heldBack.push(message);
    if (this.#prng.chance(weather.loss) || this.#groupOf(message.from) !== this.#groupOf(message.to)) return;
    const member = this.#at(Number(message.to));
    member?.raft?.step(message);
    member?.settle();
  }

  /** What befalls the cluster, and what is asked of it, in one step. */
  #strike({ faults, load }: Weather): void {
    const prng = this.#prng;
    const who = prng.between(1, this.members.size);
    if (prng.chance(load)) this.propose(who, prng.between(1, 3));
    if (prng.chance(load)) this.read(who);
    if (prng.chance(load)) this.#at(who)?.raft?.setUnattended(prng.chance(0.7));
    if (prng.chance(load / 2)) this.sendDeferred(who);
    if (prng.chance(faults)) this.#crashSomebody();
    if (prng.chance(faults * 2)) this.restart(prng.between(1, this.members.size));
    if (prng.chance(faults / 2)) this.partition(prng.chance(0.3) ? 0 : prng.between(0, 31));
    if (prng.chance(faults)) {
      this.campaign(prng.between(1, this.members.size));
      if (prng.chance(0.5)) this.campaign(prng.between(1, this.members.size)); // rivals
    }
    if (prng.chance(faults / 4)) this.proposeConf(who, this.#randomChange());
  }

  /** Most of all those who have something to lose. Half of them are back at once. */
  #crashSomebody(): void {
    const prng = this.#prng;
    const busy = [...this.members.values()].filter((member) => member.unpersisted.length > 0);
    const victim = prng.pick(busy.length > 0 ? busy : [...this.members.values()]);
    const written = prng.chance(0.5) ? 0 : prng.unit();
    this.crash(Number(victim.id), { written, appliedBack: prng.between(0, 2) });
    if (prng.chance(0.5)) this.restart(Number(victim.id));
  }

  #randomChange(): ConfChange {
    const prng = this.#prng;
    const ids = [...this.members.keys()].filter(() => prng.chance(0.4));
    const changes = ids.map((id) => ({
      type: prng.pick(['add-voter', 'add-voter', 'add-learner', 'remove'] as const),
      member: BigInt(id) as MemberId,
    }));
    const transition = prng.pick(['auto', 'joint-implicit', 'joint-explicit'] as const);
    return { transition, changes, context: new Uint8Array(0) };
  }

  #release(): void {
    const at = this.#prng.between(0, this.#heldBack.length - 1);
    this.#queue.push(...this.#heldBack.splice(at, 1));
  }

  #persistSome(member: Member): void {
    member.persist(this.#prng.between(1, member.unpersisted.length));
    member.settle();
  }

  /** Election safety, and leader completeness: at most one leader in a term, and it has all that was committed before. */
  #checkLeader(member: Member, term: Term): void {
    const other = this.#leaders.get(term) ?? member.id;
    assert.equal(member.id, other, `two leaders in term ${term}`);
    this.#leaders.set(term, member.id);
    const { raft } = member;
    const first = raft?.status().firstIndex ?? 0;
    for (const { index, term: entryTerm, within } of this.#chosen) {
      if (within >= term || index < first - 1) continue;
      assert.equal(
        raft?.termOf(index),
        entryTerm,
        `leader ${member.id} of term ${term} lacks committed entry ${index}`,
      );
    }
  }

  /** State machine safety: nobody ever applies another entry at the same index. */
  #checkApplied(member: Member, { index, term, type, data }: Entry): void {
    const text = type === 'conf' ? '(conf)' : utf8Text(data);
    const expected = this.#chosen[index - 1];
    if (expected === undefined) {
      assert.equal(index, this.#chosen.length + 1, 'entries are applied in order');
      this.#chosen.push({ index, term, text, within: member.raft?.status().term ?? term });
    } else {
      assert.deepEqual(
        { term, text },
        { term: expected.term, text: expected.text },
        `${member.id} applies another ${index}`,
      );
    }
    assert.equal(member.history.at(-1)?.index, index);
    const previous = member.history.at(-2);
    assert(previous === undefined || previous.index === index - 1, `${member.id} skips to ${index}`);
  }

  #checkInstalled({ id, history }: Member): void {
    for (const { index, term, text } of history) {
      const expected = this.#chosen[index - 1];
      assert.deepEqual(
        { term, text },
        { term: expected?.term, text: expected?.text },
        `snapshot at ${id} differs at ${index}`,
      );
    }
  }

  /** If two logs have the same term at an index, they are the same up to there. */
  #checkLogMatching(): void {
    const members = [...this.members.values()];
    members.forEach((a, i) => {
      for (const b of members.slice(i + 1)) checkPair(a, b);
    });
  }

  #settledLeader(): Member | undefined {
    const leader = [...this.members.values()]
      .filter((member) => member.raft?.status().role === 'leader')
      .sort((a, b) => (b.raft?.status().term ?? 0) - (a.raft?.status().term ?? 0))[0];
    if (leader === undefined) return undefined;
    if (leader.conf.votersOutgoing.length === 0) return leader;
    this.proposeConf(Number(leader.id), { transition: 'auto', changes: [], context: new Uint8Array(0) });
    return undefined;
  }

  #isEverywhere(leader: Member, text: string): boolean {
    return [...leader.conf.voters, ...leader.conf.learners].every((id) =>
      this.#at(Number(id))?.history.some((applied) => applied.text === text),
    );
  }
}

function checkPair(a: Member, b: Member): void {
  const ofB = new Map(b.entries.map((entry) => [entry.index, entry]));
  const common = a.entries.filter((entry) => ofB.has(entry.index));
  const lastEqual = common.findLastIndex((entry) => ofB.get(entry.index)?.term === entry.term);
  for (const entry of common.slice(0, lastEqual + 1)) {
    const other = ofB.get(entry.index);
    assert.equal(entry.term, other?.term, `logs of ${a.id} and ${b.id} agree later but not at ${entry.index}`);
    assert.equal(
      utf8Text(entry.data),
      utf8Text(other?.data ?? new Uint8Array(0)),
      `same term, other data at ${entry.index}`,
    );
  }
}

function describe({ id, raft, conf, applied }: Member): string {
  const { role, term, commit, lastIndex } = raft?.status() ?? {};
  return `${id} ${role} term ${term} commit ${commit} applied ${applied} last ${lastIndex} ${describeVoters(conf)}`;
}

function describeVoters({ voters, votersOutgoing, learners }: ConfState): string {
  return `voters ${voters}/${votersOutgoing}/${learners}`;
}
