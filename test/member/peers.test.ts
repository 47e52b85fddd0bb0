import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { test } from 'node:test';
import type { Index, MemberId, Term } from '../../base/brand.ts';
import { utf8Bytes } from '../../base/bytes.ts';
import { Prng } from '../../base/prng.ts';
import { AppendEncoder } from '../../member/peers/append-encoder.ts';
import { FrameError, FrameReader, framed } from '../../member/peers/frames.ts';
import { fromWire, toWire } from '../../member/peers/message-codec.ts';
import { EMPTY_PUT_REQUEST } from '../../proto/gen/etcd.ts';
import { decodePeerFrame, encodePeerFrame, type PeerFrame } from '../../proto/gen/peer.ts';
import type { Entry, Message } from '../../raft/types.ts';
import { freePort, RealCluster, until } from './kit.ts';

test('frames come out as they went in, however the stream is cut', () => {
  const prng = new Prng(1);
  const payloads = Array.from({ length: 200 }, () =>
    Uint8Array.from({ length: prng.between(0, 300) }, () => prng.between(0, 255)),
  );
  // In one piece or in several, it is the same frame.
  const cut = (bytes: Uint8Array): readonly Uint8Array[] =>
    framed(1, bytes.subarray(0, bytes.length >> 1), bytes.subarray(bytes.length >> 1));
  const stream = Buffer.concat(payloads.flatMap((payload, i) => (i % 3 === 2 ? cut(payload) : framed(i % 3, payload))));
  const reader = new FrameReader(1000);
  const out: Uint8Array[] = [];
  for (let at = 0; at < stream.length; ) {
    const end = Math.min(stream.length, at + prng.between(1, 700));
    out.push(...reader.read(stream.subarray(at, end)));
    at = end;
  }
  assert.deepEqual(
    out.map((bytes) => [...bytes]),
    payloads.map((bytes) => [...bytes]),
  );
});

test('a frame that is too long or damaged is refused', () => {
  for (const revision of [0, 1]) {
    assert.throws(
      () => new FrameReader(10).read(Buffer.concat(framed(revision, new Uint8Array(11)))),
      (error) => error instanceof FrameError && error.code === 'TOO_LONG',
    );
    const damaged = Buffer.concat(framed(revision, Uint8Array.of(1, 2, 3)));
    damaged[damaged.length - 1] = 9;
    assert.throws(
      () => new FrameReader(10).read(damaged),
      (error) => error instanceof FrameError && error.code === 'CHECKSUM',
    );
  }
});

test('every message of consensus survives the wire', () => {
  const address = { from: 1n as MemberId, to: 2n as MemberId, term: 3 as Term };
  const index = 7 as Index;
  const conf = {
    voters: [1n as MemberId, 2n as MemberId],
    votersOutgoing: [],
    learners: [3n as MemberId],
    learnersNext: [],
    autoLeave: true,
  };
  const meta = { index, term: 2 as Term, conf };
  const entries = [
    { index, term: 2 as Term, type: 'normal' as const, data: Uint8Array.of(1) },
    { index: 8 as Index, term: 3 as Term, type: 'conf' as const, data: Uint8Array.of(2, 3) },
  ];
  const messages: Message[] = [
    { ...address, type: 'pre-vote', lastIndex: index, lastTerm: 2 as Term, transfer: false },
    { ...address, type: 'vote', lastIndex: index, lastTerm: 2 as Term, transfer: true },
    { ...address, type: 'pre-vote-response', granted: true },
    { ...address, type: 'vote-response', granted: false },
    {
      ...address,
      type: 'append',
      prevIndex: 6 as Index,
      prevTerm: 2 as Term,
      entries,
      commit: 5 as Index,
      quiet: true,
    },
    { ...address, type: 'append-response', index, rejected: true, hintIndex: 4 as Index, hintTerm: 1 as Term },
    { ...address, type: 'heartbeat', commit: index, context: 2n ** 63n + 1n },
    { ...address, type: 'heartbeat-response', context: 5n, unattended: true },
    { ...address, type: 'snapshot-chunk', meta, offset: 1000, data: Uint8Array.of(9), done: true },
    { ...address, type: 'snapshot-chunk-response', index, nextOffset: 77, rejected: false },
    { ...address, type: 'propose', entries: [{ type: 'normal', data: Uint8Array.of(4) }] },
    { ...address, type: 'propose-response', dropped: true },
    { ...address, type: 'read-index', context: 11n },
    { ...address, type: 'read-index-response', context: 11n, index, rejected: false },
    { ...address, type: 'transfer-leader', transferee: 3n as MemberId },
    { ...address, type: 'timeout-now' },
  ];
  for (const message of messages) {
    const encoded =
      message.type === 'append'
        ? Buffer.concat(new AppendEncoder().encode(message))
        : encodePeerFrame({ frame: { case: 'raft', raft: toWire(message) } });
    const { frame } = decodePeerFrame(encoded);
    assert.ok(frame?.case === 'raft');
    assert.equal(JSON.stringify(fromWire(frame.raft), plain), JSON.stringify(message, plain));
  }
});

