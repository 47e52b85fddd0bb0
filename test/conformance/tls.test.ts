import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { connect as connectHttp2 } from 'node:http2';
import { get as httpsGet } from 'node:https';
import { connect as connectTcp } from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';
import { EMPTY_RANGE_REQUEST, KVService } from '../../proto/gen/etcd.ts';
import { Authority, type Identity, pemOf } from '../kit/authority.ts';
import { client, KEELSON, temporaryFolder } from '../kit/cluster.ts';
import { freePorts } from '../kit/ports.ts';
import { eventually, type Running, start } from '../kit/process.ts';
import { framed, resultOf } from '../rpc/raw-grpc.ts';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let ours: Authority;
let theirs: Authority;
const who = new Map<string, Identity | undefined>([['nobody', undefined]]);
let crlFile = '';

before(async () => {
  folder = await temporaryFolder();
  ours = await Authority.create(folder.path, 'ours');
  theirs = await Authority.create(folder.path, 'theirs');
  const named = async (name: string, by: Authority, options: Parameters<Authority['issue']>[1]): Promise<Identity> => {
    const identity = await by.issue(name, options);
    who.set(name, identity);
    return identity;
  };
  await named('server', ours, { commonName: 'server', names: ['IP:127.0.0.1', 'DNS:localhost'] });
  await named('alice', ours, { commonName: 'alice', names: ['DNS:alice.example'] });
  await named('stranger', theirs, { commonName: 'alice', names: ['DNS:alice.example'] });
  await named('expired', ours, { commonName: 'alice', notAfter: '20210101000000Z' });
  await named('server-only', ours, { commonName: 'alice', usages: ['serverAuth'] });
  await named('any-use', ours, { commonName: 'alice', usages: [] });
  const revoked = await named('revoked', ours, { commonName: 'alice', names: ['DNS:alice.example'] });
  await ours.revoke(revoked);
  crlFile = join(folder.path, 'list.crl');
  await ours.writeCrl(crlFile);
});
after(() => folder.remove());

/** Flags of a server, who knocks how, and whether they get in; `etcd`: where a real etcd 3.5.16 decides otherwise, and why. */
interface Row {
  readonly knock: string;
  readonly with?: ConnectionOptions;
  readonly in: boolean;
  readonly etcd?: { readonly in: boolean; readonly why: string };
}

/**
 * What those are told who are not let in. Go ends the handshake with an alert that says why; Node ends the connection after the handshake, and the
 * reason is in the server's log alone. Either way a client finds the server unavailable.
 */
const REFUSED = /^(?:ECONNRESET|ECONNABORTED|EPIPE|closed)$/;
const TOLD: Readonly<Record<string, Readonly<Record<'etcd' | 'keelson', RegExp>>>> = {
  nobody: { etcd: /ALERT_CERTIFICATE_REQUIRED$/, keelson: /ALERT_CERTIFICATE_REQUIRED$/ },
  stranger: { etcd: /ALERT_UNKNOWN_CA$/, keelson: REFUSED },
  expired: { etcd: /ALERT_CERTIFICATE_EXPIRED$/, keelson: REFUSED },
  'server-only': { etcd: /ALERT_BAD_CERTIFICATE$/, keelson: REFUSED },
  'any-use': { etcd: /ALERT_BAD_CERTIFICATE$/, keelson: REFUSED },
  revoked: { etcd: REFUSED, keelson: REFUSED },
};

const EVERYONE = ['nobody', 'alice', 'stranger', 'expired', 'server-only', 'any-use', 'revoked'];
const MUTUAL = ['--trusted-ca-file=CA'];
const only = (...names: readonly string[]): readonly Row[] =>
  EVERYONE.map((knock) => ({ knock, in: names.includes(knock) }));

