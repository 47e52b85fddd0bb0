import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { connect, createServer } from 'node:tls';
import { parse } from 'yaml';
import { addressBytes, createCa, issueClient, issueServing } from '../../../apiserver/pki/certificate.ts';
import { kubeconfig } from '../../../apiserver/pki/kubeconfig.ts';
import { certificatesOf, checkKeyPair, PemError, privateKeyOf, publicKeysOf } from '../../../apiserver/pki/pem.ts';
import { ensurePki, servingCertificate, writePrivate } from '../../../apiserver/pki/store.ts';

const NOW = Date.now();

describe('certificates', () => {
  const ca = createCa('test-ca', NOW);

  it('are signed by their CA and name their subject', () => {
    const client = new X509Certificate(
      issueClient(ca, { commonName: 'jane', organizations: ['dev', 'ops'] }, NOW).certificatePem,
    );
    const root = new X509Certificate(ca.certificatePem);
    assert.equal(root.ca, true);
    assert.equal(client.ca, false);
    assert.equal(client.verify(root.publicKey), true);
    assert.equal(client.checkIssued(root), true);
    assert.deepEqual(client.subject.split('\n'), ['O=dev', 'O=ops', 'CN=jane']);
    assert.deepEqual(client.keyUsage, ['1.3.6.1.5.5.7.3.2']);
  });

  it('of servers carry names and both kinds of addresses', () => {
    const serving = new X509Certificate(
      issueServing(ca, { commonName: 's' }, ['localhost', '127.0.0.1', '::1', '2001:db8::7'], NOW).certificatePem,
    );
    assert.equal(serving.checkHost('localhost'), 'localhost');
    for (const ip of ['127.0.0.1', '::1', '2001:db8::7']) assert.equal(serving.checkIP(ip), ip);
    assert.equal(serving.checkIP('127.0.0.2'), undefined);
  });

  it('have different serial numbers', () => {
    const serial = () => new X509Certificate(issueClient(ca, { commonName: 'a' }, NOW).certificatePem).serialNumber;
    assert.notEqual(serial(), serial());
  });

  it('end when their CA ends', () => {
    const old = createCa('old', NOW - 3_640 * 86_400_000);
    const leaf = new X509Certificate(issueClient(old, { commonName: 'a' }, NOW).certificatePem);
    assert.equal(Date.parse(leaf.validTo), Date.parse(new X509Certificate(old.certificatePem).validTo));
  });

  it('addresses as bytes', () => {
    const rows: readonly (readonly [string, string])[] = [
      ['10.0.0.1', '0a000001'],
      ['::', '00000000000000000000000000000000'],
      ['fe80::1:2', 'fe800000000000000000000000010002'],
      ['::ffff:1.2.3.4', '00000000000000000000ffff01020304'],
    ];
    for (const [address, hex] of rows) assert.equal(addressBytes(address).toString('hex'), hex);
  });

  it('let a client in over TLS, and only one of the same CA', async () => {
    const serving = issueServing(ca, { commonName: 's' }, ['127.0.0.1'], NOW);
    const seen: boolean[] = [];
    const server = createServer(
      {
        key: serving.keyPem,
        cert: serving.certificatePem,
        ca: ca.certificatePem,
        requestCert: true,
        rejectUnauthorized: false,
      },
      (socket) => {
        seen.push(socket.authorized);
        socket.end('hello');
      },
    );
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const { port } = server.address() as { port: number };
    try {
      for (const by of [ca, createCa('test-ca', NOW)]) {
        const client = issueClient(by, { commonName: 'jane' }, NOW);
        await new Promise<void>((done, fail) => {
          const socket = connect(
            { port, host: '127.0.0.1', ca: ca.certificatePem, key: client.keyPem, cert: client.certificatePem },
            () => assert.equal(socket.authorized, true),
          );
          socket
            .on('error', fail)
            .on('data', () => undefined)
            .on('close', () => done());
        });
      }
      // A serving certificate does not say who a client is.
      await new Promise<void>((done, fail) => {
        const socket = connect({
          port,
          host: '127.0.0.1',
          ca: ca.certificatePem,
          key: serving.keyPem,
          cert: serving.certificatePem,
        });
        socket
          .on('error', fail)
          .on('data', () => undefined)
          .on('close', () => done());
      });
      assert.deepEqual(seen, [true, false, false]);
    } finally {
      server.close();
    }
  });
});

