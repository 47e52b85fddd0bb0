import type { Index, MemberId } from '../base/brand.ts';
import type { Clock } from '../io/doors.ts';
import type { Message } from '../raft/types.ts';
import { MEMBER_LIMITS } from './limits.ts';

type Append = Extract<Message, { type: 'append' }>;

export interface CommitNoticesOptions {
  readonly clock: Clock;
  readonly send: (messages: readonly Message[]) => void;
}

/**
 * Holds back appends that only tell a follower how far the commit has come: the next entries bring it, and under load there are some at once.
 * So a write costs one round of messages instead of two. A follower where somebody waits for the commit, because the entry came from there
 * or because a read does, is told without delay; all others after `commitNoticeMs`.
 */
export class CommitNotices {
  readonly #options: CommitNoticesOptions;
  readonly #held = new Map<MemberId, Held>();
  /** Between which indexes somebody waits at each follower, above what it was told. */
  readonly #awaited = new Map<MemberId, { readonly first: number; readonly last: number }>();
  #cancelTimer: (() => void) | undefined;

  constructor(options: CommitNoticesOptions) {
    this.#options = options;
  }

  /** Somebody at `member` waits until `index` is committed. */
  awaits(member: MemberId, index: Index): void {
    this.#awaited.set(member, { first: this.#awaited.get(member)?.first ?? index, last: index });
  }

  /** Sends what consensus wants to be sent, in its order, notices perhaps later. */
  send(messages: readonly Message[]): void {
    if (messages.length === 0) return;
    this.#options.send(messages.some(concerns) ? this.#sorted(messages) : messages);
  }

  stop(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    this.#held.clear();
    this.#awaited.clear();
  }

  #sorted(messages: readonly Message[]): readonly Message[] {
    const sent: Message[] = [];
    for (const message of messages) {
      const { to } = message;
      if (message.type === 'append') {
        const before = this.#held.get(to);
        this.#held.delete(to); // the commit of this one is as high
        if (message.quiet && !this.#isAwaited(message)) this.#hold(message, before);
        else {
          sent.push(message);
          this.#told(message);
        }
        continue;
      }
      const held = message.type === 'read-index-response' ? this.#held.get(to) : undefined;
      if (held !== undefined) {
        this.#held.delete(to);
        sent.push(held.message);
      }
      sent.push(message);
    }
    return sent;
  }

  #isAwaited({ to, commit }: Append): boolean {
    return (this.#awaited.get(to)?.first ?? Number.POSITIVE_INFINITY) <= commit;
  }

  #told({ to, commit }: Append): void {
    const awaited = this.#awaited.get(to);
    if (awaited === undefined || awaited.first > commit) return;
    if (awaited.last <= commit) this.#awaited.delete(to);
    else this.#awaited.set(to, { first: commit + 1, last: awaited.last });
  }

  #hold(message: Append, before: Held | undefined): void {
    const dueMs = before?.dueMs ?? this.#options.clock.nowMs() + MEMBER_LIMITS.commitNoticeMs;
    this.#held.set(message.to, { message, dueMs });
    this.#cancelTimer ??= this.#options.clock.after(MEMBER_LIMITS.commitNoticeMs, () => this.#sendDue());
  }

  /** The timer was set for one that entries may have brought since: what is held now may have time, though not for less than a timer can tell. */
  #sendDue(): void {
    this.#cancelTimer = undefined;
    const nowMs = this.#options.clock.nowMs() + MEMBER_LIMITS.commitNoticeMs / 2;
    const due: Append[] = [];
    for (const [to, { message, dueMs }] of this.#held) {
      if (dueMs > nowMs) continue;
      this.#held.delete(to);
      due.push(message);
    }
    if (this.#held.size > 0) {
      this.#cancelTimer = this.#options.clock.after(MEMBER_LIMITS.commitNoticeMs, () => this.#sendDue());
    }
    if (due.length > 0) this.#options.send(due);
  }
}

/** A notice that waits, since the first one that it stands for. */
interface Held {
  readonly message: Append;
  readonly dueMs: number;
}

function concerns({ type }: Message): boolean {
  return type === 'append' || type === 'read-index-response';
}
