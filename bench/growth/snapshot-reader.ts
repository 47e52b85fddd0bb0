import { encodeSnapshotRequest } from '../../proto/gen/etcd.ts';
import { GrpcConnection } from '../grpc-connection.ts';
import { call } from './fill.ts';

/** A process that reads a snapshot from the store at `argv[2]` and throws it away; exit code 0 when it came whole. */
const connection = await GrpcConnection.open(process.argv[2] ?? '');
let bytes = 0;
await call(connection, '/etcdserverpb.Maintenance/Snapshot', encodeSnapshotRequest({}), (message) => {
  bytes += message.length;
});
connection.close();
if (bytes === 0) throw new RangeError('the snapshot is empty');
