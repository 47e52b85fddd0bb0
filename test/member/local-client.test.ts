import { kvClientSuite } from '../client/suite.ts';
import { RealCluster } from './kit.ts';

kvClientSuite('local client of a single member', async () => {
  const cluster = await RealCluster.create(1);
  await cluster.start();
  return { client: cluster.client('m1'), stop: () => cluster.destroy() };
});

kvClientSuite('local client of a follower among three', async () => {
  const cluster = await RealCluster.create(3);
  await cluster.start();
  const leader = await cluster.leader();
  const follower = cluster.names.find((name) => name !== leader) ?? leader;
  return { client: cluster.client(follower), stop: () => cluster.destroy() };
});
