import { suite } from 'node:test';
import { connectKvClient } from '../../client/grpc-client.ts';
import { etcdBinary, startEtcd } from './real-etcd.ts';
import { kvClientSuite } from './suite.ts';

suite('the client over gRPC on a real etcd', { skip: etcdBinary === undefined }, () => {
  kvClientSuite('grpc', async () => {
    const etcd = await startEtcd();
    const client = connectKvClient({ endpoints: [etcd.clientUrl] });
    return {
      client,
      stop: async () => {
        await client.close();
        await etcd.stop();
      },
    };
  });
});
