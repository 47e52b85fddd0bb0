import { StoreError } from '../base/store-error.ts';
import type { CommandBody } from '../proto/command.ts';
import type { Identity } from '../proto/gen/command.ts';
import type { Rights } from '../storage/auth/authorize.ts';
import type { Applied, Outcome } from '../storage/machine/machine.ts';
import type { Guarded } from './auth/auth-gate.ts';
import type { Deadline } from './deadline.ts';
import type { Member } from './member.ts';

/** A command that was done. */
export type Accepted<T extends Outcome['type']> = Applied & {
  readonly outcome: Extract<Outcome, { readonly type: T }>;
};

/** A command that goes through the log in the name of whoever may do it. */
export class Proposed<T extends Outcome['type']> implements Guarded<Accepted<T>> {
  readonly deadline: Deadline;
  readonly #member: Member;
  readonly #body: CommandBody;
  readonly #expected: T;

  constructor(member: Member, body: CommandBody, expected: T, deadline: Deadline) {
    this.#member = member;
    this.#body = body;
    this.#expected = expected;
    this.deadline = deadline;
  }

  check({ identity }: Rights): StoreError | undefined {
    return this.#member.machine.forbids(identity, this.#body);
  }

  work(identity: Identity | undefined): Promise<Accepted<T>> {
    return this.#member.propose(this.#body, this.deadline, { identity }).then((applied) => this.#accepted(applied));
  }

  /** Errors: the refusal that it came to. */
  #accepted(applied: Applied): Accepted<T> {
    const { outcome } = applied;
    if (outcome.type === 'error') throw outcome.error;
    if (outcome.type === this.#expected) return applied as Accepted<T>;
    throw new StoreError('INTERNAL', `a ${outcome.type} outcome of a ${this.#expected}`);
  }
}
