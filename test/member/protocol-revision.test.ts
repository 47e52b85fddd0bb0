import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MemberId, Term } from '../../base/brand.ts';
import { utf8Bytes } from '../../base/bytes.ts';
import { Prng } from '../../base/prng.ts';
import type { Connection } from '../../io/doors.ts';
import { type AcceptorOptions, serveConnection } from '../../member/peers/acceptor.ts';
import { FrameReader, framed } from '../../member/peers/frames.ts';
import { helloTo, type PeerIdentity } from '../../member/peers/hello.ts';
import { PeerLink } from '../../member/peers/link.ts';
import { Proposals } from '../../member/proposals.ts';
import { EMPTY_PUT_REQUEST } from '../../proto/gen/etcd.ts';
import { decodePeerFrame, encodePeerFrame, type PeerFrame } from '../../proto/gen/peer.ts';
import { HandClock } from './hand-clock.ts';

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const encoded = (frame: PeerFrame['frame']): Uint8Array => encodePeerFrame({ frame });
/** As the highest bit of a frame's length says. */
const hasNewChecksum = (frame: Uint8Array): boolean => (frame[3] ?? 0) >= 0x80;

function identity(memberId: bigint, commandFormat: number): PeerIdentity {
  return {
    ...{ clusterId: 9n, memberId, serverVersion: '3.6.0', addresses: [], commandFormat },
    clusterFormat: () => 1,
  };
}

/** A connection whose other end is the test: what was written, frame by frame, and a way to say something. */
function end() {
  const frames: Uint8Array[] = [];
  let say: (chunk: Uint8Array) => void = () => undefined;
  const connection: Connection = {
    remote: 'test',
    write: (parts) => {
      frames.push(Buffer.concat(parts));
      return true;
    },
    close: () => undefined,
    onData: (listener) => {
      say = listener;
    },
    onDrain: () => undefined,
    onClose: () => undefined,
  };
  return { connection, frames, say: (parts: readonly Uint8Array[]) => say(Buffer.concat(parts)) };
}

for (const [format, isNew] of [
  [1, false],
  [2, true],
] as const) {
  test(`a link to a member of command format ${format} sends ${isNew ? 'the newer' : 'the older'} frames after its hello`, async () => {
    const { connection, frames, say } = end();
    const link = new PeerLink({
      network: { connect: async () => connection, listen: () => Promise.reject(new Error('nobody listens')) },
      clock: new HandClock(),
      random: { uint32: () => 0, bytes: (count) => new Uint8Array(count) },
      address: () => 'there:1',
      hello: () => helloTo(identity(1n, 2), 2n),
      refusal: () => undefined,
      onFrame: () => undefined,
      onOpen: () => undefined,
      onDown: () => undefined,
    });
    await settled();
    say(framed(0, encoded({ case: 'hello', hello: helloTo(identity(2n, format), 1n) })));
    assert.ok(link.send(utf8Bytes('a message')));
    assert.deepEqual([frames.map(hasNewChecksum), link.revision], [[false, isNew], isNew ? 1 : 0]);
    assert.deepEqual(new FrameReader(1000).read(frames[1] as Uint8Array), [Buffer.from('a message')]);
    link.close();
  });

  test(`a member of command format ${format} is answered in ${isNew ? 'the newer' : 'the older'} frames after the hello`, async () => {
    const { connection, frames, say } = end();
    const options: AcceptorOptions = {
      clock: new HandClock(),
      self: identity(1n, 2),
      isRemoved: () => false,
      onHello: () => undefined,
      onRaft: () => undefined,
      onCall: () => ({ case: 'propose', propose: { dropped: false, index: 7, term: 3 } }),
      onReceived: () => undefined,
      onRefused: (_, reason) => assert.fail(reason),
    };
    serveConnection(connection, options);
    say(framed(0, encoded({ case: 'hello', hello: helloTo(identity(2n, format), 1n) })));
    const call = { case: 'propose', propose: { type: 0, data: utf8Bytes('x') } } as const;
    say(framed(isNew ? 1 : 0, encoded({ case: 'call', call: { id: 1, call } })));
    assert.deepEqual(frames.map(hasNewChecksum), [false, isNew]);
    const [answer] = new FrameReader(1000).read(frames[1] as Uint8Array);
    const { frame } = decodePeerFrame(answer as Uint8Array);
    assert.equal(frame?.case === 'answer' && frame.answer.result?.case, 'propose');
  });
}

test('proposals of one turn go to the leader together, and one by one to a leader that does not know better', async () => {
  const sizes = async (takesMany: boolean): Promise<readonly number[]> => {
    const forwarded: number[] = [];
    const clock = new HandClock();
    const proposals = new Proposals({
      ...{ clock, maxPending: 100, maxApplyGap: 100, maxRequestBytes: 2 ** 21, quotaBytes: 0, firstId: 0n },
      leader: () => ({ id: 2n as MemberId, electedMs: 0 }),
      isSelf: () => false,
      connectedSinceMs: () => 0,
      applyGap: () => 0,
      append: () => assert.fail('this member does not lead'),
      forward: async (_, some) => {
        forwarded.push(some.length);
        return some.map((_each, i) => ({ index: (i + 1) as never, term: 1 as Term }));
      },
      takesMany: () => takesMany,
      soon: queueMicrotask,
    });
    const prng = new Prng(1);
    const large = Uint8Array.from({ length: 300_000 }, () => prng.between(0, 255));
    for (const [i, value] of [utf8Bytes('a'), utf8Bytes('b'), large, large, large, large].entries())
      proposals
        .propose(
          { case: 'put', put: { ...EMPTY_PUT_REQUEST, key: `k${i}`, value } },
          { atMs: 1000, code: 'TIMEOUT', signal: undefined },
        )
        .catch(() => undefined);
    await settled();
    clock.pass(2000);
    return forwarded;
  };
  assert.deepEqual(await sizes(true), [5, 1]);
  assert.deepEqual(await sizes(false), [1, 1, 1, 1, 1, 1]);
});
