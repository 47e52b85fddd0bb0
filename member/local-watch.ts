import { StoreError } from '../base/store-error.ts';
import type { CallCredentials, WatchStream } from '../client/kv-client.ts';
import type { Identity } from '../proto/gen/command.ts';
import type { WatchCreateRequest, WatchResponse } from '../proto/gen/etcd.ts';
import { checkWatch } from '../storage/auth/authorize.ts';
import type { HubStream } from '../watch/hub-stream.ts';
import type { Access } from './auth/access.ts';
import { TOKEN_LIMITS } from './limits.ts';
import type { Member } from './member.ts';

/** Why a watcher may not be, as etcd words it: the text of grpc-go's error. Source: etcd v3rpc/watch.go. */
const REFUSALS: ReadonlyMap<StoreError['code'], string> = new Map([
  ['AUTH_INVALID_TOKEN', 'rpc error: code = Unauthenticated desc = etcdserver: invalid auth token'],
  ['AUTH_OLD_REVISION', 'rpc error: code = InvalidArgument desc = etcdserver: revision of auth store is old'],
  ['AUTH_USER_EMPTY', 'rpc error: code = InvalidArgument desc = etcdserver: user name is empty'],
  ['AUTH_PERMISSION_DENIED', 'rpc error: code = PermissionDenied desc = etcdserver: permission denied'],
]);

/** A stream that requires a leader ends after so many election timeouts without one. Source: etcd v3rpc/interceptor.go. */
const LEADERLESS_ELECTIONS = 3;

export interface LocalWatchOptions {
  readonly requireLeader: boolean;
  readonly access: Access;
  readonly credentials?: CallCredentials;
}

/** One watch stream on the member's hub. Rights are looked at when a watcher is created, and not again: as in etcd. */
export class LocalWatchStream implements WatchStream {
  readonly #member: Member;
  readonly #stream: HubStream;
  readonly #cancelGuard: () => void;
  readonly #access: Access;
  readonly #credentials: CallCredentials | undefined;
  /** What waits until it is known who made the stream; it stays in order. */
  #pending: (() => void | Promise<void>)[] = [];
  #isIdentifying = false;
  #wake: (() => void) | undefined;
  #isClosed = false;
  #failure: StoreError | undefined;

  constructor(member: Member, options: LocalWatchOptions) {
    this.#member = member;
    this.#access = options.access;
    this.#credentials = options.credentials;
    this.#stream = member.watches.open(() => this.#wakeUp());
    if (options.requireLeader && member.leader === 0n) this.#failure = new StoreError('NO_LEADER');
    this.#cancelGuard = options.requireLeader ? this.#guardLeader() : () => undefined;
  }

  create(request: WatchCreateRequest): void {
    this.#inOrder(() => this.#create(request));
  }

  cancel(watchId: number): void {
    this.#inOrder(() => this.#member.watches.cancel(this.#stream, watchId));
  }

  requestProgress(): void {
    this.#inOrder(() => this.#member.watches.requestProgress(this.#stream));
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
    const failure =
      this.#failure ?? new StoreError(endedBy ?? (this.#member.fenced === undefined ? 'STOPPED' : 'CORRUPT'));
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

  /** Runs a request at once, unless one before it still waits. */
  #inOrder(request: () => void | Promise<void>): void {
    if (this.#isOver) return;
    if (!this.#isIdentifying) {
      const waiting = request();
      if (waiting !== undefined) void this.#afterwards(waiting);
    } else if (this.#pending.length < TOKEN_LIMITS.maxPendingWatchRequests) this.#pending.push(request);
    else this.#fail(new StoreError('TOO_MANY_REQUESTS', 'too many requests wait on one watch stream'));
  }

  async #afterwards(waiting: Promise<void>): Promise<void> {
    this.#isIdentifying = true;
    await waiting;
    while (!this.#isOver) {
      const next = this.#pending.shift();
      if (next === undefined) break;
      await next();
    }
    this.#isIdentifying = false;
  }

  #create(request: WatchCreateRequest): void | Promise<void> {
    const options = this.#credentials === undefined ? undefined : { credentials: this.#credentials };
    try {
      const who = this.#access.who(options);
      if (!(who instanceof Promise)) {
        this.#createFor(who, request);
        return undefined;
      }
      return who.then(
        (identity) => this.#createFor(identity, request),
        (error: unknown) => this.#refuse(error),
      );
    } catch (error) {
      this.#refuse(error);
      return undefined;
    }
  }

  #createFor(who: Identity | undefined, request: WatchCreateRequest): void {
    if (this.#isOver) return;
    // Source of the order: etcd v3rpc/watch.go looks at the revision before it looks at rights.
    const isReadable = request.startRevision >= 0;
    const refusal = isReadable ? this.#access.refusal(who, (rights) => checkWatch(rights, request)) : undefined;
    if (refusal === undefined) this.#member.watches.create(this.#stream, request);
    else this.#refuse(refusal);
  }

  /** The watcher is refused, the stream stays. Errors that are not about rights end the stream. */
  #refuse(error: unknown): void {
    if (this.#isOver) return;
    const reason = error instanceof StoreError ? REFUSALS.get(error.code) : undefined;
    if (reason !== undefined) this.#member.watches.refuse(this.#stream, reason);
    else this.#fail(error instanceof StoreError ? error : new StoreError('INTERNAL', String(error)));
  }

  #fail(failure: StoreError): void {
    this.#failure ??= failure;
    this.#pending = [];
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
