import { randomBytes } from 'node:crypto';
import { encodePutRequest, encodeRangeRequest } from '../proto/gen/etcd.ts';

/** One line of the table: a method and the messages it is called with. */
export interface Workload {
  readonly name: string;
  readonly path: string;
  /** Called once per run with a fresh seed; gives the message of operation n. */
  readonly messages: () => (n: number) => Uint8Array;
}

const KEYS = 10_000;
/** 8 bytes, as in etcd's own benchmark. */
const keyOf = (n: number): string => String(n % KEYS).padStart(8, '0');

const range = (serializable: boolean) => () => {
  const requests = Array.from({ length: KEYS }, (_, n) =>
    encodeRangeRequest({
      key: keyOf(n),
      rangeEnd: '',
      limit: 0,
      revision: 0,
      sortOrder: 0,
      sortTarget: 0,
      serializable,
      keysOnly: false,
      countOnly: false,
      minModRevision: 0,
      maxModRevision: 0,
      minCreateRevision: 0,
      maxCreateRevision: 0,
    }),
  );
  return (n: number) => requests[(n * 7919) % KEYS] as Uint8Array;
};

/** 8-byte keys, 256-byte values. */
export const WORKLOADS: readonly Workload[] = [
  {
    name: 'put',
    path: '/etcdserverpb.KV/Put',
    messages: () => {
      const value = randomBytes(256);
      const requests = Array.from({ length: KEYS }, (_, n) =>
        encodePutRequest({ key: keyOf(n), value, lease: 0n, prevKv: false, ignoreValue: false, ignoreLease: false }),
      );
      return (n) => requests[n % KEYS] as Uint8Array;
    },
  },
  { name: 'range', path: '/etcdserverpb.KV/Range', messages: range(false) },
  { name: 'range-serializable', path: '/etcdserverpb.KV/Range', messages: range(true) },
];