function plain(this: Record<string, unknown>, key: string, _shown: unknown): unknown {
  const value = this[key]; // a Buffer shows itself as something else
  if (typeof value === 'bigint') return value.toString();
  if (value instanceof Uint8Array) return [...value];
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).sort())
    : value;
}

test('entries for several followers are encoded once; what differs is each one’s own', () => {
  const encoder = new AppendEncoder();
  const appendTo = (to: bigint, entries: readonly Entry[], quiet = false) => ({
    ...{ from: 1n as MemberId, to: to as MemberId, term: 3 as Term, type: 'append' as const, entries, quiet },
    ...{ prevIndex: (6 + Number(to)) as Index, prevTerm: 2 as Term, commit: 5 as Index },
  });
  const entry = (at: number, sizeBytes: number): Entry => ({
    ...{ index: at as Index, term: 3 as Term, type: 'normal' as const, data: new Uint8Array(sizeBytes).fill(at) },
  });
  // Lengths at which the varints in front of them grow.
  for (const sizeBytes of [0, 1, 100, 127, 128, 16_000, 16_384, 300_000, 2_097_152]) {
    const entries = [entry(7, sizeBytes), entry(8, 3)];
    const sent = [2n, 3n, 4n].map((to) => encoder.encode(appendTo(to, to === 4n ? entries.slice(1) : [...entries])));
    assert.equal(sent[0]?.[1], sent[1]?.[1]);
    for (const [i, parts] of sent.entries()) {
      const { frame } = decodePeerFrame(Buffer.concat(parts));
      const expected = appendTo(BigInt(i + 2), i === 2 ? entries.slice(1) : entries);
      assert.equal(
        JSON.stringify(frame?.case === 'raft' && fromWire(frame.raft), plain),
        JSON.stringify(expected, plain),
      );
    }
    encoder.forget();
  }
});