const SERVERS: readonly { readonly flags: readonly string[]; readonly rows: readonly Row[] }[] = [
  { flags: [], rows: only(...EVERYONE) },
  { flags: [...MUTUAL, '--client-cert-auth'], rows: only('alice', 'any-use', 'revoked') },
  { flags: MUTUAL, rows: only('alice', 'any-use', 'revoked') },
  { flags: [...MUTUAL, '--client-crl-file=CRL'], rows: only('alice', 'any-use') },
  {
    flags: [...MUTUAL, '--client-crl-file=CRL', '--listen-client-http-urls=HTTP'],
    rows: only('alice', 'any-use').map((row) =>
      row.knock === 'revoked' ? { ...row, etcd: { in: true, why: 'GHSA-3wh4-j44w-pg92, mended in 3.5.31' } } : row,
    ),
  },
  { flags: [...MUTUAL, '--client-cert-allowed-hostname=alice.example'], rows: only('alice', 'revoked') },
  {
    flags: [...MUTUAL, '--tls-min-version=TLS1.3'],
    rows: [
      { knock: 'alice', with: { maxVersion: 'TLSv1.2' }, in: false },
      { knock: 'alice', in: true },
    ],
  },
  {
    flags: [...MUTUAL, '--tls-max-version=TLS1.2'],
    rows: [
      { knock: 'alice', with: { minVersion: 'TLSv1.3' }, in: false },
      { knock: 'alice', in: true },
      {
        knock: 'alice',
        with: { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' },
        in: false,
      },
    ],
  },
  {
    flags: [
      ...MUTUAL,
      '--cipher-suites=TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384',
    ],
    rows: [
      { knock: 'alice', with: { maxVersion: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-CHACHA20-POLY1305' }, in: false },
      { knock: 'alice', with: { maxVersion: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-AES256-GCM-SHA384' }, in: true },
      // Suites of TLS 1.3 are no matter of this flag.
      { knock: 'alice', with: { minVersion: 'TLSv1.3', ciphers: 'TLS_CHACHA20_POLY1305_SHA256' }, in: true },
    ],
  },
];

for (const { flags, rows } of SERVERS) {
  test(`who gets in with ${flags.join(' ') || 'nothing but a certificate'}`, { timeout: 60_000 }, async () => {
    const [one, other] = await Promise.all([startServer('keelson', flags), startServer('etcd', flags)]);
    const wrong: unknown[] = [];
    try {
      for (const row of rows) {
        for (const server of [one, other]) {
          const expected = server === other ? (row.etcd ?? row) : row;
          for (const by of server.http === undefined ? (['grpc', 'http'] as const) : (['grpc'] as const)) {
            const outcome = await knock(server.port, by, row);
            const isTold =
              outcome === 'in' || TOLD[row.knock] === undefined || TOLD[row.knock]?.[server.kind].test(outcome);
            if ((outcome === 'in') !== expected.in || !isTold) wrong.push({ server: server.kind, row, by, outcome });
          }
        }
      }
      assert.deepEqual(wrong, []);
      // Neither has been brought down by it, and neither says a word to who does not speak TLS.
      for (const { port } of [one, other]) assert.equal(await plain(port), '');
      assert.equal(await knock(one.port, 'grpc', { knock: 'alice', in: true }), 'in');
    } finally {
      await Promise.all([one.process.stop(), other.process.stop()]);
    }
  });
}

test('TLS at a port that speaks none, and a certificate made by itself', { timeout: 60_000 }, async () => {
  const [port = 0, peer] = await freePorts(2);
  for (const scheme of ['http', 'https']) {
    const url = `${scheme}://127.0.0.1:${port}`;
    const flags = ['--listen-client-urls', url, '--advertise-client-urls', url, '--auto-tls'];
    const peers = [
      `--listen-peer-urls=http://127.0.0.1:${peer}`,
      `--initial-advertise-peer-urls=http://127.0.0.1:${peer}`,
    ];
    const dataDir = join(folder.path, `auto-${scheme}`);
    const running = start(process.execPath, [
      KEELSON,
      'member',
      ...flags,
      ...peers,
      `--initial-cluster=default=http://127.0.0.1:${peer}`,
      '--data-dir',
      dataDir,
    ]);
    try {
      await running.waitFor(/ready to serve client requests/, 30_000);
      const made = { ca: scheme === 'https' ? await readFile(join(dataDir, 'fixtures', 'client', 'cert.pem')) : [] };
      const outcome = await knock(port, 'grpc', { knock: 'nobody', with: made, in: true });
      assert.equal(outcome === 'in', scheme === 'https', outcome);
    } finally {
      await running.stop();
    }
  }
});

interface Served {
  readonly kind: 'keelson' | 'etcd';
  readonly process: Running;
  readonly port: number;
  readonly http: number | undefined;
}

async function startServer(kind: 'keelson' | 'etcd', flags: readonly string[]): Promise<Served> {
  const [port = 0, peer = 0, http = 0, metrics = 0] = await freePorts(4);
  const server = who.get('server');
  const isSplit = flags.some((flag) => flag.endsWith('=HTTP'));
  const own = flags.map((flag) =>
    flag
      .replace(/=CA$/, `=${ours.ca}`)
      .replace(/=CRL$/, `=${crlFile}`)
      .replace(/=HTTP$/, `=https://127.0.0.1:${http}`),
  );
  const args = [
    ...[
      `--name=m`,
      `--data-dir=${join(folder.path, `${kind}-${port}`)}`,
      `--cert-file=${server?.cert}`,
      `--key-file=${server?.key}`,
    ],
    ...[`--listen-client-urls=https://127.0.0.1:${port}`, `--advertise-client-urls=https://127.0.0.1:${port}`],
    ...[`--listen-peer-urls=http://127.0.0.1:${peer}`, `--initial-advertise-peer-urls=http://127.0.0.1:${peer}`],
    ...[`--initial-cluster=m=http://127.0.0.1:${peer}`, `--listen-metrics-urls=http://127.0.0.1:${metrics}`, ...own],
  ];
  const running = kind === 'etcd' ? start(client('ETCD'), args) : start(process.execPath, [KEELSON, 'member', ...args]);
  try {
    await eventually(
      `${kind} is healthy`,
      async () => ((await fetch(`http://127.0.0.1:${metrics}/health`)).status === 200 ? true : undefined),
      { timeoutMs: 30_000 },
    );
  } catch (error) {
    await running.stop();
    throw new Error(`${String(error)}\n${running.errors()}`);
  }
  return { kind, process: running, port, http: isSplit ? http : undefined };
}

/** 'in', or what the client was told. */
async function knock(port: number, by: 'grpc' | 'http', row: Row): Promise<string> {
  const identity = who.get(row.knock);
  const options: ConnectionOptions = {
    ca: await readFile(ours.ca),
    ...(identity === undefined ? {} : await pemOf(identity)),
    ...row.with,
  };
  return by === 'grpc' ? knockByGrpc(port, options) : knockByHttp(port, options);
}

async function knockByGrpc(port: number, options: ConnectionOptions): Promise<string> {
  // A socket of our own, since Node's HTTP/2 keeps alerts to itself.
  const socket = connectTls({ port, host: '127.0.0.1', ALPNProtocols: ['h2'], ...options });
  const failed = new Promise<string>((resolve) => {
    socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    socket.on('close', () => resolve('closed'));
  });
  const asked = (async (): Promise<string> => {
    await once(socket, 'secureConnect');
    const session = connectHttp2(`https://127.0.0.1:${port}`, { createConnection: () => socket });
    session.on('error', () => undefined);
    const call = session.request({
      ...{ ':method': 'POST', ':path': KVService.Range.path, 'content-type': 'application/grpc', te: 'trailers' },
    });
    call.on('error', () => undefined);
    const result = resultOf(call);
    call.end(framed(KVService.Range.encodeRequest({ ...EMPTY_RANGE_REQUEST, key: 'a' })));
    return (await result).code === 0 ? 'in' : failed;
  })().catch(() => failed);
  const timeout = new Promise<string>((resolve) => void setTimeout(() => resolve('no answer'), 5_000).unref());
  const outcome = await Promise.race([asked, failed, timeout]);
  socket.destroy();
  return outcome;
}

function knockByHttp(port: number, options: ConnectionOptions): Promise<string> {
  return new Promise((resolve) => {
    httpsGet(`https://127.0.0.1:${port}/version`, { ...options, agent: false, timeout: 3_000 }, (response) => {
      response.resume();
      response.on('end', () => resolve(response.statusCode === 200 ? 'in' : `status ${response.statusCode}`));
    }).on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
  });
}

/** What is answered to a request without TLS. */
async function plain(port: number): Promise<string> {
  const socket = connectTcp(port, '127.0.0.1');
  let text = '';
  socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')));
  socket.on('error', () => undefined);
  socket.write('GET /version HTTP/1.1\r\nHost: localhost\r\n\r\n');
  await once(socket, 'close');
  return text.replace(/[^\x20-\x7e]/g, '');
}
