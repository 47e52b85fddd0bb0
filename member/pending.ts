import type { Index } from '../base/brand.ts';
import type { Entry } from '../raft/types.ts';
import type { Applied } from '../storage/machine/machine.ts';
import type { Deadline } from './deadline.ts';
import type { Expiring } from './expiry.ts';

/** A proposal as it goes to the leader. */
export interface ProposalData {
  readonly type: Entry['type'];
  readonly data: Uint8Array;
}

/** A command on its way. */
export class Pending implements Expiring {
  readonly id: bigint;
  readonly proposal: ProposalData;
  readonly startMs: number;
  readonly deadline: Deadline;
  readonly resolve: (applied: Applied) => void;
  readonly reject: (error: unknown) => void;
  /** Called when nobody waits for it any more. */
  readonly canceled: () => void;
  /** `waiting`: no leader has it; `asking`: it is about to be sent, or nobody knows yet; `placed`: a leader appended it. */
  state: 'waiting' | 'asking' | 'placed' = 'waiting';
  /** Where a leader has put it; only while it is placed. */
  index = 0 as Index;
  /** Another one that was placed, and is found in the same place. */
  sibling: Pending | undefined;

  constructor(
    of: { readonly id: bigint; readonly proposal: ProposalData; readonly startMs: number; readonly deadline: Deadline },
    settle: { readonly resolve: (applied: Applied) => void; readonly reject: (error: unknown) => void },
    canceled: (pending: Pending) => void,
  ) {
    this.id = of.id;
    this.proposal = of.proposal;
    this.startMs = of.startMs;
    this.deadline = of.deadline;
    this.resolve = settle.resolve;
    this.reject = settle.reject;
    this.canceled = () => canceled(this);
  }

  get deadlineMs(): number {
    return this.deadline.atMs;
  }
}

/** Room for so many at first; it doubles when half of it is taken. A power of two, as every capacity is. */
const FIRST_CAPACITY = 1024;

/**
 * The commands that somebody waits for, by id and by the index at which they were placed. Both only grow, so their lowest bits say where to look: a
 * Map would be made anew again and again by keys that come and go, and what it is made of lives long enough to be collected the dear way.
 */
export class PendingCommands {
  readonly #firstId: bigint;
  #lastId: bigint;
  #size = 0;
  /** At the lowest bits of its id, which is chosen so that the place is free. */
  #byId: (Pending | undefined)[] = places(FIRST_CAPACITY);
  /** At the lowest bits of the index, with siblings. Also those that nobody waits for any more, until their index is applied. */
  #byIndex: (Pending | undefined)[] = places(FIRST_CAPACITY);

  /** Ids begin behind `firstId`. */
  constructor(firstId: bigint) {
    this.#firstId = firstId;
    this.#lastId = firstId;
  }

  get size(): number {
    return this.#size;
  }

  /** The id of the next command, to be given to `add`. */
  nextId(): bigint {
    do this.#lastId++;
    while (this.#byId[this.#placeOf(this.#lastId)] !== undefined);
    return this.#lastId;
  }

  add(pending: Pending): void {
    this.#byId[this.#placeOf(pending.id)] = pending;
    this.#size++;
    if (2 * this.#size > this.#byId.length) this.#grow();
  }

  /** The command with an id that any member may have given. */
  get(id: bigint): Pending | undefined {
    // Most entries are other members' commands: to compare costs less than to look.
    if (id <= this.#firstId || id > this.#lastId) return undefined;
    const found = this.#byId[this.#placeOf(id)];
    return found?.id === id ? found : undefined;
  }

  /** Whether somebody waits for it. */
  has(pending: Pending): boolean {
    return this.#byId[this.#placeOf(pending.id)] === pending;
  }

  /** Nobody waits for it any more. */
  delete(pending: Pending): void {
    if (!this.has(pending)) return;
    this.#byId[this.#placeOf(pending.id)] = undefined;
    this.#size--;
  }

  /** Those that somebody waits for, nearly in the order in which they came. */
  *values(): Generator<Pending, void> {
    const byId = this.#byId;
    const first = this.#placeOf(this.#lastId) + 1;
    for (let i = 0; i < byId.length; i++) {
      const pending = byId[(first + i) & (byId.length - 1)];
      if (pending !== undefined) yield pending;
    }
  }

  /** A leader has put it into its log at `index`. */
  place(pending: Pending, index: Index): void {
    pending.index = index;
    const place = index & (this.#byIndex.length - 1);
    pending.sibling = this.#byIndex[place];
    this.#byIndex[place] = pending;
  }

  /** Takes out those that were placed at `index`, under whichever leader; calls `each` with them. */
  takePlaced(index: Index, each: (pending: Pending) => void): void {
    const place = index & (this.#byIndex.length - 1);
    let pending = this.#byIndex[place];
    if (pending === undefined) return;
    this.#byIndex[place] = undefined;
    while (pending !== undefined) {
      const { sibling } = pending as Pending;
      if (pending.index === index) each(pending);
      else this.place(pending, pending.index);
      pending = sibling;
    }
  }

  /** Forgets where those up to `index` were placed. */
  forgetPlaced(index: Index): void {
    this.#replaceAll((pending) => pending.index > index);
  }

  clear(): void {
    this.#byId = places(FIRST_CAPACITY);
    this.#byIndex = places(FIRST_CAPACITY);
    this.#size = 0;
  }

  #placeOf(id: bigint): number {
    return Number(BigInt.asUintN(32, id)) & (this.#byId.length - 1);
  }

  #grow(): void {
    const waiting = [...this.values()];
    this.#byId = places(2 * this.#byId.length);
    for (const pending of waiting) this.#byId[this.#placeOf(pending.id)] = pending;
    this.#replaceAll(() => true);
  }

  /** Places those that `keeps` anew, in as many places as there are by id. */
  #replaceAll(keeps: (pending: Pending) => boolean): void {
    const before = this.#byIndex;
    this.#byIndex = places(this.#byId.length);
    for (let pending of before) {
      while (pending !== undefined) {
        const { sibling } = pending as Pending;
        if (keeps(pending)) this.place(pending, pending.index);
        pending = sibling;
      }
    }
  }
}

function places(count: number): (Pending | undefined)[] {
  return new Array<Pending | undefined>(count).fill(undefined);
}
