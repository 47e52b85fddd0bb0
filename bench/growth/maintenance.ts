import {
  decodeRangeResponse,
  EMPTY_RANGE_REQUEST,
  encodeCompactionRequest,
  encodeDefragmentRequest,
  encodeRangeRequest,
  encodeSnapshotRequest,
} from '../../proto/gen/etcd.ts';
import type { GrpcConnection } from '../grpc-connection.ts';
import { openAll } from '../load.ts';
import { call } from './fill.ts';

/** What an operator does to a store that goes on serving. Each resolves when it is done. */
export const MAINTENANCE: Readonly<Record<string, (urls: readonly string[]) => Promise<void>>> = {
  compaction: (urls) => onConnection(urls, compact),
  defragment: (urls) =>
    onConnection(urls, (connection) =>
      call(connection, '/etcdserverpb.Maintenance/Defragment', encodeDefragmentRequest({})),
    ),
  'a snapshot': (urls) =>
    onConnection(urls, (connection) =>
      call(connection, '/etcdserverpb.Maintenance/Snapshot', encodeSnapshotRequest({})),
    ),
};

/** Up to the newest revision; done when what was superseded is gone. */
async function compact(connection: GrpcConnection): Promise<void> {
  let revision = 0;
  const anything = encodeRangeRequest({ ...EMPTY_RANGE_REQUEST, key: '0' });
  await call(connection, '/etcdserverpb.KV/Range', anything, (response) => {
    revision = decodeRangeResponse(response).header?.revision ?? 0;
  });
  await call(connection, '/etcdserverpb.KV/Compact', encodeCompactionRequest({ revision, physical: true }));
}

async function onConnection(
  urls: readonly string[],
  use: (connection: GrpcConnection) => Promise<void>,
): Promise<void> {
  const [connection] = await openAll(urls, 1);
  if (connection === undefined) throw new RangeError('maintenance needs a URL');
  try {
    await use(connection);
  } finally {
    connection.close();
  }
}
