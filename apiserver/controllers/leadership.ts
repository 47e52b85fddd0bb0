import { utf8Bytes } from '../../base/bytes.ts';
import type { KvClient } from '../../client/kv-client.ts';
import {
  CompareResult,
  CompareTarget,
  EMPTY_PUT_REQUEST,
  EMPTY_RANGE_REQUEST,
  type TxnRequest,
} from '../../proto/gen/etcd.ts';
import { CONTROLLER_LIMITS } from './limits.ts';

/**
 * One API server of a cluster runs the controllers: the one whose lease holds the key. All controllers are safe to run twice for a moment (every
 * write is conditional), so leadership only saves work and needs no fence.
 */
export class Leadership {
  readonly #kv: KvClient;
  readonly #key: string;
  readonly #identity: string;
  readonly #onTrouble: (what: string, error: unknown) => void;
  #lead: (() => Promise<() => Promise<void>>) | undefined;
  #stop: (() => Promise<void>) | undefined;
  #lease = 0n;
  #renewedMs = 0;
  #timer: NodeJS.Timeout | undefined;
  #turn: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(options: {
    readonly kv: KvClient;
    readonly key: string;
    readonly identity: string;
    readonly onTrouble: (what: string, error: unknown) => void;
  }) {
    this.#kv = options.kv;
    this.#key = options.key;
    this.#identity = options.identity;
    this.#onTrouble = options.onTrouble;
  }

  get isLeader(): boolean {
    return this.#lease !== 0n;
  }

  /** Asks for the leadership once; `lead` is run now or when it comes, and what it returns is called when it goes. */
  async start(lead: () => Promise<() => Promise<void>>): Promise<void> {
    this.#lead = lead;
    this.#turn = this.#take();
    await this.#turn;
    this.#schedule();
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#turn;
    const lease = this.#lease;
    await this.#resign();
    if (lease !== 0n) await this.#kv.leaseRevoke({ ID: lease }, { timeoutMs: 2_000 }).catch(() => undefined);
  }

  #schedule(): void {
    if (this.#closed) return;
    const delay = this.isLeader ? CONTROLLER_LIMITS.leadershipRenewMs : CONTROLLER_LIMITS.leadershipAskMs;
    this.#timer = setTimeout(() => {
      this.#turn = (this.isLeader ? this.#renew() : this.#take()).finally(() => this.#schedule());
    }, delay);
    this.#timer.unref();
  }

  async #take(): Promise<void> {
    let granted = 0n;
    try {
      const lookup = await this.#kv.range({ ...EMPTY_RANGE_REQUEST, key: this.#key }, { timeoutMs: CALL_MS });
      if (lookup.count > 0) return;
      granted = (
        await this.#kv.leaseGrant({ ID: 0n, TTL: CONTROLLER_LIMITS.leadershipTtlSeconds }, { timeoutMs: CALL_MS })
      ).ID;
      const taken = await this.#kv.txn(takeIfAbsent(this.#key, this.#identity, granted), { timeoutMs: CALL_MS });
      if (!taken.succeeded) {
        await this.#kv.leaseRevoke({ ID: granted }, { timeoutMs: CALL_MS });
        return;
      }
      this.#lease = granted;
      this.#renewedMs = Date.now();
      this.#stop = await this.#lead?.();
    } catch (error) {
      if (!this.#closed) this.#onTrouble('leadership of the controllers', error);
      // Neither a lease without the key nor a leader that could not begin keeps others from leading.
      this.#lease = 0n;
      if (granted !== 0n) await this.#kv.leaseRevoke({ ID: granted }, { timeoutMs: CALL_MS }).catch(() => undefined);
    }
  }

  async #renew(): Promise<void> {
    try {
      const { TTL } = await this.#kv.leaseKeepAlive(this.#lease, { timeoutMs: CALL_MS });
      if (TTL > 0) {
        this.#renewedMs = Date.now();
        return;
      }
    } catch (error) {
      this.#onTrouble('leadership of the controllers', error);
      if (Date.now() - this.#renewedMs < CONTROLLER_LIMITS.leadershipTtlSeconds * 1000) return;
    }
    await this.#resign();
  }

  async #resign(): Promise<void> {
    this.#lease = 0n;
    const stop = this.#stop;
    this.#stop = undefined;
    await stop?.();
  }
}

const CALL_MS = 2_000;

/** Puts the key under the lease if nobody has it. */
function takeIfAbsent(key: string, identity: string, lease: bigint): TxnRequest {
  return {
    compare: [
      {
        result: CompareResult.EQUAL,
        target: CompareTarget.CREATE,
        key,
        rangeEnd: '',
        targetUnion: { case: 'createRevision', createRevision: 0 },
      },
    ],
    success: [
      { request: { case: 'requestPut', requestPut: { ...EMPTY_PUT_REQUEST, key, value: utf8Bytes(identity), lease } } },
    ],
    failure: [],
  };
}
