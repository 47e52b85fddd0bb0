import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { connect as connectTcp, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { type ConnectionOptions, connect, createServer as createTlsServer } from 'node:tls';
import { createNodeNetwork, nodeNetwork } from '../../io/node/network.ts';
import { cipherOf } from '../../io/node/tls/cipher-suites.ts';
import type { Resolver } from '../../io/node/tls/refusal.ts';
import { revokedSerials } from '../../io/node/tls/revocation.ts';
import { createSecureServer, type RejectedConnection, type SecureServerOptions } from '../../io/node/tls/server.ts';
import type { TlsSettings } from '../../io/node/tls/settings.ts';
import { type TlsFact, TlsSource } from '../../io/node/tls/source.ts';
import { Authority, type Identity, pemOf } from '../kit/authority.ts';
import { temporaryFolder } from '../kit/cluster.ts';
import { eventually } from '../kit/process.ts';

const TIMEOUT = { timeout: 20_000 };
const skip = spawnSync('openssl', ['version']).status !== 0;

suite('who gets through TLS', { skip }, () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let authority: Authority;
  let stranger: Authority;
  let server: Identity;
  let alice: Identity;
  let bob: Identity;
  let settings: TlsSettings;
  before(async () => {
    folder = await temporaryFolder();
    authority = await Authority.create(folder.path, 'ours');
    stranger = await Authority.create(folder.path, 'theirs');
    server = await authority.issue('server', { commonName: 'server', names: ['IP:127.0.0.1', 'DNS:localhost'] });
    alice = await authority.issue('alice', { commonName: 'alice', names: ['DNS:alice.example'] });
    bob = await authority.issue('bob', { commonName: 'bob' });
    settings = {
      certFile: server.cert,
      keyFile: server.key,
      trustedCaFile: authority.ca,
      requireClientCertificate: true,
      minVersion: 'TLS1.2',
    };
  });
  after(() => folder.remove());

  /** A server that says hello to whom it lets in, and a way to knock at it. */
  async function doorOf(more: Partial<TlsSettings>, options: Partial<SecureServerOptions> = {}): Promise<Door> {
    const facts: TlsFact[] = [];
    const rejected: RejectedConnection[] = [];
    const source = new TlsSource({ ...settings, ...more }, (fact) => facts.push(fact));
    const sockets = new Set<Socket>();
    const listener = createSecureServer(
      { source, protocols: [], onRejected: (one) => rejected.push(one), ...options },
      (socket) => socket.end('hello'),
    );
    listener.on('connection', (socket: Socket) => sockets.add(socket));
    listener.listen(0, '127.0.0.1');
    await once(listener, 'listening');
    const { port } = listener.address() as { port: number };
    return {
      port,
      listener,
      facts,
      rejected,
      knock: async (who, more = {}) =>
        knock({ port, host: '127.0.0.1', ca: await readFile(authority.ca), ...(who && (await pemOf(who))), ...more }),
      close: () => {
        for (const socket of sockets) socket.destroy();
        listener.close();
      },
    };
  }

  test('a certificate of the CA, and nothing else', TIMEOUT, async () => {
    const door = await doorOf({});
    const rows: readonly (readonly [string, Identity | undefined, boolean])[] = [
      ['of the CA', alice, true],
      ['without any', undefined, false],
      ['of another CA', await stranger.issue('mallory', { commonName: 'alice' }), false],
      ['expired', await authority.issue('old', { commonName: 'old', notAfter: '20210101000000Z' }), false],
      ['for servers alone', await authority.issue('s', { commonName: 's', usages: ['serverAuth'] }), false],
      ['for clients alone', await authority.issue('c', { commonName: 'c', usages: ['clientAuth'] }), true],
      ['for nothing in particular', await authority.issue('n', { commonName: 'n', usages: [] }), true],
    ];
    for (const [what, who, mayEnter] of rows) {
      for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const)
        assert.equal((await door.knock(who, { maxVersion })).greeting === 'hello', mayEnter, `${what}, ${maxVersion}`);
    }
    const reasons = door.rejected.map(({ reason }) => reason);
    const why = [/did not return a certificate/, /^UNABLE_TO/, /^CERT_HAS_EXPIRED$/, /^INVALID_PURPOSE$/];
    assert.equal(reasons.length, 8);
    for (const [i, reason] of reasons.entries()) assert.match(reason, why[Math.floor(i / 2)] ?? /never/);
    door.close();
  });

  test('names and host names can be demanded', TIMEOUT, async () => {
    const rows: readonly (readonly [Partial<TlsSettings>, Identity, boolean])[] = [
      [{ allowedNames: ['bob', 'alice'] }, alice, true],
      [{ allowedNames: ['bob'] }, alice, false],
      [{ allowedHostnames: ['other', 'alice.example'] }, alice, true],
      [{ allowedHostnames: ['example'] }, alice, false],
      // A common name is no host name.
      [{ allowedHostnames: ['bob'] }, bob, false],
      [{ allowedHostnames: ['127.0.0.1'] }, server, true],
      [{ allowedHostnames: ['127.0.0.2'] }, server, false],
    ];
    for (const [more, who, mayEnter] of rows) {
      const door = await doorOf(more);
      assert.equal((await door.knock(who)).greeting === 'hello', mayEnter, JSON.stringify(more));
      door.close();
    }
  });

  test('a member may only come from an address that its certificate is for', TIMEOUT, async () => {
    const wild = await authority.issue('wild', { commonName: 'w', names: ['DNS:*.example'] });
    const elsewhere = await authority.issue('elsewhere', { commonName: 'e', names: ['IP:10.9.8.7'] });
    const resolver: Resolver = {
      namesOf: async () => ['host.example'],
      addressesOf: async (name) => (name === 'alice.example' ? ['127.0.0.1'] : ['10.0.0.1']),
    };
    const door = await doorOf({ checkRemoteAddress: true }, { resolver });
    for (const [who, mayEnter] of [
      [server, true],
      [bob, true],
      [alice, true],
      [wild, true],
      [elsewhere, false],
      [await authority.issue('far', { commonName: 'f', names: ['DNS:far.example', 'IP:10.9.8.7'] }), false],
    ] as const)
      assert.equal((await door.knock(who)).greeting === 'hello', mayEnter, who.cert);
    assert.match(door.rejected[0]?.reason ?? '', /"127\.0\.0\.1" does not match any of "10\.9\.8\.7"/);
    door.close();
  });

  test('what is revoked stays out from the next handshake on, by PEM or DER', TIMEOUT, async () => {
    const crlFile = join(folder.path, 'list.crl');
    await authority.writeCrl(crlFile);
    const door = await doorOf({ crlFile });
    const carol = await authority.issue('carol', { commonName: 'carol' });
    assert.equal((await door.knock(carol)).greeting, 'hello');
    await authority.revoke(carol);
    await authority.writeCrl(crlFile, 'PEM');
    assert.notEqual((await door.knock(carol)).greeting, 'hello');
    assert.match(door.rejected[0]?.reason ?? '', /^certificate serial [0-9a-f]+ revoked$/);
    assert.equal((await door.knock(alice)).greeting, 'hello');
    // A session of before is none: every handshake is judged anew.
    const dave = await authority.issue('dave', { commonName: 'dave' });
    const { session } = await door.knock(dave, { maxVersion: 'TLSv1.2' });
    await authority.revoke(dave);
    await authority.writeCrl(crlFile);
    const again = await door.knock(dave, { maxVersion: 'TLSv1.2', ...(session === undefined ? {} : { session }) });
    assert.notEqual(again.greeting, 'hello');
    door.close();
    assert.equal(revokedSerials(Buffer.from('no list')), undefined);
    assert.equal(revokedSerials(await readFile(server.cert)), undefined);
    assert.equal(revokedSerials(await readFile(crlFile))?.size, 2);
    const list = await readFile(crlFile);
    for (let i = 0; i < list.length; i++) revokedSerials(list.subarray(0, i)); // never throws
  });

  test('new files are used by the next handshake; files that do not fit change nothing', TIMEOUT, async () => {
    const files = { certFile: join(folder.path, 'live.crt'), keyFile: join(folder.path, 'live.key') };
    const trustedCaFile = join(folder.path, 'live-ca.crt');
    await Promise.all([copyFile(server.cert, files.certFile), copyFile(server.key, files.keyFile)]);
    await copyFile(authority.ca, trustedCaFile);
    const door = await doorOf({ ...files, trustedCaFile });
    const next = await authority.issue('next', { commonName: 'next', names: ['IP:127.0.0.1'] });
    assert.equal((await door.knock(alice)).server, 'server');
    await copyFile(next.cert, files.certFile); // the key is still the old one
    assert.equal((await door.knock(alice)).server, 'server');
    await copyFile(next.key, files.keyFile);
    assert.equal((await door.knock(alice)).server, 'next');
    await writeFile(files.certFile, 'garbage');
    assert.equal((await door.knock(alice)).server, 'next');
    await copyFile(next.cert, files.certFile);
    await copyFile(stranger.ca, trustedCaFile);
    assert.notEqual((await door.knock(alice)).greeting, 'hello');
    const known = await stranger.issue('known', { commonName: 'known' });
    assert.equal((await door.knock(known)).greeting, 'hello');
    assert.deepEqual(
      door.facts.map(({ type }) => type),
      ['reloadFailed', 'reloaded', 'reloadFailed', 'reloaded'],
    );
    door.close();
  });

  test('handshakes that hang are ended, and do not keep others out', TIMEOUT, async () => {
    const door = await doorOf({}, { handshakeTimeoutMs: 400, maxHandshakes: 20 });
    const hanging = Array.from({ length: 60 }, () => connectTcp(door.port, '127.0.0.1'));
    for (const socket of hanging) socket.on('error', () => undefined);
    hanging[59]?.write(Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00])); // begins to say hello
    await Promise.all(hanging.map((socket) => once(socket, 'connect')));
    await eventually('all but the newest are ended', () => (door.rejected.length >= 40 ? true : undefined), {
      timeoutMs: 2_000,
    });
    assert.equal((await door.knock(alice)).greeting, 'hello');
    await eventually('the rest are ended as well', () => (door.rejected.length === 60 ? true : undefined), {
      timeoutMs: 2_000,
    });
    const reasons = new Set(door.rejected.map(({ reason }) => reason));
    assert.deepEqual([...reasons].sort(), ['no handshake within 400 ms', 'too many handshakes at once']);
    for (const socket of hanging) socket.destroy();
    door.close();
  });

  test('neither old versions nor renegotiation nor other ciphers', TIMEOUT, async () => {
    const strict = await doorOf({ minVersion: 'TLS1.3' });
    assert.equal((await strict.knock(alice, { maxVersion: 'TLSv1.2' })).greeting, undefined);
    assert.equal((await strict.knock(alice)).greeting, 'hello');
    strict.close();
    const usual = await doorOf({});
    const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as const;
    assert.equal((await usual.knock(alice, old)).greeting, undefined);
    usual.close();
    const talks = (socket: Socket): void => void socket.on('error', () => undefined).resume();
    const ours = createSecureServer(
      { source: new TlsSource(settings), protocols: [], onRejected: () => undefined },
      talks,
    );
    const others = createTlsServer(await pemOf(server), talks); // as Node does it unless told otherwise
    const outcomes: boolean[] = [];
    for (const listener of [ours, others]) {
      listener.listen(0, '127.0.0.1');
      await once(listener, 'listening');
      const { port } = listener.address() as { port: number };
      outcomes.push(await renegotiates(port, { ca: await readFile(authority.ca), ...(await pemOf(alice)) }));
      listener.close();
    }
    assert.deepEqual(outcomes, [false, true]);
    const only = await doorOf({ ciphers: 'ECDHE-ECDSA-AES256-GCM-SHA384', maxVersion: 'TLS1.2' });
    assert.equal((await only.knock(alice, { ciphers: 'ECDHE-ECDSA-AES128-GCM-SHA256' })).greeting, undefined);
    assert.equal((await only.knock(alice)).greeting, 'hello');
    only.close();
    assert.deepEqual(cipherOf('TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256'), { cipher: 'ECDHE-RSA-AES128-GCM-SHA256' });
    assert.match(JSON.stringify(cipherOf('TLS_RSA_WITH_RC4_128_SHA')), /is broken/);
    assert.match(JSON.stringify(cipherOf('TLS_NULL')), /unexpected TLS cipher suite/);
  });

  test('between members both ends are looked at', TIMEOUT, async () => {
    const crlFile = join(folder.path, 'peers.crl');
    const revoked = await authority.issue('revoked', { commonName: 'member', names: ['IP:127.0.0.1'] });
    await authority.revoke(revoked);
    await authority.writeCrl(crlFile);
    const member = await authority.issue('member', { commonName: 'member', names: ['IP:127.0.0.1'] });
    const as = (who: Identity, more: Partial<TlsSettings> = {}) =>
      createNodeNetwork({
        tls: new TlsSource({
          ...settings,
          ...{ certFile: who.cert, keyFile: who.key, crlFile, allowedNames: ['member'], checkRemoteAddress: true },
          ...more,
        }),
      });
    const foreign = await stranger.issue('member', { commonName: 'member', names: ['IP:127.0.0.1'] });
    const elsewhere = await authority.issue('away', { commonName: 'member', names: ['DNS:away.example'] });
    const rows: readonly (readonly [string, Identity, RegExp | undefined])[] = [
      ['of the cluster', member, undefined],
      ['revoked', revoked, /revoked/],
      ['with another common name', server, /"server" is not among those allowed/],
      ['of another CA', foreign, /unable to|self.signed|issuer/i],
      ['for another host', elsewhere, /is not for "127\.0\.0\.1"/],
    ];
    for (const [what, who, refusal] of rows) {
      const listener = await as(who).listen('127.0.0.1:0', (connection) => connection.write([Buffer.from('hello')]));
      const dialed = as(member).connect(listener.address, { timeoutMs: 2_000 });
      if (refusal === undefined) (await dialed).close();
      else await assert.rejects(dialed, refusal, what);
      await listener.close();
    }
    // Self-signed certificates have no CA: then whoever answers is trusted, and only the line is safe.
    const { crlFile: _, trustedCaFile: __, ...selfSigned } = { ...settings, crlFile, requireClientCertificate: false };
    const trusting = ({ cert: certFile, key: keyFile }: Identity) =>
      createNodeNetwork({ tls: new TlsSource({ ...selfSigned, certFile, keyFile, trustAnyServer: true }) });
    const listener = await trusting(foreign).listen('127.0.0.1:0', () => undefined);
    (await trusting(bob).connect(listener.address, { timeoutMs: 2_000 })).close();
    await listener.close();
  });

  test('a server that does not finish its handshake is left', TIMEOUT, async () => {
    const silent = await nodeNetwork.listen('127.0.0.1:0', () => undefined);
    const network = createNodeNetwork({ tls: new TlsSource(settings) });
    await assert.rejects(network.connect(silent.address, { timeoutMs: 100 }), { code: 'TIMEOUT' });
    await silent.close();
  });
});

