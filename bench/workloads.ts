import { randomBytes } from 'node:crypto';
import {
  decodeLeaseGrantResponse,
  EMPTY_PUT_REQUEST,
  EMPTY_RANGE_REQUEST,
  encodeLeaseGrantRequest,
  encodeLeaseKeepAliveRequest,
  encodePutRequest,
  encodeRangeRequest,
  encodeTxnRequest,
} from '../proto/gen/etcd.ts';
import { runFanOut } from './fan-out.ts';
import { type MeteredResult, openAll, runLoad } from './load.ts';

/** How many connections, and how many closed loops on them. */
export interface Size {
  readonly connections: number;
  readonly clients: number;
}

/** One line of the table. A new workload is one more entry of `WORKLOADS`. */
export interface Workload {
  readonly name: string;
  readonly sizes: readonly Size[];
  /** Whether an operation is one request and one answer, as bare sockets can do it. */
  readonly isExchange: boolean;
  /** About what an operation takes in the log, framing included; undefined when it writes nothing. */
  readonly entryBytes?: number;
  run(urls: readonly string[], size: Size, seconds: number): Promise<MeteredResult>;
}

const KEYS = 10_000;
const VALUE_BYTES = 256;
/** Key, value, the ids of key, command and entry, checksums. */
const PUT_ENTRY_BYTES = 8 + VALUE_BYTES + 64;
const ONE: Size = { connections: 1, clients: 1 };
const MANY: Size = { connections: 10, clients: 100 };
const CROWD: Size = { connections: 100, clients: 1000 };

/** 8 bytes, as in etcd's own benchmark. */
const keyOf = (n: number): string => String(n % KEYS).padStart(8, '0');

/** Messages that are encoded before the run, in an order that jumps about. */
function prepared(encode: (n: number) => Uint8Array): (n: number) => Uint8Array {
  const messages = Array.from({ length: KEYS }, (_, n) => encode(n));
  return (n) => messages[(n * 7919) % KEYS] as Uint8Array;
}

function unary(
  name: string,
  path: string,
  of: {
    readonly sizes: readonly Size[];
    readonly messages: () => (n: number) => Uint8Array;
    readonly entryBytes?: number;
  },
): Workload {
  const { messages, ...rest } = of;
  return {
    name,
    ...rest,
    isExchange: true,
    run: (urls, size, seconds) => runLoad({ urls, path, message: messages(), ...size, seconds }),
  };
}

const putMessages = (): ((n: number) => Uint8Array) => {
  const value = randomBytes(VALUE_BYTES);
  return prepared((n) => encodePutRequest({ ...EMPTY_PUT_REQUEST, key: keyOf(n), value }));
};

const rangeMessages = (serializable: boolean) => (): ((n: number) => Uint8Array) =>
  prepared((n) => encodeRangeRequest({ ...EMPTY_RANGE_REQUEST, key: keyOf(n), serializable }));

const txnMessages = (): ((n: number) => Uint8Array) => {
  const value = randomBytes(VALUE_BYTES);
  return prepared((n) =>
    encodeTxnRequest({
      compare: [],
      success: [{ request: { case: 'requestPut', requestPut: { ...EMPTY_PUT_REQUEST, key: keyOf(n), value } } }],
      failure: [],
    }),
  );
};

/** As etcd's benchmark: each keep-alive is a stream of one message. */
const keepAlive: Workload = {
  name: 'lease-keep-alive',
  sizes: [MANY],
  isExchange: true,
  run: async (urls, size, seconds) => {
    const message = encodeLeaseKeepAliveRequest({ ID: await grantLease(urls) });
    return runLoad({ urls, path: '/etcdserverpb.Lease/LeaseKeepAlive', message: () => message, ...size, seconds });
  },
};

async function grantLease(urls: readonly string[]): Promise<bigint> {
  const [connection] = await openAll(urls, 1);
  try {
    return await new Promise((resolve, reject) => {
      let id = 0n;
      connection?.unary('/etcdserverpb.Lease/LeaseGrant', encodeLeaseGrantRequest({ TTL: 3600, ID: 0n }), {
        onMessage: (bytes, start, end) => {
          id = decodeLeaseGrantResponse(bytes.subarray(start, end)).ID;
        },
        onEnd: (status) => (status === 0 ? resolve(id) : reject(new Error(`no lease was granted: status ${status}`))),
      });
    });
  } finally {
    connection?.close();
  }
}

/** Puts that each reach a thousand watchers; `clients` is the number of watchers. */
const watchFanOut: Workload = {
  name: 'watch-fan-out',
  sizes: [{ connections: 10, clients: 1000 }],
  isExchange: false,
  run: (urls, { connections, clients }, seconds) =>
    runFanOut({
      urls,
      streams: connections,
      watchersPerStream: Math.ceil(clients / connections),
      puts: 250 * seconds,
      window: 8,
      valueBytes: VALUE_BYTES,
    }),
};

/** 8-byte keys, 256-byte values. */
export const WORKLOADS: readonly Workload[] = [
  unary('put', '/etcdserverpb.KV/Put', {
    sizes: [ONE, MANY, CROWD],
    messages: putMessages,
    entryBytes: PUT_ENTRY_BYTES,
  }),
  unary('range', '/etcdserverpb.KV/Range', { sizes: [ONE, MANY, CROWD], messages: rangeMessages(false) }),
  unary('range-serializable', '/etcdserverpb.KV/Range', { sizes: [MANY, CROWD], messages: rangeMessages(true) }),
  unary('txn-put', '/etcdserverpb.KV/Txn', { sizes: [MANY], messages: txnMessages, entryBytes: PUT_ENTRY_BYTES }),
  keepAlive,
  watchFanOut,
];