test('garbage on the peer port ends its connection and nothing else', { timeout: 30_000 }, async () => {
  const cluster = await RealCluster.create(1);
  await cluster.start();
  const member = cluster.member('m1');
  const hello = {
    clusterId: member.clusterId,
    from: 99n,
    to: member.id,
    protocolVersion: 1,
    serverVersion: '',
    removed: false,
    commandFormat: 2,
    addresses: [],
    protocolRevision: 1,
  };
  const frame = (inner: PeerFrame['frame']): Buffer => Buffer.concat(framed(0, encodePeerFrame({ frame: inner })));
  const prng = new Prng(5);
  const attacks = [
    Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n'),
    Buffer.alloc(64, 0xff),
    Buffer.from(Uint8Array.from({ length: 4096 }, () => prng.between(0, 255))),
    Buffer.concat(framed(0, Uint8Array.of(0xff, 0xff, 0xff))),
    Buffer.concat(framed(1, Uint8Array.of(0x08, 1))),
    frame({ case: 'hello', hello: { ...hello, clusterId: 1n } }),
    frame({ case: 'hello', hello: { ...hello, to: 5n } }),
    frame({ case: 'hello', hello: { ...hello, protocolVersion: 2 } }),
    frame({ case: 'raft', raft: { from: 99n, to: member.id, term: 1, body: undefined } }),
    Buffer.concat([
      frame({ case: 'hello', hello }),
      frame({ case: 'raft', raft: { from: 98n, to: member.id, term: 1, body: undefined } }),
    ]),
  ];
  const [host = '', port = ''] = member.peerAddresses[0]?.split(':') ?? [];
  for (const attack of attacks) {
    await new Promise<void>((resolve) => {
      const socket = connect(Number(port), host, () => socket.write(attack));
      socket.on('error', () => undefined);
      socket.on('data', () => undefined);
      socket.on('close', () => resolve());
    });
  }
  const refusals = await until(() => {
    const refused = (cluster.facts.get('m1') ?? []).filter((fact) => fact.type === 'refused');
    return refused.length >= attacks.length ? refused : undefined;
  });
  assert.equal(refusals.length, attacks.length);
  await cluster.client('m1').put({ ...EMPTY_PUT_REQUEST, key: 'still', value: Uint8Array.of(1) });
});

test('members listen at every address that they are given', {
  timeout: 20_000,
}, async () => {
  const cluster = await RealCluster.create(3);
  for (const [i, { name, peerUrls }] of [...cluster.initial].entries())
    cluster.initial[i] = { name, peerUrls: [...peerUrls, `http://127.0.0.1:${await freePort()}`] };
  await cluster.start();
  await cluster.leader();
  for (const member of cluster.members.values()) {
    assert.equal(member.peerAddresses.length, 2);
    for (const address of member.peerAddresses) assert.equal(await accepts(address), true, address);
  }
  await cluster.client('m1').put({ ...EMPTY_PUT_REQUEST, key: 'a' });
});

test('an address that cannot be had is an error, and no other is listened at then', { timeout: 20_000 }, async () => {
  const [cluster, other] = [await RealCluster.create(1), await RealCluster.create(1)];
  await other.start();
  const [first = '', taken = ''] = [cluster.initial[0]?.peerUrls[0], other.initial[0]?.peerUrls[0]];
  cluster.initial[0] = { name: 'm1', peerUrls: [first, taken] };
  await assert.rejects(cluster.start(), /EADDRINUSE/);
  assert.equal(await accepts(new URL(first).host), false);
});

function accepts(address: string): Promise<boolean> {
  const [host = '', port = ''] = address.split(':');
  return new Promise((resolve) => {
    const socket = connect(Number(port), host, () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}

test('members of two revisions take part side by side: the newer one says no more than the older one understands', {
  timeout: 30_000,
}, async () => {
  const cluster = await RealCluster.create(3);
  cluster.formats.set('m1', 1);
  await cluster.start();
  for (const leader of cluster.names) {
    const target = cluster.member(leader);
    await until(async () => {
      if (target.isLeader) return true;
      const at = cluster.member(await cluster.leader());
      await cluster
        .client(at.config.name)
        .moveLeader({ targetID: target.id })
        .catch(() => undefined);
      return undefined;
    });
    // Many at once: more than one goes to the leader in a turn.
    const puts = cluster.names.flatMap((name) =>
      Array.from({ length: 40 }, (_, i) =>
        cluster.client(name).put({ ...EMPTY_PUT_REQUEST, key: `${leader}/${name}/${i}`, value: utf8Bytes('v') }),
      ),
    );
    assert.equal((await Promise.all(puts)).length, 120);
  }
  const refused = cluster.names.flatMap((name) =>
    (cluster.facts.get(name) ?? []).filter(({ type }) => type === 'refused'),
  );
  assert.deepEqual(refused, []);
});
