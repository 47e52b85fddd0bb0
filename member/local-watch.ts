import { StoreError } from '../base/store-error.ts';
import type { WatchStream } from '../client/kv-client.ts';
import type { WatchCreateRequest, WatchResponse } from '../proto/gen/etcd.ts';
import type { HubStream } from '../watch/hub-stream.ts';
import type { Member } from './member.ts';

/** A stream that requires a leader ends after so many election timeouts without one. Source: etcd v3rpc/interceptor.go. */
const LEADERLESS_ELECTIONS = 3;

/** One watch stream on the member's hub. */
export class LocalWatchStream implements WatchStream {
  readonly #member: Member;
  readonly #stream: HubStream;
  readonly #cancelGuard: () => void;
  #wake: (() => void) | undefined;
  #isClosed = false;
  #failure: StoreError | undefined;

  constructor(member: Member, options: { readonly requireLeader: boolean }) {
    this.#member = member;
    this.#stream = member.watches.open(() => this.#wakeUp());
    if (options.requireLeader && member.leader === 0n) this.#failure = new StoreError('NO_LEADER');
    this.#cancelGuard = options.requireLeader ? this.#guardLeader() : () => undefined;
  }

  create(request: WatchCreateRequest): void {
    if (!this.#isOver) this.#member.watches.create(this.#stream, request);
  }

  cancel(watchId: number): void {
    if (!this.#isOver) this.#member.watches.cancel(this.#stream, watchId);
  }

  requestProgress(): void {
    if (!this.#isOver) this.#member.watches.requestProgress(this.#stream);
  }

  async next(): Promise<readonly WatchResponse[] | undefined> {
    while (this.#stream.isEmpty && !this.#isOver) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    if (this.#isClosed) return undefined;
    if (!this.#stream.isEmpty) return this.#member.watches.take(this.#stream);
    const { endedBy } = this.#stream;
    const failure = this.#failure ?? new StoreError(endedBy ?? 'STOPPED');
    this.close();
    throw failure;
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#cancelGuard();
    this.#member.watches.close(this.#stream);
    this.#wakeUp();
  }

  get #isOver(): boolean {
    return (
      this.#isClosed || this.#failure !== undefined || this.#stream.endedBy !== undefined || !this.#member.isServing
    );
  }

  #wakeUp(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }

  /** Looks every tick whether there is a leader; returns what ends the looking. */
  #guardLeader(): () => void {
    const { clock } = this.#member.doors;
    const { tickMs, electionMs } = this.#member.times;
    let lostMs: number | undefined;
    let cancel = (): void => undefined;
    const look = (): void => {
      if (this.#isOver) return;
      if (this.#member.leader !== 0n) lostMs = undefined;
      else lostMs ??= clock.nowMs();
      if (lostMs !== undefined && clock.nowMs() - lostMs >= LEADERLESS_ELECTIONS * electionMs) {
        this.#failure = new StoreError('NO_LEADER');
        this.#wakeUp();
      } else {
        cancel = clock.after(tickMs, look);
      }
    };
    look();
    return () => cancel();
  }
}
