import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, test } from 'node:test';
import { DiskError } from '../../../io/doors.ts';
import type { Backend, BackendOp, BackendView, Keyspace } from '../../../storage/backend/backend.ts';

/** A backend to be tried: each call gives an empty one, opened; `reopen` closes it and opens the same place again. */
export interface Subject {
  readonly name: string;
  make(): Promise<{ backend: Backend; reopen(): Promise<Backend>; cleanUp(): Promise<void> }>;
}

/** What every backend must do. */
export function backendSuite(subject: Subject): void {
  describe(`backend: ${subject.name}`, () => {
    const check = (what: string, body: (backend: Backend, reopen: () => Promise<Backend>) => Promise<void>): void => {
      test(what, async () => {
        const { backend, reopen, cleanUp } = await subject.make();
        try {
          await body(backend, reopen);
        } finally {
          await cleanUp();
        }
      });
    };

    check('gives back what was written, byte for byte', async (backend) => {
      const strange = Uint8Array.of(0, 255, 0, 128);
      await backend.write([put('revision', strange, strange), put('meta', 'empty', '')]);
      assert.deepEqual(bytes(await backend.get('revision', strange)), [...strange]);
      assert.deepEqual(bytes(await backend.get('meta', key('empty'))), []);
      assert.equal(await backend.get('meta', key('absent')), undefined);
    });

    check('keeps keyspaces apart', async (backend) => {
      await backend.write([put('lease', 'k', 'lease'), put('member', 'k', 'member')]);
      assert.equal(text(await backend.get('lease', key('k'))), 'lease');
      assert.equal(await backend.get('alarm', key('k')), undefined);
      await backend.write([{ op: 'delete', space: 'lease', key: key('k') }]);
      assert.equal(await backend.get('lease', key('k')), undefined);
      assert.equal(text(await backend.get('member', key('k'))), 'member');
    });

    check('answers many keys in their order', async (backend) => {
      await backend.write([put('revision', 'a', '1'), put('revision', 'c', '3')]);
      const values = await backend.getMany('revision', ['c', 'b', 'a', 'c'].map(key));
      assert.deepEqual(values.map(text), ['3', undefined, '1', '3']);
      assert.deepEqual(await backend.getMany('revision', []), []);
    });

    check('applies writes in call order, the later one wins', async (backend) => {
      await Promise.all(
        Array.from({ length: 200 }, (_, i) =>
          backend.write([put('meta', 'n', String(i)), put('revision', `${i}`, '')]),
        ),
      );
      assert.equal(text(await backend.get('meta', key('n'))), '199');
      await backend.write([put('meta', 'n', 'x'), { op: 'delete', space: 'meta', key: key('n') }]);
      assert.equal(await backend.get('meta', key('n')), undefined);
    });

    check('scans a range in byte order, and nothing of the neighbouring keyspaces', async (backend) => {
      await backend.write([
        ...['b', 'a', 'ab', '\u00ff', 'c'].map((k) => put('member', k, k)),
        put('lease', 'z', ''),
        put('revision', 'a', ''),
      ]);
      const view = backend.view();
      assert.deepEqual(await keysOf(view, 'member', {}), ['a', 'ab', 'b', 'c', '\u00ff']);
      assert.deepEqual(await keysOf(view, 'member', { from: key('ab'), to: key('c') }), ['ab', 'b']);
      assert.deepEqual(await keysOf(view, 'member', { from: key('aa'), limit: 2 }), ['ab', 'b']);
      assert.deepEqual(await keysOf(view, 'member', { from: key('d'), to: key('e') }), []);
      assert.deepEqual(await keysOf(view, 'auth', {}), []);
      await view.close();
    });

    check('goes on where a scan stopped, by rows or by bytes', async (backend) => {
      const names = Array.from({ length: 3000 }, (_, i) => String(i).padStart(5, '0'));
      await backend.write(names.map((name) => put('revision', name, 'v'.repeat(100))));
      const view = backend.view();
      for (const range of [
        { limit: 7, maxBytes: 1e9 },
        { limit: 1e9, maxBytes: 10_000 },
        { limit: 1e9, maxBytes: 1 },
      ]) {
        const found: string[] = [];
        for (let from = key(''); ; ) {
          const rows = await view.scan('revision', { from, ...range });
          for (const row of rows) found.push(Buffer.from(row.key).toString('latin1'));
          const last = rows.at(-1);
          if (last === undefined) break;
          assert.ok(rows.length <= range.limit && rows.length <= range.maxBytes / 100 + 1);
          from = key(`${found.at(-1)}\0`);
        }
        assert.deepEqual(found, names);
      }
      await view.close();
    });

    check('a scan that stopped at its end loses nothing for the next', async (backend) => {
      await backend.write(['a', 'b', 'c', 'd'].map((k) => put('revision', k, k)));
      const view = backend.view();
      assert.deepEqual(await keysOf(view, 'revision', { from: key('a'), to: key('c') }), ['a', 'b']);
      assert.deepEqual(await keysOf(view, 'revision', { from: key('b\0'), limit: 0 }), []);
      assert.deepEqual(await keysOf(view, 'revision', { from: key('b\0'), to: key('bb') }), []);
      assert.deepEqual(await keysOf(view, 'revision', { from: key('b\0') }), ['c', 'd']);
      assert.deepEqual(await keysOf(view, 'revision', { from: key('a') }), ['a', 'b', 'c', 'd']);
      await view.close();
    });

    check('a view is frozen in every keyspace at once', async (backend) => {
      await backend.write([put('revision', 'a', 'old'), put('lease', 'a', 'old')]);
      const view = backend.view();
      await backend.write([
        put('revision', 'a', 'new'),
        put('revision', 'b', 'new'),
        { op: 'delete', space: 'lease', key: key('a') },
      ]);
      assert.deepEqual(await keysOf(view, 'revision', {}), ['a']);
      await backend.write([put('meta', 'm', 'new')]);
      const [first] = await view.scan('revision', { limit: 1, maxBytes: 1000 });
      assert.equal(text(first?.value), 'old');
      assert.deepEqual(await keysOf(view, 'lease', {}), ['a']);
      assert.deepEqual(await keysOf(view, 'meta', {}), []);
      await view.close();
    });

    check('overlapping scans of one view each get their own rows', async (backend) => {
      await backend.write(['a', 'b', 'c'].flatMap((k) => [put('revision', k, k), put('lease', k, k)]));
      const view = backend.view();
      const scans = await Promise.all([
        keysOf(view, 'revision', {}),
        keysOf(view, 'lease', { from: key('b') }),
        keysOf(view, 'revision', { limit: 1 }),
      ]);
      assert.deepEqual(scans, [['a', 'b', 'c'], ['b', 'c'], ['a']]);
      await view.close();
      await assert.rejects(view.scan('revision', { limit: 1, maxBytes: 1 }), isClosed);
    });

    check('has everything again after a clean restart', async (backend, reopen) => {
      await backend.write([put('meta', 'applied', '7')]);
      await backend.sync();
      await backend.write([put('meta', 'applied', '8')], { sync: true });
      await backend.write([]);
      await backend.write([], { sync: true });
      const again = await reopen();
      assert.equal(text(await again.get('meta', key('applied'))), '8');
    });

    check('closes once, with views open, after the writes that wait; then says so', async (backend) => {
      const view = backend.view();
      const written = backend.write([put('meta', 'a', 'b')]);
      await Promise.all([backend.close(), backend.close(), written]);
      await assert.rejects(backend.write([put('meta', 'a', 'c')]), isClosed);
      await assert.rejects(backend.get('meta', key('a')), isClosed);
      await assert.rejects(backend.sync(), isClosed);
      assert.throws(() => backend.view(), isClosed);
      await assert.rejects(view.scan('meta', { limit: 1, maxBytes: 1 }), isClosed);
      await view.close();
    });

    check('gives back what was deleted, and nothing that is there or that a view needs', async (backend) => {
      const rows = Array.from({ length: 1000 }, (_, i) => String(i).padStart(4, '0'));
      await backend.write(rows.map((name) => put('revision', name, 'v'.repeat(500))));
      await backend.write([put('lease', '0001', 'kept')]);
      const view = backend.view();
      const isKept = (name: string): boolean => name >= '0900' || name.endsWith('00');
      const gone = rows.filter((name) => !isKept(name));
      await backend.write(gone.map((name) => ({ op: 'delete', space: 'revision', key: key(name) })));
      await backend.reclaim('revision', { to: key('0900') });
      assert.deepEqual(await keysOf(view, 'revision', {}), rows);
      await view.close();
      await backend.reclaim('revision', { from: key('0000'), to: key('0900') });
      await backend.reclaim('revision', {});
      const now = backend.view();
      assert.deepEqual(await keysOf(now, 'revision', {}), rows.filter(isKept));
      await now.close();
      assert.equal(text(await backend.get('lease', key('0001'))), 'kept');
    });

    check('knows about how much lies in a range', async (backend) => {
      const rows = Array.from({ length: 2000 }, (_, i) => String(i).padStart(4, '0'));
      await backend.write(rows.map((name) => put('revision', name, randomBytes(1000))));
      await backend.reclaim('revision', {});
      const all = await backend.storedBytes('revision', {});
      const half = await backend.storedBytes('revision', { to: key('1000') });
      assert.ok(all > 1_800_000 && all < 3_000_000, `${all}`);
      assert.ok(half > 0.4 * all && half < 0.6 * all, `${half} of ${all}`);
      assert.ok((await backend.storedBytes('revision', { from: key('1000'), to: key('1100') })) < 0.2 * all);
    });

    check('closes after it has given back what it was asked for', async (backend) => {
      await backend.write([put('revision', 'a', randomBytes(1_000_000))]);
      const reclaimed = backend.reclaim('revision', {});
      await Promise.all([backend.close(), reclaimed]);
      await assert.rejects(backend.reclaim('revision', {}), isClosed);
      await assert.rejects(backend.storedBytes('revision', {}), isClosed);
    });

    check('knows its size', async (backend) => {
      await backend.write([put('revision', 'a', 'x'.repeat(100_000))], { sync: true });
      const { totalBytes, liveBytes } = await backend.size();
      assert.ok(totalBytes >= 100_000 && liveBytes >= 100_000 && totalBytes < 10_000_000);
    });
  });
}

export function put(space: Keyspace, k: string | Uint8Array, value: string | Uint8Array): BackendOp {
  return { op: 'put', space, key: key(k), value: typeof value === 'string' ? Buffer.from(value, 'latin1') : value };
}

/** Plain bytes, not a Buffer: a backend must take both. */
export function key(of: string | Uint8Array | readonly number[]): Uint8Array {
  return new Uint8Array(typeof of === 'string' ? Buffer.from(of, 'latin1') : of);
}

export function text(value: Uint8Array | undefined): string | undefined {
  return value && Buffer.from(value).toString('latin1');
}

function bytes(value: Uint8Array | undefined): number[] | undefined {
  return value && [...value];
}

async function keysOf(
  view: BackendView,
  space: Keyspace,
  range: { readonly from?: Uint8Array; readonly to?: Uint8Array; readonly limit?: number },
): Promise<(string | undefined)[]> {
  const rows = await view.scan(space, { limit: 1000, maxBytes: 1_000_000, ...range });
  return rows.map((row) => text(row.key));
}

function isClosed(error: unknown): boolean {
  return error instanceof DiskError && error.code === 'CLOSED';
}
