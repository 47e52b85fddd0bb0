import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { createNodeNetwork } from '../../io/node/network.ts';
import type { RejectedConnection } from '../../io/node/tls/server.ts';
import { TlsSource } from '../../io/node/tls/source.ts';
import { startMember } from '../../member/member.ts';
import { Authority, type Identity } from '../kit/authority.ts';
import { temporaryFolder } from '../kit/cluster.ts';
import { putOf, rangeOf } from '../kit/writers.ts';
import { RealCluster, realDoors, until } from './kit.ts';

const skip = spawnSync('openssl', ['version']).status !== 0;

suite('members with TLS', { skip }, () => {
  test('go on while every certificate and the CA are replaced; a stranger stays out', { timeout: 90_000 }, async () => {
    const folder = await temporaryFolder();
    const cluster = await RealCluster.create(3);
    const [first, second] = [await Authority.create(folder.path, 'a'), await Authority.create(folder.path, 'b')];
    const files = { cert: join(folder.path, 'live.crt'), key: join(folder.path, 'live.key') };
    const trusted = join(folder.path, 'trusted.crt');
    const isMember = { commonName: 'member', names: ['IP:127.0.0.1'] };
    const install = async ({ cert, key }: Identity): Promise<void> => {
      await copyFile(key, files.key);
      await copyFile(cert, files.cert);
    };
    const rejected: RejectedConnection[] = [];
    const network = ({ cert: certFile, key: keyFile }: Identity, trustedCaFile: string) =>
      createNodeNetwork({
        tls: new TlsSource({
          ...{ certFile, keyFile, trustedCaFile, requireClientCertificate: true, minVersion: 'TLS1.3' },
          ...{ allowedNames: ['member'], checkRemoteAddress: true },
        }),
        onRejected: (one) => rejected.push(one),
      });
    const start = async (name: string, by = network(files, trusted)): Promise<void> => {
      cluster.members.set(name, await startMember(cluster.config(name), { ...realDoors(), network: by }));
    };
    try {
      await install(await first.issue('m', isMember));
      await copyFile(first.ca, trusted);
      for (const name of cluster.names) await start(name);
      const leader = await cluster.leader();
      await cluster.client(leader).put(putOf('a', '1'));

      // Trust both, show the new one, trust the new one alone; each step is seen by connections made after it.
      await writeFile(trusted, Buffer.concat([await readFile(first.ca), await readFile(second.ca)]));
      await install(await second.issue('m', isMember));
      await copyFile(second.ca, trusted);
      const [restarted = ''] = cluster.names.filter((name) => name !== leader);
      await cluster.kill(restarted);
      await start(restarted);
      await cluster.client(leader).put(putOf('b', '1'));
      await until(async () => {
        const { count } = await cluster
          .client(restarted)
          .range(rangeOf('a', 'c'))
          .catch(() => ({ count: 0 }));
        return count === 2 || undefined;
      });

      // With a certificate of the old CA, and with one of the new that is of nobody.
      const strangers: readonly (readonly [Identity, RegExp])[] = [
        [await first.issue('old', isMember), /^(?:UNABLE_TO|SELF_SIGNED)/],
        [await second.issue('x', { commonName: 'other' }), /"other" is not among those allowed/],
      ];
      for (const [stranger, why] of strangers) {
        await cluster.kill(restarted);
        await start(restarted, network(stranger, second.ca));
        await until(() => rejected.some(({ reason }) => why.test(reason)) || undefined);
        assert.notEqual(cluster.member(restarted).leader, cluster.member(restarted).id);
        await cluster.client(leader).put(putOf('c', '1')); // the others are a majority
      }
    } finally {
      await cluster.destroy();
      await folder.remove();
    }
  });
});