describe('the PKI directory', () => {
  let root = '';
  before(async () => {
    root = await mkdtemp(join(tmpdir(), 'keelson-pki-'));
  });
  after(() => rm(root, { recursive: true, force: true }));

  it('is one set for all who start at once, and stays', async () => {
    const directory = join(root, 'pki');
    const sets = await Promise.all([1, 2, 3, 4].map(() => ensurePki(directory)));
    assert.equal(new Set(sets.map((pki) => JSON.stringify(pki))).size, 1);
    assert.deepEqual(await ensurePki(directory), sets[0]);
    assert.deepEqual((await readdir(root)).sort(), ['pki']);
    for (const name of await readdir(directory))
      assert.equal((await stat(join(directory, name))).mode & 0o777, 0o600, name);
    assert.equal((await stat(directory)).mode & 0o777, 0o700);
    const serving = servingCertificate(sets[0] as Awaited<ReturnType<typeof ensurePki>>, ['10.1.2.3']);
    assert.equal(new X509Certificate(serving.certificatePem).checkIP('10.1.2.3'), '10.1.2.3');
    assert.equal(
      new X509Certificate(serving.certificatePem).checkHost('kubernetes.default.svc'),
      'kubernetes.default.svc',
    );
  });

  it('issues the administrator anew before the certificate ends', async () => {
    const directory = join(root, 'renewed');
    const first = await ensurePki(directory);
    const later = await ensurePki(directory, Date.now() + 350 * 86_400_000);
    assert.notEqual(later.admin.certificatePem, first.admin.certificatePem);
    assert.equal(later.ca.certificatePem, first.ca.certificatePem);
  });

  it('writes files that only their owner reads', async () => {
    const path = join(root, 'secret');
    await writePrivate(path, 'one');
    await writePrivate(path, 'two');
    assert.equal((await stat(path)).mode & 0o777, 0o600);
  });
});

describe('PEM files given by flags', () => {
  const ca = createCa('x', NOW);
  it('are judged in one line that names flag and file', () => {
    assert.equal(certificatesOf(ca.certificatePem, 'f', '--x'), ca.certificatePem);
    assert.equal(privateKeyOf(ca.keyPem, 'f', '--x'), ca.keyPem);
    assert.equal(publicKeysOf(`${ca.keyPem}${ca.certificatePem}`, 'f', '--x').length, 2);
    for (const judge of [certificatesOf, privateKeyOf, publicKeysOf]) {
      assert.throws(
        () => judge('nonsense', '/etc/f', '--x'),
        (error: unknown) => error instanceof PemError && /^--x: \/etc\/f holds no /.test(error.message),
      );
    }
    assert.throws(
      () => checkKeyPair({ certificatePem: ca.certificatePem, keyPem: createCa('y', NOW).keyPem }, '--a and --b'),
      PemError,
    );
  });

  it('a kubeconfig holds everything', () => {
    const config = parse(kubeconfig('https://127.0.0.1:6443', ca.certificatePem, ca)) as {
      clusters: { cluster: Record<string, string> }[];
      'current-context': string;
    };
    assert.equal(config.clusters[0]?.cluster['server'], 'https://127.0.0.1:6443');
    assert.equal(
      Buffer.from(config.clusters[0]?.cluster['certificate-authority-data'] ?? '', 'base64').toString(),
      ca.certificatePem,
    );
    assert.equal(config['current-context'], 'keelson');
  });
});
