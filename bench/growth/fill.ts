import { randomBytes } from 'node:crypto';
import { EMPTY_PUT_REQUEST, encodePutRequest, encodeTxnRequest } from '../../proto/gen/etcd.ts';
import type { GrpcConnection } from '../grpc-connection.ts';
import { openAll } from '../load.ts';

export const VALUE_BYTES = 256;
/** Of one transaction, below etcd's default of 128; what it takes fits into a stream's first window, beyond which the generator does not look. */
const KEYS_PER_TXN = 100;
const CONNECTIONS = 16;

/** The key of number `n`, in the order of the numbers; behind `ALL` there is none. */
export const keyOf = (n: number): string => String(n).padStart(8, '0');
/** All keys. */
export const ALL = { key: '0', rangeEnd: ':' } as const;

/** Puts keys 0 to `count`, each with a value of its own of 256 bytes. Rejects when a transaction fails. */
export async function fill(urls: readonly string[], count: number): Promise<void> {
  const connections = await openAll(urls, CONNECTIONS);
  let next = 0;
  const put = async (connection: GrpcConnection): Promise<void> => {
    while (next < count) {
      const from = next;
      next = Math.min(count, next + KEYS_PER_TXN);
      await call(connection, '/etcdserverpb.KV/Txn', txnOf(from, next));
    }
  };
  try {
    await Promise.all(connections.map(put));
  } finally {
    for (const connection of connections) connection.close();
  }
}

function txnOf(from: number, to: number): Uint8Array {
  const values = randomBytes((to - from) * VALUE_BYTES);
  const success = Array.from({ length: to - from }, (_, i) => {
    const value = values.subarray(i * VALUE_BYTES, (i + 1) * VALUE_BYTES);
    return {
      request: { case: 'requestPut', requestPut: { ...EMPTY_PUT_REQUEST, key: keyOf(from + i), value } },
    } as const;
  });
  return encodeTxnRequest({ compare: [], success, failure: [] });
}

/** Messages of puts to keys that are there, in no order. */
export function putsOver(count: number): (n: number) => Uint8Array {
  const value = randomBytes(VALUE_BYTES);
  const messages = Array.from({ length: Math.min(count, 50_000) }, () =>
    encodePutRequest({ ...EMPTY_PUT_REQUEST, key: keyOf(Math.floor(Math.random() * count)), value }),
  );
  return (n) => messages[n % messages.length] as Uint8Array;
}

/** A call that did not end well. */
export class CallError extends Error {
  override readonly name = 'CallError';
  /** gRPC's. */
  readonly status: number;

  constructor(path: string, status: number) {
    super(`${path} ended with status ${status}`);
    this.status = status;
  }
}

/** One call whose messages are handed on as they come. Rejects with CallError when its status is not OK. */
export function call(
  connection: GrpcConnection,
  path: string,
  message: Uint8Array,
  onMessage: (message: Uint8Array) => void = () => undefined,
): Promise<void> {
  return new Promise((resolve, reject) => {
    connection.unary(path, message, {
      onMessage: (bytes, start, end) => onMessage(bytes.subarray(start, end)),
      onEnd: (status) => (status === 0 ? resolve() : reject(new CallError(path, status))),
    });
  });
}
