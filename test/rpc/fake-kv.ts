import { suite } from 'node:test';
import { Registry } from 'prom-client';
import { StoreError } from '../../base/store-error.ts';
import type { KvClient } from '../../client/kv-client.ts';
import { EMPTY_RANGE_RESPONSE, EMPTY_RESPONSE_HEADER, EMPTY_STATUS_RESPONSE } from '../../proto/gen/etcd.ts';
import type { MemberView } from '../../rpc/member-view.ts';
import { type EtcdServer, serveEtcd, type TransportName } from '../../rpc/server.ts';

/** A healthy store without content; what a test needs otherwise it overrides. */
export function fakeKv(overrides: Partial<KvClient> = {}): KvClient {
  const none = (): Promise<never> => Promise.reject(new StoreError('UNIMPLEMENTED', 'not in this test'));
  const header = { ...EMPTY_RESPONSE_HEADER, clusterId: 1n, memberId: 2n, revision: 3, raftTerm: 4 };
  return {
    range: () => Promise.resolve({ ...EMPTY_RANGE_RESPONSE, header }),
    rangeStream: () => {
      throw new StoreError('UNIMPLEMENTED', 'not in this test');
    },
    put: () => Promise.resolve({ header, prevKv: undefined }),
    deleteRange: none,
    txn: none,
    compact: none,
    watch: () => {
      throw new StoreError('NO_LEADER');
    },
    leaseGrant: none,
    leaseRevoke: none,
    leaseKeepAlive: (id) => Promise.resolve({ header, ID: id, TTL: 5 }),
    leaseTimeToLive: none,
    leaseLeases: none,
    memberList: () => Promise.resolve({ header, members: [] }),
    status: () => Promise.resolve({ ...EMPTY_STATUS_RESPONSE, header, leader: 2n }),
    memberAdd: none,
    memberRemove: none,
    memberUpdate: none,
    memberPromote: none,
    moveLeader: none,
    alarm: none,
    defragment: none,
    downgrade: none,
    hashKv: none,
    hash: none,
    snapshot: () => {
      throw new StoreError('UNIMPLEMENTED', 'not in this test');
    },
    close: () => Promise.resolve(),
    ...overrides,
  };
}

export interface FakeServer {
  readonly server: EtcdServer;
  readonly url: string;
  readonly registry: Registry;
  /** What was logged as an error: defects of the server. */
  readonly defects: unknown[];
}

/** Serves a store on a free port. */
export async function serveFake(kv: KvClient, member?: MemberView, transport?: TransportName): Promise<FakeServer> {
  const registry = new Registry();
  const defects: unknown[] = [];
  const quiet = (): void => undefined;
  const logger = { info: quiet, warn: quiet, error: (fields: object) => void defects.push(fields) };
  const server = await serveEtcd({
    kv,
    ...(member === undefined ? {} : { member }),
    ...(transport === undefined ? {} : { transport }),
    listenUrls: ['http://127.0.0.1:0'],
    logger,
    registry,
  });
  return { server, url: server.urls[0] ?? '', registry, defects };
}

/** A suite that every transport must pass; `serveFake` serves by the one whose turn it is. */
export function eachTransport(
  name: string,
  options: { readonly skip?: boolean },
  body: (serveFake: (kv: KvClient, member?: MemberView) => Promise<FakeServer>, transport: TransportName) => void,
): void {
  for (const transport of ['own', 'grpc-js'] as const) {
    suite(`${name} (${transport})`, options, () => body((kv, member) => serveFake(kv, member, transport), transport));
  }
}
