import {
  ClusterService as C,
  HealthService as H,
  KVService as KV,
  LeaseService as L,
  MaintenanceService as M,
  WatchService as W,
} from '../../../../proto/gen/etcd.ts';
import { framed } from '../../../rpc/raw-grpc.ts';
import { CLIENT_VERSION, FIELD_NUMBER, MALFORMED, UTF8 } from '../differences.ts';
import { doPut, get, put, txn } from '../requests.ts';
import { ask, askBytes, hear, type Step, talk } from '../step.ts';

const hex = (text: string): Uint8Array => framed(Buffer.from(text, 'hex'));
const unframed = (text: string): Uint8Array => Buffer.from(text, 'hex');
const NOWHERE = {
  path: '/etcdserverpb.KV/Nothing',
  encodeRequest: KV.Range.encodeRequest,
  decodeResponse: KV.Range.decodeResponse,
};
const MIB = 1024 * 1024;

/** What is no request, and what only just is one. */
export const WIRE_STEPS: readonly Step[] = [
  // Messages.
  askBytes('an empty message', KV.Range, hex('')),
  askBytes('tag 0', KV.Range, hex('00'), { differs: MALFORMED }),
  askBytes('tag 0 of another type', KV.Range, hex('05'), { differs: MALFORMED }),
  askBytes('a field that breaks off', KV.Range, hex('0a05')),
  askBytes('a tag that breaks off', KV.Range, hex('8a')),
  askBytes('a varint that breaks off', KV.Range, hex('0a01611880')),
  askBytes('a varint of eleven bytes', KV.Range, hex('18ffffffffffffffffffff01')),
  askBytes('a key that is a varint', KV.Range, hex('0801'), { differs: MALFORMED }),
  askBytes('a limit that is a string', KV.Range, hex('1a0161'), { differs: MALFORMED }),
  askBytes('an unknown field, varint', KV.Range, hex('0a0161f80701')),
  askBytes('an unknown field, bytes', KV.Range, hex('0a0161fa070178')),
  askBytes('an unknown field, group', KV.Range, hex('0a0161fb070801fc07')),
  askBytes('an unknown field, 32 and 64 bits', KV.Range, hex('0a0161fd0700000000f9070000000000000000')),
  askBytes('a group that never ends', KV.Range, hex('0a0161fb07')),
  askBytes('the end of a group that never began', KV.Range, hex('0a0161fc07'), { differs: MALFORMED }),
  askBytes('wire type 6', KV.Range, hex('0a0161fe07')),
  askBytes('wire type 7', KV.Range, hex('0a0161ff07')),
  askBytes('a key given twice', KV.Range, hex('0a01610a0162')),
  askBytes('a bool that is 2', KV.Range, hex('0a01613802')),
  askBytes('a length of nearly 2^64', KV.Range, hex('0affffffffffffffffff01')),
  askBytes('a field number of 2^29 and more', KV.Range, hex('808080801001'), { differs: FIELD_NUMBER }),
  askBytes('UTF-8 that is none, in a string', C.MemberAdd, hex('0a02fffe'), { differs: UTF8 }),
  askBytes('one operation of two kinds', KV.Txn, hex('12080a030a016112010a')),
  ask('a value of what is not text', KV.Put, put('u', '\xc3\x28\xff')),

  // Frames.
  askBytes('no message', KV.Range, unframed('')),
  askBytes('half a frame', KV.Range, unframed('000000')),
  askBytes('a message that breaks off', KV.Range, unframed('00000000050a01')),
  askBytes('a compressed message, without saying how', KV.Range, unframed('01000000030a0161')),
  askBytes('a flag that is not', KV.Range, unframed('02000000030a0161')),
  askBytes('two messages where one is wanted', KV.Range, Buffer.concat([hex('0a0161'), hex('0a0162')])),
  ask('an encoding that is not', KV.Range, get('u'), { headers: { 'grpc-encoding': 'brotli' } }),

  // Names.
  ask('a method that is not', NOWHERE, get('u')),
  ask('a service that is not', { ...NOWHERE, path: '/etcdserverpb.Nothing/Range' }, get('u')),
  ask('a path of one part', { ...NOWHERE, path: '/nothing' }, get('u')),
  ask('a path of three parts', { ...NOWHERE, path: '/a/etcdserverpb.KV/Range' }, get('u')),
  ask('reflection', { ...NOWHERE, path: '/grpc.reflection.v1.ServerReflection/ServerReflectionInfo' }, get('u')),

  // Sizes.
  ask('a value of 1 MiB', KV.Put, put('big', 'x'.repeat(MIB))),
  ask('a value of 1.5 MiB and a little', KV.Put, put('big', 'x'.repeat(1.5 * MIB + 10))),
  ask('a message of 2 MiB and a little', KV.Put, put('big', 'x'.repeat(2 * MIB + 10))),
  ask('a key of 100 KiB', KV.Put, put('k'.repeat(100 * 1024))),
  ask('a range with a key of 100 KiB', KV.Range, get('k'.repeat(100 * 1024), { keysOnly: true })),
  ask(
    'a transaction of 1.5 MiB and a little',
    KV.Txn,
    txn([], [doPut('a', 'x'.repeat(MIB)), doPut('b', 'x'.repeat(0.5 * MIB))]),
  ),

  // Metadata.
  ask('a client of some version', KV.Range, get('u'), { headers: { 'client-api-version': '3.6' } }),
  ask('a client whose version is no UTF-8', KV.Range, get('u'), {
    headers: { 'client-api-version': '\xff\xfe' },
    differs: CLIENT_VERSION,
  }),
  ask('a leader is wanted and there', KV.Range, get('u'), { headers: { hasleader: 'true' } }),
  ask('a token though nobody is asked', KV.Range, get('u'), { headers: { token: 'nobody.1' } }),
  ask('a time limit that is over', KV.Range, get('u'), { headers: { 'grpc-timeout': '1n' } }),
  ask('a time limit that is none', KV.Range, get('u'), { headers: { 'grpc-timeout': 'soon' } }),
  ask('a time limit that is long', KV.Range, get('u'), { headers: { 'grpc-timeout': '99999999H' } }),

  // Health.
  ask('the health of the server', H.Check, { service: '' }),
  ...['etcdserverpb.KV', 'etcdserverpb.Watch', 'nothing'].map((service) =>
    ask(`the health of ${service}`, H.Check, { service }),
  ),
  talk('the health of the server, watched', H.Watch, [{ service: '' }, hear(1)]),
  talk('the health of nothing, watched', H.Watch, [{ service: 'nothing' }, hear(1)]),
  askBytes('a stream whose message is malformed', W.Watch, hex('00'), { differs: MALFORMED }),
  askBytes('a stream of renewals whose message is malformed', L.LeaseKeepAlive, hex('0a'), { differs: MALFORMED }),
  askBytes('a snapshot by a malformed message', M.Snapshot, hex('0a')),
  askBytes('a watch, half-closed, by a message too long', W.Watch, framed(Buffer.alloc(2 * MIB + 1))),
  ask('unary by a stream of one', L.LeaseTimeToLive, { ID: 1n, keys: false }),
  ask('the store is as it was', KV.Range, get('\0', { rangeEnd: '\0', keysOnly: true })),
];
