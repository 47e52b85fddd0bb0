import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import type { CommandBody } from '../../../proto/command.ts';
import type { RangeRequest, RequestOp, TxnRequest } from '../../../proto/gen/etcd.ts';
import { command, rangeRequest } from './arbitraries.ts';
import { failed, type Plain, plainOutcome, plainRange } from './model.ts';
import { askEtcd, hashOfEtcd, rangeOfEtcd } from './real-etcd.ts';
import { World } from './world.ts';

const binary = process.env['KEELSON_TEST_ETCD'];
const seed = Number(process.env['KEELSON_SEED'] ?? 1);
const COMMANDS = Number(process.env['KEELSON_RUNS'] ?? 300);

test('the machine answers and hashes as a real etcd does', {
  skip: binary === undefined,
  timeout: 120_000,
}, async () => {
  await using etcd = await startEtcd(binary ?? '');
  const world = new World();
  const commands = fc.sample(command.filter(etcdCopes), { numRuns: COMMANDS, seed });
  const ranges = fc.sample(rangeRequest, { numRuns: COMMANDS, seed });
  for (const [i, raw] of commands.entries()) {
    const body = nearNow(raw, world.machine.revision);
    const applied = world.apply(body);
    assertSameAnswer(plainOutcome(applied), await askEtcd(etcd.url, body), show(i, body));
    const request = rangeNearNow(ranges[i] as RangeRequest, world.machine.revision);
    assert.deepEqual(rangeOf(world, request), await rangeOfEtcd(etcd.url, request), show(i, request));
    if (i % 10 === 0) await assertSameHash(world, etcd.url, world.machine.revision - (i % 30) / 10);
    if (i % 50 === 0) world.compactFully();
  }
});

/** Which of a transaction's errors comes first differs: 3.5 looks at all puts before it looks at a range. */
function assertSameAnswer(actual: Plain, expected: Plain, message: string): void {
  if (message.includes('"txn"') && 'error' in actual && 'error' in expected) return;
  assert.deepEqual(actual, expected, message);
}

async function assertSameHash(world: World, url: string, revision: number): Promise<void> {
  // Where it has compacted etcd answers with the hash that it made then, which goes back to the compaction before.
  if (revision <= world.machine.compactRevision) return;
  let actual: Plain;
  try {
    const { hash, compactRevision } = world.hashKv(revision);
    actual = { hash, compactRevision };
  } catch (error) {
    actual = failed((error as { code: 'UNKNOWN' }).code);
  }
  assert.deepEqual(actual, await hashOfEtcd(url, revision), `hash at ${revision}`);
}

/**
 * etcd lets a transaction delete from a key on and put one of those keys. It then stops when the put keeps a value, and its
 * compaction at that revision loses the key; so it is not asked for that.
 */
function etcdCopes(body: CommandBody): boolean {
  if (body.case !== 'txn') return true;
  const copes = ({ request: op }: RequestOp): boolean => {
    if (op?.case === 'requestTxn') return op.requestTxn.success.every(copes) && op.requestTxn.failure.every(copes);
    return op?.case !== 'requestDeleteRange' || op.requestDeleteRange.rangeEnd !== '\0';
  };
  return body.txn.success.every(copes) && body.txn.failure.every(copes);
}

function rangeOf(world: World, request: RangeRequest): Plain {
  const plan = world.range(request);
  if (plan.type === 'error') return failed(plan.error.code);
  const { kvs, more, count, revision } = plan;
  return plainRange({ header: { clusterId: 0n, memberId: 0n, revision, raftTerm: 0 }, kvs, more, count });
}

/** Moves the small revisions that the generators make to where this store is. */
function nearNow(body: CommandBody, revision: number): CommandBody {
  if (body.case === 'txn') return { case: 'txn', txn: txnNearNow(body.txn, revision) };
  if (body.case !== 'compaction') return body;
  return { case: 'compaction', compaction: { physical: true, revision: shifted(body.compaction.revision, revision) } };
}

function txnNearNow(txn: TxnRequest, revision: number): TxnRequest {
  const move = ({ request: op }: RequestOp): RequestOp => {
    if (op?.case === 'requestTxn') {
      return { request: { case: 'requestTxn', requestTxn: txnNearNow(op.requestTxn, revision) } };
    }
    if (op?.case !== 'requestRange') return { request: op };
    return { request: { case: 'requestRange', requestRange: rangeNearNow(op.requestRange, revision) } };
  };
  return { ...txn, success: txn.success.map(move), failure: txn.failure.map(move) };
}

function rangeNearNow(request: RangeRequest, revision: number): RangeRequest {
  const near = (one: number): number => (one === 0 ? 0 : shifted(one, revision));
  return {
    ...request,
    // etcd does not sort stably, so ties would be left to chance.
    sortTarget: request.sortTarget === 0 ? 0 : 3,
    revision: near(request.revision),
    minModRevision: near(request.minModRevision),
    maxModRevision: near(request.maxModRevision),
    minCreateRevision: near(request.minCreateRevision),
    maxCreateRevision: near(request.maxCreateRevision),
  };
}

function shifted(small: number, revision: number): number {
  return Math.max(1, revision + 2 - (small % 12));
}

function show(i: number, what: unknown): string {
  const text = JSON.stringify(what, (_, value) => (typeof value === 'bigint' ? String(value) : value));
  return `step ${i}: ${text}`;
}

async function startEtcd(path: string): Promise<AsyncDisposable & { readonly url: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'keelson-etcd-'));
  const [client, peer] = await Promise.all([freePort(), freePort()]);
  const url = `http://127.0.0.1:${client}`;
  const peerUrl = `http://127.0.0.1:${peer}`;
  const flags = {
    'data-dir': folder,
    'listen-client-urls': url,
    'advertise-client-urls': url,
    'listen-peer-urls': peerUrl,
  };
  const more = {
    'initial-advertise-peer-urls': peerUrl,
    'initial-cluster': `default=${peerUrl}`,
    'log-level': 'error',
  };
  const args = Object.entries({ ...flags, ...more }).map(([name, value]) => `--${name}=${value}`);
  const child = spawn(path, args, { stdio: 'ignore' });
  const stop = async (): Promise<void> => {
    const exited = new Promise((resolve) => child.once('exit', resolve));
    if (child.exitCode === null && child.kill('SIGKILL')) await exited;
    await rm(folder, { recursive: true, force: true });
  };
  for (let i = 0; i < 100; i++) {
    const healthy = await fetch(`${url}/health`).then(
      (response) => response.ok,
      () => false,
    );
    if (healthy) return { url, [Symbol.asyncDispose]: stop };
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  await stop();
  throw new Error('etcd did not start');
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
