import type { Call } from './cpu-profile.ts';

/** What a server's time goes to. */
export const PARTS = ['serving', 'network', 'consensus', 'apply', 'disk', 'collection', 'other'] as const;
export type Part = (typeof PARTS)[number];
export type PartTimes = Record<Part, number>;

/** Rooms of the compiled tree, the more special ones first. */
const ROOMS: readonly (readonly [RegExp, Part])[] = [
  [/\/dist\/(rpc|http2|watch|client|apiserver)\//, 'serving'],
  [/\/dist\/(raft|member)\//, 'consensus'],
  [/\/dist\/storage\/(wal|backend|snapshots|etcd-file)\//, 'disk'],
  [/\/dist\/storage\//, 'apply'],
  [/\/dist\/io\/node\/(disk|file|lock|unsynced-disk|disk-error)\.js$/, 'disk'],
  [/\/dist\/io\/node\/(connection|network|address|network-error)\.js$/, 'network'],
  [/\/dist\/io\/node\/tls\//, 'network'],
  [/\/node_modules\/(rocksdb|abstract-leveldown|levelup)\//, 'disk'],
  [/\/node_modules\/@grpc\//, 'serving'],
  [/^node:(internal\/)?(net|tls|_tls|stream|streams|http|_http|js_stream|dgram|stream_base_commons)/, 'network'],
  [/^node:(internal\/)?fs/, 'disk'],
];

/** What V8 shows beside functions. */
const IDLE = '(idle)';
const COLLECTION = '(garbage collector)';

/**
 * Microseconds of a call tree by part. A function of no room (base/, proto/, Node's own) counts to the nearest caller that has one: encoding
 * for an answer is serving, copying for the log is disk. `other` is what has no caller with a room: the event loop itself and native code
 * under no function, reads from sockets above all. Idle time is nobody's.
 */
export function partsOf(root: Call): PartTimes {
  const times = noTimes();
  const visit = (call: Call, inherited: Part): void => {
    if (call.functionName === IDLE) return;
    const part = call.functionName === COLLECTION ? 'collection' : (partOf(call.url) ?? inherited);
    times[part] += call.selfUs;
    for (const child of call.calls) visit(child, part);
  };
  visit(root, 'other');
  return times;
}

/** The part of a source file; undefined when it has none of its own. */
export function partOf(url: string): Part | undefined {
  return ROOMS.find(([pattern]) => pattern.test(url))?.[1];
}

export function noTimes(): PartTimes {
  return { serving: 0, network: 0, consensus: 0, apply: 0, disk: 0, collection: 0, other: 0 };
}

/** Each part's share of the sum; all 0 when there is none. */
export function sharesOf(times: PartTimes): PartTimes {
  const sum = PARTS.reduce((total, part) => total + times[part], 0);
  const shares = noTimes();
  for (const part of PARTS) shares[part] = sum === 0 ? 0 : times[part] / sum;
  return shares;
}
