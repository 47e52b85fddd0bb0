import assert from 'node:assert/strict';
import { test } from 'node:test';
import { callTree } from '../../bench/profile/cpu-profile.ts';
import { flameGraph } from '../../bench/profile/flame-graph.ts';
import { partOf, partsOf, sharesOf } from '../../bench/profile/rooms.ts';
import { sharesOfCpu } from '../../bench/profile/shares.ts';
import { profileOf } from './profiles.ts';

const dist = (path: string): string => `file:///somewhere/dist/${path}`;

const PLACES = [
  [dist('rpc/h2/connection.js'), 'serving'],
  [dist('http2/frame-reader.js'), 'serving'],
  [dist('watch/hub.js'), 'serving'],
  [dist('raft/node.js'), 'consensus'],
  [dist('member/driver.js'), 'consensus'],
  [dist('storage/mvcc/store.js'), 'apply'],
  [dist('storage/machine/machine.js'), 'apply'],
  [dist('storage/wal/segment.js'), 'disk'],
  [dist('storage/backend/rocks.js'), 'disk'],
  [dist('io/node/file.js'), 'disk'],
  [dist('io/node/connection.js'), 'network'],
  ['file:///somewhere/node_modules/rocksdb/leveldown.js', 'disk'],
  ['node:net', 'network'],
  ['node:internal/stream_base_commons', 'network'],
  ['node:internal/streams/writable', 'network'],
  ['node:fs', 'disk'],
  [dist('base/bytes.js'), undefined],
  [dist('proto/gen/etcd.js'), undefined],
  [dist('io/node/clock.js'), undefined],
  ['node:buffer', undefined],
  ['', undefined],
] as const;

for (const [url, part] of PLACES)
  test(`${url === '' ? 'native code' : url} is ${part ?? 'its caller’s'}`, () => {
    assert.equal(partOf(url), part);
  });

test('what has no room counts to who called it', () => {
  const profile = profileOf(
    { name: '(idle)', selfMs: 50 },
    { name: '(program)', selfMs: 3 },
    { name: '(garbage collector)', selfMs: 2 },
    {
      name: 'onRange',
      url: dist('rpc/kv.js'),
      selfMs: 4,
      calls: [
        { name: 'encode', url: dist('proto/gen/etcd.js'), selfMs: 6 },
        { name: 'write', url: 'node:net', selfMs: 1, calls: [{ name: 'writev', selfMs: 7 }] },
      ],
    },
  );
  const parts = partsOf(callTree(profile));
  assert.deepEqual(parts, {
    ...{ serving: 10_000, network: 8000, consensus: 0, apply: 0 },
    ...{ disk: 0, collection: 2000, other: 3000 },
  });
});

test('shares of nothing are 0, others add up to 1', () => {
  const none = { serving: 0, network: 0, consensus: 0, apply: 0, disk: 0, collection: 0, other: 0 };
  assert.deepEqual(sharesOf(none), none);
  assert.deepEqual(sharesOf({ ...none, serving: 3, disk: 1 }), { ...none, serving: 0.75, disk: 0.25 });
});

test('threads beside the main one are the disk’s and the collector’s; members count by their CPU', () => {
  const serving = profileOf({ name: '(idle)', selfMs: 30 }, { name: 'a', url: dist('rpc/kv.js'), selfMs: 10 });
  const raft = profileOf({ name: '(idle)', selfMs: 500 }, { name: 'b', url: dist('raft/node.js'), selfMs: 500 });
  const { parts, busiestThread } = sharesOfCpu([
    { path: '', profile: serving, cpuSeconds: { main: 5, disk: 2, helpers: 1 } },
    { path: '', profile: raft, cpuSeconds: { main: 1, disk: 1, helpers: 0 } },
  ]);
  assert.deepEqual(parts, {
    ...{ serving: 0.5, network: 0, consensus: 0.1, apply: 0, disk: 0.3 },
    ...{ collection: 0.1, other: 0 },
  });
  assert.equal(busiestThread, 0.5);
});

test('a flame graph shows calls in proportion, without what is idle, and escapes names', () => {
  const profile = profileOf(
    { name: '(idle)', selfMs: 100 },
    {
      name: 'outer',
      url: dist('rpc/kv.js'),
      selfMs: 2,
      calls: [{ name: '<b>&"', url: dist('proto/gen/etcd.js'), selfMs: 6 }],
    },
    { name: 'apply', url: dist('storage/mvcc/store.js'), selfMs: 8 },
  );
  const html = flameGraph(profile, 'put <m0>');
  const boxes = [...html.matchAll(/<b data-box="([\d.]+),([\d.]+)" style="([^"]*)" title="([^"]*)">([^<]*)<\/b>/g)];
  assert.deepEqual(
    boxes.map(([, left, share, , , name]) => [name, Number(left), Number(share)]),
    [
      ['put &lt;m0&gt;', 0, 1],
      ['outer', 0, 0.5],
      ['&lt;b&gt;&amp;&quot;', 0, 0.375],
      ['apply', 0.5, 0.5],
    ],
  );
  assert.match(boxes[1]?.[4] ?? '', /^outer rpc\/kv\.js:10\n8\.0 ms, 50\.0 %, itself 2\.0 ms$/);
  assert.match(html, /16 ms of CPU, 100 ms idle/);
  const colour = (i: number): string | undefined => /background:(\S+)/.exec(boxes[i]?.[3] ?? '')?.[1];
  assert.equal(colour(2), colour(1), 'encoding has the colour of who called it');
  assert.notEqual(colour(3), colour(1));
});

test('a profile without samples is an empty flame graph', () => {
  assert.match(flameGraph(profileOf(), 'nothing'), /0 ms of CPU/);
});