interface Door {
  readonly port: number;
  readonly listener: Server;
  readonly facts: readonly TlsFact[];
  readonly rejected: readonly RejectedConnection[];
  knock(who: Identity | undefined, more?: ConnectionOptions): Promise<Knock>;
  close(): void;
}

interface Knock {
  /** What the server said; undefined when it said nothing. */
  readonly greeting: string | undefined;
  /** The common name of the server. */
  readonly server: string | undefined;
  readonly session: Buffer | undefined;
}

/** A client that reads to the end of what it is told. */
function knock(options: ConnectionOptions): Promise<Knock> {
  return new Promise((resolve) => {
    let greeting: string | undefined;
    let server: string | undefined;
    let session: Buffer | undefined;
    const socket = connect(options);
    socket.on('secureConnect', () => {
      const name: unknown = socket.getPeerCertificate().subject?.CN;
      server = typeof name === 'string' ? name : undefined;
      session = socket.getSession();
    });
    socket.on('data', (chunk: Buffer) => (greeting = (greeting ?? '') + chunk.toString()));
    socket.on('error', () => undefined);
    socket.on('close', () => resolve({ greeting, server, session }));
    setTimeout(() => socket.destroy(), 3_000).unref();
  });
}

/** Whether a client may begin again on a connection of TLS 1.2. */
async function renegotiates(port: number, options: ConnectionOptions): Promise<boolean> {
  const socket = connect({ port, host: '127.0.0.1', maxVersion: 'TLSv1.2', ...options });
  socket.on('error', () => undefined);
  await once(socket, 'secureConnect');
  const isDone = new Promise<boolean>((resolve) => {
    socket.on('close', () => resolve(false));
    socket.renegotiate({}, (error) => resolve(error === null));
    socket.write('something');
  });
  const result = await Promise.race([isDone, delay(1_000, false)]);
  socket.destroy();
  return result;
}
