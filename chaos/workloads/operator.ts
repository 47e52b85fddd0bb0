import type { Prng } from '../../base/prng.ts';
import { COMMAND_FORMAT } from '../../proto/command.ts';
import type { SimMember } from '../sim/sim-member.ts';
import type { World } from '../sim/world.ts';
import { attempt } from './calls.ts';

/** Milliseconds for which an order of unknown outcome may still come true. */
const DOUBT_MS = 60_000;
const OPERATOR = -1;
const NAME = 'operator';

/** Rebuilds members whose disk is damaged, under another name; with `members` among the faults, others too. */
export async function runOperator(world: World, prng: Prng): Promise<void> {
  await new Operator(world, prng).run();
}

class Operator {
  readonly #world: World;
  readonly #prng: Prng;
  readonly #joining = new Set<SimMember>();
  #count = 0;
  #nextChangeMs: number;
  /** Until then the member list may differ from what was ordered. */
  #doubtMs = 0;

  constructor(world: World, prng: Prng) {
    this.#world = world;
    this.#prng = prng;
    this.#nextChangeMs = world.clock.nowMs() + 5000;
  }

  async run(): Promise<void> {
    const world = this.#world;
    while (!world.isStopped) {
      if (this.#joining.size === 0 && this.#damaged() === undefined) world.changers.delete(NAME);
      await world.clock.sleep(world.plan.operatorLookMs);
      if (world.isStopped) return;
      world.changers.add(NAME);
      await this.#look();
    }
  }

  async #look(): Promise<void> {
    const { clock, plan } = this.#world;
    if (clock.nowMs() < this.#doubtMs) await this.#reconcile();
    for (const member of this.#joining) if (await this.#promote(member)) this.#joining.delete(member);
    if (this.#joining.size > 0) return;
    const damaged = this.#damaged();
    if (damaged === undefined && !this.#isChangeDue()) return;
    const { operatorPauseMs } = plan;
    this.#nextChangeMs = clock.nowMs() + operatorPauseMs * (0.4 + this.#prng.unit());
    const { present } = this.#world;
    const gone = damaged ?? (present.length > 3 || this.#prng.chance(0.5) ? this.#prng.pick(present) : undefined);
    if (gone !== undefined && !(await this.#remove(gone))) return;
    const added = await this.#add(`n${++this.#count}`);
    if (added !== undefined) this.#joining.add(added);
  }

  #damaged(): SimMember | undefined {
    return this.#world.present.find(({ isTainted, isDown }) => isTainted && isDown);
  }

  /** Nobody else goes while a disk is damaged that nobody has noticed yet: that could be one too many. */
  #isChangeDue(): boolean {
    const { plan, isOver, present, clock } = this.#world;
    const isSpared = !isOver && present.every(({ isTainted }) => !isTainted);
    return plan.faults.includes('members') && isSpared && clock.nowMs() > this.#nextChangeMs;
  }

  /** What was ordered and nobody knows of may have come about: who is not in the list has gone, and whom nobody wants there is taken out. */
  async #reconcile(): Promise<void> {
    const { present } = this.#world;
    const listed = await this.#list();
    if (listed === undefined) return;
    for (const member of present) if (member.isLeaving && !listed.includes(urlOf(member.name))) this.#retire(member);
    const wanted = new Set(this.#world.present.map(({ name }) => urlOf(name)));
    for (const url of listed) if (!wanted.has(url)) await this.#order((kv) => removeUrl(kv, url));
  }

  /** The peer URLs of all that the cluster knows. */
  async #list(): Promise<readonly string[] | undefined> {
    const list = await this.#ask((kv) => kv.memberList({ linearizable: true }));
    return list?.members.flatMap(({ peerURLs }) => peerURLs);
  }

  /** True once the cluster knows it no more. */
  async #remove(member: SimMember): Promise<boolean> {
    member.isLeaving = true;
    const removed = await this.#order((kv) => removeUrl(kv, urlOf(member.name)), { notAt: member });
    this.#world.noteFault(`the operator removes ${member.name}: ${removed === true ? 'done' : 'unknown'}`);
    if (removed === true) this.#retire(member);
    return removed === true;
  }

  #retire(member: SimMember): void {
    this.#joining.delete(member);
    member.isRetired = true;
    member.crash('process');
  }

  async #add(name: string): Promise<SimMember | undefined> {
    const added = await this.#order((kv) => kv.memberAdd({ peerURLs: [urlOf(name)], isLearner: true }));
    this.#world.noteFault(`the operator adds ${name}: ${added !== undefined ? 'done' : 'unknown'}`);
    if (added === undefined) return undefined;
    // Its --initial-cluster is what the answer says, as etcdctl prints it.
    const member = this.#world.addJoining(
      name,
      added.members.flatMap(({ peerURLs }) => peerURLs),
    );
    member.start();
    return member;
  }

  /** True once the learner votes. */
  async #promote(member: SimMember): Promise<boolean> {
    if (member.isDown && !member.hasTakenPart) {
      // The list may have changed since it was added, and the cluster's format: an operator looks again before the next start.
      const listed = await this.#list();
      if (listed !== undefined) member.expect(listed);
      member.format = COMMAND_FORMAT;
      member.start();
    }
    const url = urlOf(member.name);
    const isDone = await this.#ask(async (kv) => {
      const { members } = await kv.memberList({ linearizable: true });
      const found = members.find(({ peerURLs }) => peerURLs.includes(url));
      if (found === undefined || !found.isLearner) return true;
      await kv.memberPromote({ ID: found.ID });
      return true;
    });
    if (isDone === true) this.#world.noteFault(`${member.name} votes`);
    return isDone === true;
  }

  /** An order, after which there is doubt when nobody knows what came of it. */
  async #order<T>(act: Act<T>, options: { readonly notAt?: SimMember } = {}): Promise<T | undefined> {
    const done = await this.#ask(act, options);
    if (done === undefined) this.#doubtMs = this.#world.clock.nowMs() + DOUBT_MS;
    return done;
  }

  async #ask<T>(act: Act<T>, { notAt }: { readonly notAt?: SimMember } = {}): Promise<T | undefined> {
    const target = this.#world.someMember(this.#prng);
    if (target === undefined || target.at === notAt) return undefined;
    return attempt(this.#world, OPERATOR, target, act);
  }
}

type Kv = Parameters<Parameters<typeof attempt>[3]>[0];
type Act<T> = (kv: Kv) => Promise<T>;

async function removeUrl(kv: Kv, url: string): Promise<true> {
  const { members } = await kv.memberList({ linearizable: true });
  const found = members.find(({ peerURLs }) => peerURLs.includes(url));
  if (found !== undefined) await kv.memberRemove({ ID: found.ID });
  return true;
}

function urlOf(name: string): string {
  return `http://${name}:2380`;
}
