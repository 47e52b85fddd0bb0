// Written by proto/generate.mjs from kv.proto, auth.proto, rpc.proto, lock.proto, election.proto, health.proto; change those.

import { EMPTY_BYTES } from '../../base/bytes.ts';
import { bulkOf, decode, encode, encodeBulk, type Reader, type Writer } from '../wire.ts';
import type { Method } from '../method.ts';

export const EventType = { PUT: 0, DELETE: 1 } as const;

export const PermissionType = { READ: 0, WRITE: 1, READWRITE: 2 } as const;

export const AlarmType = { NONE: 0, NOSPACE: 1, CORRUPT: 2 } as const;

export const SortTarget = { KEY: 0, VERSION: 1, CREATE: 2, MOD: 3, VALUE: 4 } as const;

export const SortOrder = { NONE: 0, ASCEND: 1, DESCEND: 2 } as const;

export const CompareTarget = { VERSION: 0, CREATE: 1, MOD: 2, VALUE: 3, LEASE: 4 } as const;

export const CompareResult = { EQUAL: 0, GREATER: 1, LESS: 2, NOT_EQUAL: 3 } as const;

export const WatchFilter = { NOPUT: 0, NODELETE: 1 } as const;

export const AlarmAction = { GET: 0, ACTIVATE: 1, DEACTIVATE: 2 } as const;

export const DowngradeAction = { VALIDATE: 0, ENABLE: 1, CANCEL: 2 } as const;

export const ServingStatus = { UNKNOWN: 0, SERVING: 1, NOT_SERVING: 2, SERVICE_UNKNOWN: 3 } as const;

export interface KeyValue {
  readonly key: string;
  readonly createRevision: number;
  readonly modRevision: number;
  readonly version: number;
  readonly value: Uint8Array;
  readonly lease: bigint;
}
export const EMPTY_KEY_VALUE: KeyValue = { key: '', createRevision: 0, modRevision: 0, version: 0, value: EMPTY_BYTES, lease: 0n };
export function encodeKeyValue(message: KeyValue): Uint8Array {
  return encode(message, writeKeyValue);
}
export function decodeKeyValue(bytes: Uint8Array): KeyValue {
  return decode(bytes, readKeyValue);
}
export function writeKeyValue(w: Writer, m: KeyValue): void {
  if (m.key !== '') w.byteString(10, m.key);
  if (m.createRevision !== 0) w.int64(16, m.createRevision);
  if (m.modRevision !== 0) w.int64(24, m.modRevision);
  if (m.version !== 0) w.int64(32, m.version);
  if (m.value.length !== 0) w.bytes(42, m.value);
  if (m.lease !== 0n) w.bigint(48, m.lease);
}
const KNOWN_KEY_VALUE: ReadonlySet<number> = new Set([1, 2, 3, 4, 5, 6]);
export function readKeyValue(r: Reader): KeyValue {
  let key = '';
  let createRevision = 0;
  let modRevision = 0;
  let version = 0;
  let value: Uint8Array = EMPTY_BYTES;
  let lease = 0n;
  while (r.more()) {
    const tag = r.tag();
    switch (tag) {
      case 10:
        key = r.byteString();
        break;
      case 16:
        createRevision = r.int64();
        break;
      case 24:
        modRevision = r.int64();
        break;
      case 32:
        version = r.int64();
        break;
      case 42:
        value = r.bytes();
        break;
      case 48:
        lease = r.int64Big();
        break;
      default:
        r.skip(tag, 'KeyValue', KNOWN_KEY_VALUE);
    }
  }
  return { key, createRevision, modRevision, version, value, lease };
}

export interface Event {
  readonly type: number;
  readonly kv: Uint8Array | undefined;
  readonly prevKv: Uint8Array | undefined;
}
export const EMPTY_EVENT: Event = { type: 0, kv: undefined, prevKv: undefined };
export function encodeEvent(message: Event): Uint8Array {
  return encode(message, writeEvent);
}
export function decodeEvent(bytes: Uint8Array): Event {
  return decode(bytes, readEvent);
}
export function writeEvent(w: Writer, m: Event): void {
  if (m.type !== 0) w.int32(8, m.type);
  if (m.kv !== undefined) w.bytes(18, m.kv);
  if (m.prevKv !== undefined) w.bytes(26, m.prevKv);
}
const KNOWN_EVENT: ReadonlySet<number> = new Set([1, 2, 3]);
export function readEvent(r: Reader): Event {
  let type = 0;
  let kv: Uint8Array | undefined;
  let prevKv: Uint8Array | undefined;
  while (r.more()) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        type = r.int32();
        break;
      case 18:
        kv = r.bytes();
        break;
      case 26:
        prevKv = r.bytes();
        break;
      default:
        r.skip(tag, 'Event', KNOWN_EVENT);
    }
  }
  return { type, kv, prevKv };
}

export interface UserAddOptions {
  readonly noPassword: boolean;
}
export const EMPTY_USER_ADD_OPTIONS: UserAddOptions = { noPassword: false };
export function encodeUserAddOptions(message: UserAddOptions): Uint8Array {
  return encode(message, writeUserAddOptions);
}
export function decodeUserAddOptions(bytes: Uint8Array): UserAddOptions {
  return decode(bytes, readUserAddOptions);
}
export function writeUserAddOptions(w: Writer, m: UserAddOptions): void {
  if (m.noPassword) w.bool(8, m.noPassword);
}
const KNOWN_USER_ADD_OPTIONS: ReadonlySet<number> = new Set([1]);
export function readUserAddOptions(r: Reader): UserAddOptions {
  let noPassword = false;
  while (r.more()) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        noPassword = r.bool();
        break;
      default:
        r.skip(tag, 'UserAddOptions', KNOWN_USER_ADD_OPTIONS);
    }
  }
  return { noPassword };
}

export interface User {
  readonly name: Uint8Array;
  readonly password: Uint8Array;
  readonly roles: readonly string[];
  readonly options: UserAddOptions | undefined;
}
export const EMPTY_USER: User = { name: EMPTY_BYTES, password: EMPTY_BYTES, roles: [], options: undefined };
export function encodeUser(message: User): Uint8Array {
  return encode(message, writeUser);
}
export function decodeUser(bytes: Uint8Array): User {
  return decode(bytes, readUser);
}
export function writeUser(w: Writer, m: User): void {
  if (m.name.length !== 0) w.bytes(10, m.name);
  if (m.password.length !== 0) w.bytes(18, m.password);
  for (const item of m.roles) {
    w.text(26, item);
  }
  if (m.options !== undefined) {
    const start = w.open(34);
    writeUserAddOptions(w, m.options);
    w.close(start);
  }
}
const KNOWN_USER: ReadonlySet<number> = new Set([1, 2, 3, 4]);
export function readUser(r: Reader): User {
  let name: Uint8Array = EMPTY_BYTES;
  let password: Uint8Array = EMPTY_BYTES;
  const roles: string[] = [];
  let options: UserAddOptions | undefined;
  while (r.more()) {
    const tag = r.tag();
    switch (tag) {
      case 10:
        name = r.bytes();
        break;
      case 18:
        password = r.bytes();
        break;
      case 26:
        roles.push(r.text());
        break;
      case 34: {
        const outer = r.enter();
        options = readUserAddOptions(r);
        r.leave(outer);
        break;
      }
      default:
        r.skip(tag, 'User', KNOWN_USER);
    }
  }
  return { name, password, roles, options };
}

export interface Permission {
  readonly permType: number;
  readonly key: string;
  readonly rangeEnd: string;
}
export const EMPTY_PERMISSION: Permission = { permType: 0, key: '', rangeEnd: '' };
export function encodePermission(message: Permission): Uint8Array {
  return encode(message, writePermission);
}
export function decodePermission(bytes: Uint8Array): Permission {
  return decode(bytes, readPermission);
}
export function writePermission(w: Writer, m: Permission): void {
  if (m.permType !== 0) w.int32(8, m.permType);
  if (m.key !== '') w.byteString(18, m.key);
  if (m.rangeEnd !== '') w.byteString(26, m.rangeEnd);
}
const KNOWN_PERMISSION: ReadonlySet<number> = new Set([1, 2, 3]);
export function readPermission(r: Reader): Permission {
  let permType = 0;
  let key = '';
  let rangeEnd = '';
  while (r.more()) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        permType = r.int32();
        break;
      case 18:
        key = r.byteString();
        break;
      case 26:
        rangeEnd = r.byteString();
        break;
      default:
        r.skip(tag, 'Permission', KNOWN_PERMISSION);
    }
  }
  return { permType, key, rangeEnd };
}

export interface Role {
  readonly name: Uint8Array;
  readonly keyPermission: readonly Permission[];
}
export const EMPTY_ROLE: Role = { name: EMPTY_BYTES, keyPermission: [] };
export function encodeRole(message: Role): Uint8Array {
  return encode(message, writeRole);
}
export function decodeRole(bytes: Uint8Array): Role {
  return decode(bytes, readRole);
}
export function writeRole(w: Writer, m: Role): void {
  if (m.name.length !== 0) w.bytes(10, m.name);
  for (const item of m.keyPermission) {
    const start = w.open(18);
    writePermission(w, item);
    w.close(start);
  }
}
const KNOWN_ROLE: ReadonlySet<number> = new Set([1, 2]);
export function readRole(r: Reader): Role {
  let name: Uint8Array = EMPTY_BYTES;
  const keyPermission: Permission[] = [];
  while (r.more()) {
    const tag = r.tag();
    switch (tag) {
      case 10:
        name = r.bytes();
        break;
      case 18: {
        const outer = r.enter();
        keyPermission.push(readPermission(r));
        r.leave(outer);
        break;
      }
      default:
        r.skip(tag, 'Role', KNOWN_ROLE);
    }
  }
  return { name, keyPermission };
}

export interface ResponseHeader {
  readonly clusterId: bigint;
  readonly memberId: bigint;
  readonly revision: number;
  readonly raftTerm: number;
}
export const EMPTY_RESPONSE_HEADER: ResponseHeader = { clusterId: 0n, memberId: 0n, revision: 0, raftTerm: 0 };
export function encodeResponseHeader(message: ResponseHeader): Uint8Array {
  return encode(message, writeResponseHeader);
}
export function decodeResponseHeader(bytes: Uint8Array): ResponseHeader {
  return decode(bytes, readResponseHeader);
}
export function writeResponseHeader(w: Writer, m: ResponseHeader): void {
  if (m.clusterId !== 0n) w.bigint(8, m.clusterId);
  if (m.memberId !== 0n) w.bigint(16, m.memberId);
  if (m.revision !== 0) w.int64(24, m.revision);
  if (m.raftTerm !== 0) w.uint64(32, m.raftTerm);
}
const KNOWN_RESPONSE_HEADER: ReadonlySet<number> = new Set([1, 2, 3, 4]);
export function readResponseHeader(r: Reader): ResponseHeader {
  let clusterId = 0n;
  let memberId = 0n;
  let revision = 0;
  let raftTerm = 0;
  while (r.more()) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        clusterId = r.uint64Big();
        break;
      case 16:
        memberId = r.uint64Big();
        break;
      case 24:
        revision = r.int64();
        break;
      case 32:
        raftTerm = r.uint64();
        break;
      default:
        r.skip(tag, 'ResponseHeader', KNOWN_RESPONSE_HEADER);
    }
  }
  return { clusterId, memberId, revision, raftTerm };
}

export interface RangeRequest {
  readonly key: string;
  readonly rangeEnd: string;
  readonly limit: number;
  readonly revision: number;
  readonly sortOrder: number;
  readonly sortTarget: number;
  readonly serializable: boolean;
  readonly keysOnly: boolean;
  readonly countOnly: boolean;
  readonly minModRevision: number;
  readonly maxModRevision: number;
  readonly minCreateRevision: number;
  readonly maxCreateRevision: number;
}
export const EMPTY_RANGE_REQUEST: RangeRequest = { key: '', rangeEnd: '', limit: 0, revision: 0, sortOrder: 0, sortTarget: 0, serializable: false, keysOnly: false, countOnly: false, minModRevision: 0, maxModRevision: 0, minCreateRevision: 0, maxCreateRevision: 0 };
export function encodeRangeRequest(message: RangeRequest): Uint8Array {
  return encode(message, writeRangeRequest);
}
export function decodeRangeRequest(bytes: Uint8Array): RangeRequest {
  return decode(bytes, readRangeRequest);
}
export function writeRangeRequest(w: Writer, m: RangeRequest): void {
  if (m.key !== '') w.byteString(10, m.key);
  if (m.rangeEnd !== '') w.byteString(18, m.rangeEnd);
  if (m.limit !== 0) w.int64(24, m.limit);
  if (m.revision !== 0) w.int64(32, m.revision);
  if (m.sortOrder !== 0) w.int32(40, m.sortOrder);
  if (m.sortTarget !== 0) w.int32(48, m.sortTarget);
  if (m.serializable) w.bool(56, m.serializable);
  if (m.keysOnly) w.bool(64, m.keysOnly);
  if (m.countOnly) w.bool(72, m.countOnly);
  if (m.minModRevision !== 0) w.int64(80, m.minModRevision);
  if (m.maxModRevision !== 0) w.int64(88, m.maxModRevision);
  if (m.minCreateRevision !== 0) w.int64(96, m.minCreateRevision);
  if (m.maxCreateRevision !== 0) w.int64(104, m.maxCreateRevision);
}
const KNOWN_RANGE_REQUEST: ReadonlySet<number> = new Set([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13]);
export function readRangeRequest(r: Reader): RangeRequest {
  let key = '';
  let rangeEnd = '';
  let limit = 0;
  let revision = 0;
  let sortOrder = 0;
  let sortTarget = 0;
  let serializable = false;
  let keysOnly = false;
  let countOnly = false;
  let minModRevision = 0;
  let maxModRevision = 0;
  let minCreateRevision = 0;
  let maxCreateRevision = 0;
  while (r.more()) {
    const tag = r.tag();
    switch (tag) {
      case 10:
        key = r.byteString();
        break;
      case 18:
        rangeEnd = r.byteString();
        break;
      case 24:
        limit = r.int64();
        break;
      case 32:
        revision = r.int64();
        break;
      case 40:
        sortOrder = r.int32();
        break;
      case 48:
        sortTarget = r.int32();
        break;
      case 56:
        serializable = r.bool();
        break;
      case 64:
        keysOnly = r.bool();
        break;
      case 72:
        countOnly = r.bool();
        break;
      case 80:
        minModRevision = r.int64();
        break;
      case 88:
        maxModRevision = r.int64();
        break;
      case 96:
        minCreateRevision = r.int64();
        break;
      case 104:
        maxCreateRevision = r.int64();
        break;
      default:
        r.skip(tag, 'RangeRequest', KNOWN_RANGE_REQUEST);
    }
  }
  return { key, rangeEnd, limit, revision, sortOrder, sortTarget, serializable, keysOnly, countOnly, minModRevision, maxModRevision, minCreateRevision, maxCreateRevision };
}

export interface RangeResponse {
  readonly header: ResponseHeader | undefined;
  readonly kvs: readonly Uint8Array[];
  readonly more: boolean;
  readonly count: number;
}
export const EMPTY_RANGE_RESPONSE: RangeResponse = { header: undefined, kvs: [], more: false, count: 0 };
export function encodeRangeResponse(message: RangeResponse): Uint8Array {
  return encodeBulk(message, writeRangeResponse, bulkOf(message.kvs));
}
export function decodeRangeResponse(bytes: Uint8Array): RangeResponse {
  return decode(bytes, readRangeResponse);
}
export function writeRangeResponse(w: Writer, m: RangeResponse): void {
  if (m.header !== undefined) {
    const start = w.open(10);
    writeResponseHeader(w, m.header);
    w.close(start);
  }
  for (const item of m.kvs) {
    w.bytes(18, item);
  }
  if (m.more) w.bool(24, m.more);
  if (m.count !== 0) w.int64(32, m.count);
}
const KNOWN_RANGE_RESPONSE: ReadonlySet<number> = new Set([1, 2, 3, 4]);
export function readRangeResponse(r: Reader): RangeResponse {
  let header: ResponseHeader | undefined;
  const kvs: Uint8Array[] = [];
  let more = false;
  let count = 0;
  while (r.more()) {
    const tag = r.tag();
    switch (tag) {
      case 10: {
        const outer = r.enter();
        header = readResponseHeader(r);
        r.leave(outer);
        break;
      }
      case 18:
        kvs.push(r.bytes());
        break;
      case 24:
        more = r.bool();
        break;
      case 32:
        count = r.int64();
        break;
      default:
        r.skip(tag, 'RangeResponse', KNOWN_RANGE_RESPONSE);
    }
  }
  return { header, kvs, more, count };
}

export interface PutRequest {
  readonly key: string;
  readonly value: Uint8Array;
  readonly lease: bigint;
  readonly prevKv: boolean;
  readonly ignoreValue: boolean;
  readonly ignoreLease: boolean;
}
export const EMPTY_PUT_REQUEST: PutRequest = { key: '', value: EMPTY_BYTES, lease: 0n, prevKv: false, ignoreValue: false, ignoreLease: false };
export function encodePutRequest(message: PutRequest): Uint8Array {
  return encode(message, writePutRequest);
}
export function decodePutRequest(bytes: Uint8Array): PutRequest {
  return decode(bytes, readPutRequest);
}
export function writePutRequest(w: Writer, m: PutRequest): void {
  if (m.key !== '') w.byteString(10, m.key);
  if (m.value.length !== 0) w.bytes(18, m.value);
  if (m.lease !== 0n) w.bigint(24, m.lease);
  if (m.prevKv) w.bool(32, m.prevKv);
  if (m.ignoreValue) w.bool(40, m.ignoreValue);
  if (m.ignoreLease) w.bool(48, m.ignoreLease);
}
const KNOWN_PUT_REQUEST: ReadonlySet<number> = new Set([1, 2, 3, 4, 5, 6]);
export function readPutRequest(r: Reader): PutRequest {
  let key = '';
  let value: Uint8Array = EMPTY_BYTES;
  let lease = 0n;
  let prevKv = false;
  let ignoreValue = false;
  let ignoreLease = false;
  while (r.more()) {
    const tag = r.tag();
    switch (tag) {
      case 10:
        key = r.byteString();
        break;
      case 18:
        value = r.bytes();
        break;
      case 24:
        lease = r.int64Big();
        break;
      case 32:
        prevKv = r.bool();
        break;
      case 40:
        ignoreValue = r.bool();
        break;
      case 48:
        ignoreLease = r.bool();
        break;
      default:
        r.skip(tag, 'PutRequest', KNOWN_PUT_REQUEST);
    }
  }
  return { key, value, lease, prevKv, ignoreValue, ignoreLease };
}

export interface PutResponse {
  readonly header: ResponseHeader | undefined;
  readonly prevKv: Uint8Array | undefined;
}
export const EMPTY_PUT_RESPONSE: PutResponse = { header: undefined, prevKv: undefined };
export function encodePutResponse(message: PutResponse): Uint8Array {
  return encode(message, writePutResponse);
}
export function decodePutResponse(bytes: Uint8Array): PutResponse {
  return decode(bytes, readPutResponse);
}
export function writePutResponse(w: Writer, m: PutResponse): void {
  if (m.header !== undefined) {
    const start = w.open(10);
    writeResponseHeader(w, m.header);
    w.close(start);
  }
  if (m.prevKv !== undefined) w.bytes(18, m.prevKv);
}
const KNOWN_PUT_RESPONSE: ReadonlySet<number> = new Set([1, 2]);
export function readPutResponse(r: Reader): PutResponse {
  let header: ResponseHeader | undefined;
  let prevKv: Uint8Array | undefined;
  while (r.more()) {
    const tag = r.tag();
    switch (tag) {
      case 10: {
        const outer = r.enter();
        header = readResponseHeader(r);
        r.leave(outer);
        break;
      }
      case 18:
        prevKv = r.bytes();
        break;
      default:
        r.skip(tag, 'PutResponse', KNOWN_PUT_RESPONSE);
    }
  }
  return { header, prevKv };
}

export interface DeleteRangeRequest {
  readonly key: string;
  readonly rangeEnd: string;
  readonly prevKv: boolean;
}
export const EMPTY_DELETE_RANGE_REQUEST: DeleteRangeRequest = { key: '', rangeEnd: '', prevKv: false };
export function encodeDeleteRangeRequest(message: DeleteRangeRequest): Uint8Array {
  return encode(message, writeDeleteRangeRequest);
}
export function decodeDeleteRangeRequest(bytes: Uint8Array): DeleteRangeRequest {
  return decode(bytes, readDeleteRangeRequest);
}
export function writeDeleteRangeRequest(w: Writer, m: DeleteRangeRequest): void {
  if (m.key !== '') w.byteString(10, m.key);
  if (m.rangeEnd !== '') w.byteString(18, m.rangeEnd);
  if (m.prevKv) w.bool(24, m.prevKv);
}
const KNOWN_DELETE_RANGE_REQUEST: ReadonlySet<number> = new Set([1, 2, 3]);
export function readDeleteRangeRequest(r: Reader): DeleteRangeRequest {
  let key = '';
  let rangeEnd = '';
  let prevKv = false;
  while (r.more()) {
    const tag = r.tag();
    switch (tag) {
      case 10:
        key = r.byteString();
        break;
      case 18:
        rangeEnd = r.byteString();
        break;
      case 24:
        prevKv = r.bool();
        break;
      default:
        r.skip(tag, 'DeleteRangeRequest', KNOWN_DELETE_RANGE_REQUEST);
    }
  }
  return { key, rangeEnd, prevKv };
}

export interface DeleteRangeResponse {
  readonly header: ResponseHeader | undefined;
  readonly deleted: number;
  readonly prevKvs: readonly Uint8Array[];
}
export const EMPTY_DELETE_RANGE_RESPONSE: DeleteRangeResponse = { header: undefined, deleted: 0, prevKvs: [] };
export function encodeDeleteRangeResponse(message: DeleteRangeResponse): Uint8Array {
  return encodeBulk(message, writeDeleteRangeResponse, bulkOf(message.prevKvs));
}
export function decodeDeleteRangeResponse(bytes: Uint8Array): DeleteRangeResponse {
  return decode(bytes, readDeleteRangeResponse);
}
export function writeDeleteRangeResponse(w: Writer, m: DeleteRangeResponse): void {
  if (m.header !== undefined) {
    const start = w.open(10);
    writeResponseHeader(w, m.header);
    w.close(start);
  }
  if (m.deleted !== 0) w.int64(16, m.deleted);
  for (const item of m.prevKvs) {
    w.bytes(26, item);
  }
}
const KNOWN_DELETE_RANGE_RESPONSE: ReadonlySet<number> = new Set([1, 2, 3]);
export function readDeleteRangeResponse(r: Reader): DeleteRangeResponse {
  let header: ResponseHeader | undefined;
  let deleted = 0;
  const prevKvs: Uint8Array[] = [];
  while (r.more()) {
    const tag = r.tag();
    switch (tag) {
      case 10: {
        const outer = r.enter();
        header = readResponseHeader(r);
        r.leave(outer);
        break;
      }
      case 16:
        deleted = r.int64();
        break;
      case 26:
        prevKvs.push(r.bytes());
        break;
      default:
        r.skip(tag, 'DeleteRangeResponse', KNOWN_DELETE_RANGE_RESPONSE);
    }
  }
  return { header, deleted, prevKvs };
}

export interface RequestOp {
  readonly request:
    | { readonly case: 'requestRange'; readonly requestRange: RangeRequest }
    | { readonly case: 'requestPut'; readonly requestPut: PutRequest }
    | { readonly case: 'requestDeleteRange'; readonly requestDeleteRange: DeleteRangeRequest }
    | { readonly case: 'requestTxn'; readonly requestTxn: TxnRequest }
    | undefined;
}
export const EMPTY_REQUEST_OP: RequestOp = { request: undefined };
export function encodeRequestOp(message: RequestOp): Uint8Array {
  return encode(message, writeRequestOp);
}
export function decodeRequestOp(bytes: Uint8Array): RequestOp {
  return decode(bytes, readRequestOp);
}
export function writeRequestOp(w: Writer, m: RequestOp): void {
  switch (m.request?.case) {
    case 'requestRange': {
      const start = w.open(10);
      writeRangeRequest(w, m.request.requestRange);
      w.close(start);
      break;
    }
    case 'requestPut': {
      const start = w.open(18);
      writePutRequest(w, m.request.requestPut);
      w.close(start);
      break;
    }
    case 'requestDeleteRange': {
      const start = w.open(26);
      writeDeleteRangeRequest(w, m.request.requestDeleteRange);
      w.close(start);
      break;
    }
    case 'requestTxn': {
      const start = w.open(34);
      writeTxnRequest(w, m.request.requestTxn);
      w.close(start);
      break;
    }
    case undefined:
  }
}
const KNOWN_REQUEST_OP: ReadonlySet<number> = new Set([1, 2, 3, 4]);
export function readRequestOp(r: Reader): RequestOp {
  let request: RequestOp['request'];
  while (r.more()) {
    const tag = r.tag();
    switch (tag) {
      case 10: {
        const outer = r.enter();
        request = { case: 'requestRange', requestRange: readRangeRequest(r) };
        r.leave(outer);
        break;
      }
      case 18: {
        const outer = r.enter();
        request = { case: 'requestPut', requestPut: readPutRequest(r) };
        r.leave(outer);
        break;
      }
      case 26: {
        const outer = r.enter();
        request = { case: 'requestDeleteRange', requestDeleteRange: readDeleteRangeRequest(r) };
        r.leave(outer);
        break;
      }
      case 34: {
        const outer = r.enter();
        request = { case: 'requestTxn', requestTxn: readTxnRequest(r) };
        r.leave(outer);
        break;
      }
      default:
        r.skip(tag, 'RequestOp', KNOWN_REQUEST_OP);
    }
  }
  return { request };
}

export interface ResponseOp {
  readonly response:
    | { readonly case: 'responseRange'; readonly responseRange: RangeResponse }
    | { readonly case: 'responsePut'; readonly responsePut: PutResponse }
    | { readonly case: 'responseDeleteRange'; readonly responseDeleteRange: DeleteRangeResponse }
    | { readonly case: 'responseTxn'; readonly responseTxn: TxnResponse }
    | undefined;
}
export const EMPTY_RESPONSE_OP: ResponseOp = { response: undefined };
export function encodeResponseOp(message: ResponseOp): Uint8Array {
  return encode(message, writeResponseOp);
}
export function decodeResponseOp(bytes: Uint8Array): ResponseOp {
  return decode(bytes, readResponseOp);
}
export function writeResponseOp(w: Writer, m: ResponseOp): void {
  switch (m.response?.case) {
    case 'responseRange': {
      const start = w.open(10);
      writeRangeResponse(w, m.response.responseRange);
      w.close(start);
      break;
    }
    case 'responsePut': {
      const start = w.open(18);
      writePutResponse(w, m.response.responsePut);
      w.close(start);
      break;
    }
    case 'responseDeleteRange': {
      const start = w.open(26);
      writeDeleteRangeResponse(w, m.response.responseDeleteRange);
      w.close(start);
      break;
    }
    case 'responseTxn': {
      const start = w.open(34);
      writeTxnResponse(w, m.response.responseTxn);
      w.close(start);
      break;
    }
    case undefined:
  }
}
const KNOWN_RESPONSE_OP: ReadonlySet<number> = new Set([1, 2, 3, 4]);
export function readResponseOp(r: Reader): ResponseOp {
  let response: ResponseOp['response'];
  while (r.more()) {
    const tag = r.tag();
    switch (tag) {
      case 10: {
        const outer = r.enter();
        response = { case: 'responseRange', responseRange: readRangeResponse(r) };
        r.leave(outer);
        break;
      }
      case 18: {
        const outer = r.enter();
        response = { case: 'responsePut', responsePut: readPutResponse(r) };
        r.leave(outer);
        break;
      }
      case 26: {
        const outer = r.enter();
        response = { case: 'responseDeleteRange', responseDeleteRange: readDeleteRangeResponse(r) };
        r.leave(outer);
        break;
      }
      case 34: {
        const outer = r.enter();
        response = { case: 'responseTxn', responseTxn: readTxnResponse(r) };
        r.leave(outer);
        break;
      }
      default:
        r.skip(tag, 'ResponseOp', KNOWN_RESPONSE_OP);
    }
  }
  return { response };
}

export interface Compare {
  readonly result: number;
  readonly target: number;
  readonly key: string;
  readonly targetUnion:
    | { readonly case: 'version'; readonly version: number }
    | { readonly case: 'createRevision'; readonly createRevision: number }
    | { readonly case: 'modRevision'; readonly modRevision: number }
    | { readonly case: 'value'; readonly value: Uint8Array }
    | { readonly case: 'lease'; readonly lease: bigint }
    | undefined;
  readonly rangeEnd: string;
}
export const EMPTY_COMPARE: Compare = { result: 0, target: 0, key: '', targetUnion: undefined, rangeEnd: '' };
export function encodeCompare(message: Compare): Uint8Array {
  return encode(message, writeCompare);
}
export function decodeCompare(bytes: Uint8Array): Compare {
  return decode(bytes, readCompare);
}
export function writeCompare(w: Writer, m: Compare): void {
  if (m.result !== 0) w.int32(8, m.result);
  if (m.target !== 0) w.int32(16, m.target);
  if (m.key !== '') w.byteString(26, m.key);
  switch (m.targetUnion?.case) {
    case 'version': {
      w.int64(32, m.targetUnion.version);
      break;
    }
    case 'createRevision': {
      w.int64(40, m.targetUnion.createRevision);
      break;
    }
    case 'modRevision': {
      w.int64(48, m.targetUnion.modRevision);
      break;
    }
    case 'value': {
      w.bytes(58, m.targetUnion.value);
      break;
    }
    case 'lease': {
      w.bigint(64, m.targetUnion.lease);
      break;
    }
    case undefined:
  }
  if (m.rangeEnd !== '') w.byteString(514, m.rangeEnd);
}
const KNOWN_COMPARE: ReadonlySet<number> = new Set([1, 2, 3, 4, 5, 6, 7, 8, 64]);
export function readCompare(r: Reader): Compare {
  let result = 0;
  let target = 0;
  let key = '';
  let targetUnion: Compare['targetUnion'];
  let rangeEnd = '';
  while (r.more()) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        result = r.int32();
        break;
      case 16:
        target = r.int32();
        break;
      case 26:
        key = r.byteString();
        break;
      case 32:
        targetUnion = { case: 'version', version: r.int64() };
        break;
      case 40:
        targetUnion = { case: 'createRevision', createRevision: r.int64() };
        break;
      case 48:
        targetUnion = { case: 'modRevision', modRevision: r.int64() };
        break;
      case 58:
        targetUnion = { case: 'value', value: r.bytes() };
        break;
      case 64:
        targetUnion = { case: 'lease', lease: r.int64Big() };
        break;
      case 514:
        rangeEnd = r.byteString();
        break;
      default:
        r.skip(tag, 'Compare', KNOWN_COMPARE);
    }
  }
  return { result, target, key, targetUnion, rangeEnd };
}

export interface TxnRequest {
  readonly compare: readonly Compare[];
  readonly success: readonly RequestOp[];
  readonly failure: readonly RequestOp[];
}
export const EMPTY_TXN_REQUEST: TxnRequest = { compare: [], success: [], failure: [] };
export function encodeTxnRequest(message: TxnRequest): Uint8Array {
  return encode(message, writeTxnRequest);
}
export function decodeTxnRequest(bytes: Uint8Array): TxnRequest {
  return decode(bytes, readTxnRequest);
}
export function writeTxnRequest(w: Writer, m: TxnRequest): void {
  for (const item of m.compare) {
    const start = w.open(10);
    writeCompare(w, item);
    w.close(start);
  }
  for (const item of m.success) {
    const start = w.open(18);
    writeRequestOp(w, item);
    w.close(start);
  }
  for (const item of m.failure) {
    const start = w.open(26);
    writeRequestOp(w, item);
    w.close(start);
  }
}
const KNOWN_TXN_REQUEST: ReadonlySet<number> = new Set([1, 2, 3]);
export function readTxnRequest(r: Reader): TxnRequest {
  const compare: Compare[] = [];
  const success: RequestOp[] = [];
  const failure: RequestOp[] = [];
  while (r.more()) {
    const tag = r.tag();
    switch (tag) {
      case 10: {
        const outer = r.enter();
        compare.push(readCompare(r));
        r.leave(outer);
        break;
      }
      case 18: {
        const outer = r.enter();
        success.push(readRequestOp(r));
        r.leave(outer);
        break;
      }
      case 26: {
        const outer = r.enter();
        failure.push(readRequestOp(r));
        r.leave(outer);
        break;
      }
      default:
        r.skip(tag, 'TxnRequest', KNOWN_TXN_REQUEST);
    }
  }
  return { compare, success, failure };
}

export interface TxnResponse {
  readonly header: ResponseHeader | undefined;
  readonly succeeded: boolean;
  readonly responses: readonly ResponseOp[];
}
export const EMPTY_TXN_RESPONSE: TxnResponse = { header: undefined, succeeded: false, responses: [] };
export function encodeTxnResponse(message: TxnResponse): Uint8Array {
  return encode(message, writeTxnResponse);
}
export function decodeTxnResponse(bytes: Uint8Array): TxnResponse {
  return decode(bytes, readTxnResponse);
}
export function writeTxnResponse(w: Writer, m: TxnResponse): void {
  if (m.header !== undefined) {
    const start = w.open(10);
    writeResponseHeader(w, m.header);
    w.close(start);
  }
  if (m.succeeded) w.bool(16, m.succeeded);
  for (const item of m.responses) {
    const start = w.open(26);
    writeResponseOp(w, item);
    w.close(start);
  }
}
const KNOWN_TXN_RESPONSE: ReadonlySet<number> = new Set([1, 2, 3]);
export function readTxnResponse(r: Reader): TxnResponse {
  let header: ResponseHeader | undefined;
  let succeeded = false;
  const responses: ResponseOp[] = [];
  while (r.more()) {
    const tag = r.tag();
    switch (tag) {
      case 10: {
        const outer = r.enter();
        header = readResponseHeader(r);
        r.leave(outer);
        break;
      }
      case 16:
        succeeded = r.bool();
        break;
      case 26: {
        const outer = r.enter();
        responses.push(readResponseOp(r));
        r.leave(outer);
        break;
      }
      default:
        r.skip(tag, 'TxnResponse', KNOWN_TXN_RESPONSE);
    }
  }
  return { header, succeeded, responses };
}

export interface CompactionRequest {
  readonly revision: number;
  readonly physical: boolean;
}
export const EMPTY_COMPACTION_REQUEST: CompactionRequest = { revision: 0, physical: false };
export function encodeCompactionRequest(message: CompactionRequest): Uint8Array {
  return encode(message, writeCompactionRequest);
}
export function decodeCompactionRequest(bytes: Uint8Array): CompactionRequest {
  return decode(bytes, readCompactionRequest);
}
export function writeCompactionRequest(w: Writer, m: CompactionRequest): void {
  if (m.revision !== 0) w.int64(8, m.revision);
  if (m.physical) w.bool(16, m.physical);
}
const KNOWN_COMPACTION_REQUEST: ReadonlySet<number> = new Set([1, 2]);
export function readCompactionRequest(r: Reader): CompactionRequest {
  let revision = 0;
  let physical = false;
  while (r.more()) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        revision = r.int64();
        break;
      case 16:
        physical = r.bool();
        break;
      default:
        r.skip(tag, 'CompactionRequest', KNOWN_COMPACTION_REQUEST);
    }
  }
  return { revision, physical };
}

export interface CompactionResponse {
  readonly header: ResponseHeader | undefined;
}
export const EMPTY_COMPACTION_RESPONSE: CompactionResponse = { header: undefined };
export function encodeCompactionResponse(message: CompactionResponse): Uint8Array {
  return encode(message, writeCompactionResponse);
}
export function decodeCompactionResponse(bytes: Uint8Array): CompactionResponse {
  return decode(bytes, readCompactionResponse);
}
export function writeCompactionResponse(w: Writer, m: CompactionResponse): void {
  if (m.header !== undefined) {
    const start = w.open(10);
    writeResponseHeader(w, m.header);
    w.close(start);
  }
}
const KNOWN_COMPACTION_RESPONSE: ReadonlySet<number> = new Set([1]);
export function readCompactionResponse(r: Reader): CompactionResponse {
  let header: ResponseHeader | undefined;
  while (r.more()) {
    const tag = r.tag();
    switch (tag) {
      case 10: {
        const outer = r.enter();
        header = readResponseHeader(r);
        r.leave(outer);
        break;
      }
      default:
        r.skip(tag, 'CompactionResponse', KNOWN_COMPACTION_RESPONSE);
    }
  }
  return { header };
}

export interface HashRequest {}
export const EMPTY_HASH_REQUEST: HashRequest = {  };
export function encodeHashRequest(message: HashRequest): Uint8Array {
  return encode(message, writeHashRequest);
}
export function decodeHashRequest(bytes: Uint8Array): HashRequest {
  return decode(bytes, readHashRequest);
}
export function writeHashRequest(_w: Writer, _m: HashRequest): void {
}
const KNOWN_HASH_REQUEST: ReadonlySet<number> = new Set([]);
export function readHashRequest(r: Reader): HashRequest {
  while (r.more()) r.skip(r.tag(), 'HashRequest', KNOWN_HASH_REQUEST);
  return {};
}

export interface HashKVRequest {
  readonly revision: number;
}
export const EMPTY_HASH_KV_REQUEST: HashKVRequest = { revision: 0 };
export function encodeHashKVRequest(message: HashKVRequest): Uint8Array {
  return encode(message, writeHashKVRequest);
}
export function decodeHashKVRequest(bytes: Uint8Array): HashKVRequest {
  return decode(bytes, readHashKVRequest);
}
export function writeHashKVRequest(w: Writer, m: HashKVRequest): void {
  if (m.revision !== 0) w.int64(8, m.revision);
}
const KNOWN_HASH_KV_REQUEST: ReadonlySet<number> = new Set([1]);
export function readHashKVRequest(r: Reader): HashKVRequest {
  let revision = 0;
  while (r.more()) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        revision = r.int64();
        break;
      default:
        r.skip(tag, 'HashKVRequest', KNOWN_HASH_KV_REQUEST);
    }
  }
  return { revision };
}

export interface HashKVResponse {
  readonly header: ResponseHeader | undefined;
  readonly hash: number;
  readonly compactRevision: number;
  readonly hashRevision: number;
}
export const EMPTY_HASH_KV_RESPONSE: HashKVResponse = { header: undefined, hash: 0, compactRevision: 0, hashRevision: 0 };
export function encodeHashKVResponse(message: HashKVResponse): Uint8Array {
  return encode(message, writeHashKVResponse);
}
export function decodeHashKVResponse(bytes: Uint8Array): HashKVResponse {
  return decode(bytes, readHashKVResponse);
}
export function writeHashKVResponse(w: Writer, m: HashKVResponse): void {
  if (m.header !== undefined) {
    const start = w.open(10);
    writeResponseHeader(w, m.header);
    w.close(start);
  }
  if (m.hash !== 0) w.uint32(16, m.hash);
  if (m.compactRevision !== 0) w.int64(24, m.compactRevision);
  if (m.hashRevision !== 0) w.int64(32, m.hashRevision);
}
const KNOWN_HASH_KV_RESPONSE: ReadonlySet<number> = new Set([1, 2, 3, 4]);
export function readHashKVResponse(r: Reader): HashKVResponse {
  let header: ResponseHeader | undefined;
  let hash = 0;
  let compactRevision = 0;
  let hashRevision = 0;
  while (r.more()) {
    const tag = r.tag();
    switch (tag) {
      case 10: {
        const outer = r.enter();
        header = readResponseHeader(r);
        r.leave(outer);
        break;
      }
      case 16:
        hash = r.uint32();
        break;
      case 24:
        compactRevision = r.int64();
        break;
      case 32:
        hashRevision = r.int64();
        break;
      default:
        r.skip(tag, 'HashKVResponse', KNOWN_HASH_KV_RESPONSE);
    }
  }
  return { header, hash, compactRevision, hashRevision };
}

export interface HashResponse {
  readonly header: ResponseHeader | undefined;
  readonly hash: number;
}
export const EMPTY_HASH_RESPONSE: HashResponse = { header: undefined, hash: 0 };
export function encodeHashResponse(message: HashResponse): Uint8Array {
  return encode(message, writeHashResponse);
}
export function decodeHashResponse(bytes: Uint8Array): HashResponse {
  return decode(bytes, readHashResponse);
}
export function writeHashResponse(w: Writer, m: HashResponse): void {
  if (m.header !== undefined) {
    const start = w.open(10);
    writeResponseHeader(w, m.header);
    w.close(start);
  }
  if (m.hash !== 0) w.uint32(16, m.hash);
}
const KNOWN_HASH_RESPONSE: ReadonlySet<number> = new Set([1, 2]);
export function readHashResponse(r: Reader): HashResponse {
  let header: ResponseHeader | undefined;
  let hash = 0;
  while (r.more()) {
    const tag = r.tag();
    switch (tag) {
      case 10: {
        const outer = r.enter();
        header = readResponseHeader(r);
        r.leave(outer);
        break;
      }
      case 16:
        hash = r.uint32();
        break;
      default:
        r.skip(tag, 'HashResponse', KNOWN_HASH_RESPONSE);
    }
  }
  return { header, hash };
}

export interface SnapshotRequest {}
export const EMPTY_SNAPSHOT_REQUEST: SnapshotRequest = {  };
export function encodeSnapshotRequest(message: SnapshotRequest): Uint8Array {
  return encode(message, writeSnapshotRequest);
}
export function decodeSnapshotRequest(bytes: Uint8Array): SnapshotRequest {
  return decode(bytes, readSnapshotRequest);
}
export function writeSnapshotRequest(_w: Writer, _m: SnapshotRequest): void {
}
const KNOWN_SNAPSHOT_REQUEST: ReadonlySet<number> = new Set([]);
export function readSnapshotRequest(r: Reader): SnapshotRequest {
  while (r.more()) r.skip(r.tag(), 'SnapshotRequest', KNOWN_SNAPSHOT_REQUEST);
  return {};
}

export interface SnapshotResponse {
  readonly header: ResponseHeader | undefined;
  readonly remainingBytes: number;
  readonly blob: Uint8Array;
  readonly version: string;
}
export const EMPTY_SNAPSHOT_RESPONSE: SnapshotResponse = { header: undefined, remainingBytes: 0, blob: EMPTY_BYTES, version: '' };
export function encodeSnapshotResponse(message: SnapshotResponse): Uint8Array {
  return encode(message, writeSnapshotResponse);
}
export function decodeSnapshotResponse(bytes: Uint8Array): SnapshotResponse {
  return decode(bytes, readSnapshotResponse);
}
export function writeSnapshotResponse(w: Writer, m: SnapshotResponse): void {
  if (m.header !== undefined) {
    const start = w.open(10);
    writeResponseHeader(w, m.header);
    w.close(start);
  }
  if (m.remainingBytes !== 0) w.uint64(16, m.remainingBytes);
  if (m.blob.length !== 0) w.bytes(26, m.blob);
  if (m.version !== '') w.text(34, m.version);
}
const KNOWN_SNAPSHOT_RESPONSE: ReadonlySet<number> = new Set([1, 2, 3, 4]);
export function readSnapshotResponse(r: Reader): SnapshotResponse {
  let header: ResponseHeader | undefined;
  let remainingBytes = 0;
  let blob: Uint8Array = EMPTY_BYTES;
  let version = '';
  while (r.more()) {
    const tag = r.tag();
    switch (tag) {
      case 10: {
        const outer = r.enter();
        header = readResponseHeader(r);
        r.leave(outer);
        break;
      }
      case 16:
        remainingBytes = r.uint64();
        break;
      case 26:
        blob = r.bytes();
        break;
      case 34:
        version = r.text();
        break;
      default:
        r.skip(tag, 'SnapshotResponse', KNOWN_SNAPSHOT_RESPONSE);
    }
  }
  return { header, remainingBytes, blob, version };
}

export interface WatchRequest {
  readonly requestUnion:
    | { readonly case: 'createRequest'; readonly createRequest: WatchCreateRequest }
    | { readonly case: 'cancelRequest'; readonly cancelRequest: WatchCancelRequest }
    | { readonly case: 'progressRequest'; readonly progressRequest: WatchProgressRequest }
    | undefined;
}
export const EMPTY_WATCH_REQUEST: WatchRequest = { requestUnion: undefined };
export function encodeWatchRequest(message: WatchRequest): Uint8Array {
  return encode(message, writeWatchRequest);
}
export function decodeWatchRequest(bytes: Uint8Array): WatchRequest {
  return decode(bytes, readWatchRequest);
}
export function writeWatchRequest(w: Writer, m: WatchRequest): void {
  switch (m.requestUnion?.case) {
    case 'createRequest': {
      const start = w.open(10);
      writeWatchCreateRequest(w, m.requestUnion.createRequest);
      w.close(start);
      break;
    }
    case 'cancelRequest': {
      const start = w.open(18);
      writeWatchCancelRequest(w, m.requestUnion.cancelRequest);
      w.close(start);
      break;
    }
    case 'progressRequest': {
      const start = w.open(26);
      writeWatchProgressRequest(w, m.requestUnion.progressRequest);
      w.close(start);
      break;
    }
    case undefined:
  }
}
const KNOWN_WATCH_REQUEST: ReadonlySet<number> = new Set([1, 2, 3]);
export function readWatchRequest(r: Reader): WatchRequest {
  let requestUnion: WatchRequest['requestUnion'];
  while (r.more()) {
    const tag = r.tag();
    switch (tag) {
      case 10: {
        const outer = r.enter();
        requestUnion = { case: 'createRequest', createRequest: readWatchCreateRequest(r) };
        r.leave(outer);
        break;
      }
      case 18: {
        const outer = r.enter();
        requestUnion = { case: 'cancelRequest', cancelRequest: readWatchCancelRequest(r) };
        r.leave(outer);
        break;
      }
      case 26: {
        const outer = r.enter();
        requestUnion = { case: 'progressRequest', progressRequest: readWatchProgressRequest(r) };
        r.leave(outer);
        break;
      }
      default:
        r.skip(tag, 'WatchRequest', KNOWN_WATCH_REQUEST);
    }
  }
  return { requestUnion };
}

export interface WatchCreateRequest {
  readonly key: string;
  readonly rangeEnd: string;
  readonly startRevision: number;
  readonly progressNotify: boolean;
  readonly filters: readonly number[];
  readonly prevKv: boolean;
  readonly watchId: number;
  readonly fragment: boolean;
}
export const EMPTY_WATCH_CREATE_REQUEST: WatchCreateRequest = { key: '', rangeEnd: '', startRevision: 0, progressNotify: false, filters: [], prevKv: false, watchId: 0, fragment: false };
export function encodeWatchCreateRequest(message: WatchCreateRequest): Uint8Array {
  return encode(message, writeWatchCreateRequest);
}
export function decodeWatchCreateRequest(bytes: Uint8Array): WatchCreateRequest {
  return decode(bytes, readWatchCreateRequest);
}
export function writeWatchCreateRequest(w: Writer, m: WatchCreateRequest): void {
  if (m.key !== '') w.byteString(10, m.key);
  if (m.rangeEnd !== '') w.byteString(18, m.rangeEnd);
  if (m.startRevision !== 0) w.int64(24, m.startRevision);
  if (m.progressNotify) w.bool(32, m.progressNotify);
  if (m.filters.length !== 0) {
    const start = w.open(42);
    for (const item of m.filters) w.packedInt32(item);
    w.close(start);
  }
  if (m.prevKv) w.bool(48, m.prevKv);
  if (m.watchId !== 0) w.int64(56, m.watchId);
  if (m.fragment) w.bool(64, m.fragment);
}
const KNOWN_WATCH_CREATE_REQUEST: ReadonlySet<number> = new Set([1, 2, 3, 4, 5, 6, 7, 8]);
export function readWatchCreateRequest(r: Reader): WatchCreateRequest {
  let key = '';
  let rangeEnd = '';
  let startRevision = 0;
  let progressNotify = false;
  const filters: number[] = [];
  let prevKv = false;
  let watchId = 0;
  let fragment = false;
  while (r.more()) {
    const tag = r.tag();
    switch (tag) {
      case 10:
        key = r.byteString();
        break;
      case 18:
        rangeEnd = r.byteString();
        break;
      case 24:
        startRevision = r.int64();
        break;
      case 32:
        progressNotify = r.bool();
        break;
      case 40:
        filters.push(r.int32());
        break;
      case 42: {
        const outer = r.enter();
        while (r.more()) filters.push(r.int32());
        r.leave(outer);
        break;
      }
      case 48:
        prevKv = r.bool();
        break;
      case 56:
        watchId = r.int64();
        break;
      case 64:
        fragment = r.bool();
        break;
      default:
        r.skip(tag, 'WatchCreateRequest', KNOWN_WATCH_CREATE_REQUEST);
    }
  }
  return { key, rangeEnd, startRevision, progressNotify, filters, prevKv, watchId, fragment };
}

export interface WatchCancelRequest {
  readonly watchId: number;
}
export const EMPTY_WATCH_CANCEL_REQUEST: WatchCancelRequest = { watchId: 0 };
export function encodeWatchCancelRequest(message: WatchCancelRequest): Uint8Array {
  return encode(message, writeWatchCancelRequest);
}
export function decodeWatchCancelRequest(bytes: Uint8Array): WatchCancelRequest {
  return decode(bytes, readWatchCancelRequest);
}
export function writeWatchCancelRequest(w: Writer, m: WatchCancelRequest): void {
  if (m.watchId !== 0) w.int64(8, m.watchId);
}
const KNOWN_WATCH_CANCEL_REQUEST: ReadonlySet<number> = new Set([1]);
export function readWatchCancelRequest(r: Reader): WatchCancelRequest {
  let watchId = 0;
  while (r.more()) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        watchId = r.int64();
        break;
      default:
        r.skip(tag, 'WatchCancelRequest', KNOWN_WATCH_CANCEL_REQUEST);
    }
  }
  return { watchId };
}

export interface WatchProgressRequest {}
export const EMPTY_WATCH_PROGRESS_REQUEST: WatchProgressRequest = {  };
export function encodeWatchProgressRequest(message: WatchProgressRequest): Uint8Array {
  return encode(message, writeWatchProgressRequest);
}
export function decodeWatchProgressRequest(bytes: Uint8Array): WatchProgressRequest {
  return decode(bytes, readWatchProgressRequest);
}
export function writeWatchProgressRequest(_w: Writer, _m: WatchProgressRequest): void {
}
const KNOWN_WATCH_PROGRESS_REQUEST: ReadonlySet<number> = new Set([]);
export function readWatchProgressRequest(r: Reader): WatchProgressRequest {
  while (r.more()) r.skip(r.tag(), 'WatchProgressRequest', KNOWN_WATCH_PROGRESS_REQUEST);
  return {};
}

export interface WatchResponse {
  readonly header: ResponseHeader | undefined;
  readonly watchId: number;
  readonly created: boolean;
  readonly canceled: boolean;
  readonly compactRevision: number;
  readonly cancelReason: string;
  readonly fragment: boolean;
  readonly events: readonly Event[];
}
export const EMPTY_WATCH_RESPONSE: WatchResponse = { header: undefined, watchId: 0, created: false, canceled: false, compactRevision: 0, cancelReason: '', fragment: false, events: [] };
export function encodeWatchResponse(message: WatchResponse): Uint8Array {
  return encode(message, writeWatchResponse);
}
export function decodeWatchResponse(bytes: Uint8Array): WatchResponse {
  return decode(bytes, readWatchResponse);
}
export function writeWatchResponse(w: Writer, m: WatchResponse): void {
  if (m.header !== undefined) {
    const start = w.open(10);
    writeResponseHeader(w, m.header);
    w.close(start);
  }
  if (m.watchId !== 0) w.int64(16, m.watchId);
  if (m.created) w.bool(24, m.created);
  if (m.canceled) w.bool(32, m.canceled);
  if (m.compactRevision !== 0) w.int64(40, m.compactRevision);
  if (m.cancelReason !== '') w.text(50, m.cancelReason);
  if (m.fragment) w.bool(56, m.fragment);
  for (const item of m.events) {
    const start = w.open(90);
    writeEvent(w, item);
    w.close(start);
  }
}
const KNOWN_WATCH_RESPONSE: ReadonlySet<number> = new Set([1, 2, 3, 4, 5, 6, 7, 11]);
export function readWatchResponse(r: Reader): WatchResponse {
  let header: ResponseHeader | undefined;
  let watchId = 0;
  let created = false;
  let canceled = false;
  let compactRevision = 0;
  let cancelReason = '';
  let fragment = false;
  const events: Event[] = [];
  while (r.more()) {
    const tag = r.tag();
    switch (tag) {
      case 10: {
        const outer = r.enter();
        header = readResponseHeader(r);
        r.leave(outer);
        break;
      }
      case 16:
        watchId = r.int64();
        break;
      case 24:
        created = r.bool();
        break;
      case 32:
        canceled = r.bool();
        break;
      case 40:
        compactRevision = r.int64();
        break;
      case 50:
        cancelReason = r.text();
        break;
      case 56:
        fragment = r.bool();
        break;
      case 90: {
        const outer = r.enter();
        events.push(readEvent(r));
        r.leave(outer);
        break;
      }
      default:
        r.skip(tag, 'WatchResponse', KNOWN_WATCH_RESPONSE);
    }
  }
  return { header, watchId, created, canceled, compactRevision, cancelReason, fragment, events };
}

export interface LeaseGrantRequest {
  readonly TTL: number;
  readonly ID: bigint;
}
export const EMPTY_LEASE_GRANT_REQUEST: LeaseGrantRequest = { TTL: 0, ID: 0n };
export function encodeLeaseGrantRequest(message: LeaseGrantRequest): Uint8Array {
  return encode(message, writeLeaseGrantRequest);
}
export function decodeLeaseGrantRequest(bytes: Uint8Array): LeaseGrantRequest {
  return decode(bytes, readLeaseGrantRequest);
}
export function writeLeaseGrantRequest(w: Writer, m: LeaseGrantRequest): void {
  if (m.TTL !== 0) w.int64(8, m.TTL);
  if (m.ID !== 0n) w.bigint(16, m.ID);
}
const KNOWN_LEASE_GRANT_REQUEST: ReadonlySet<number> = new Set([1, 2]);
export function readLeaseGrantRequest(r: Reader): LeaseGrantRequest {
  let TTL = 0;
  let ID = 0n;
  while (r.more()) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        TTL = r.int64();
        break;
      case 16:
        ID = r.int64Big();
        break;
      default:
        r.skip(tag, 'LeaseGrantRequest', KNOWN_LEASE_GRANT_REQUEST);
    }
  }
  return { TTL, ID };
}

export interface LeaseGrantResponse {
  readonly header: ResponseHeader | undefined;
  readonly ID: bigint;
  readonly TTL: number;
  readonly error: string;
}
export const EMPTY_LEASE_GRANT_RESPONSE: LeaseGrantResponse = { header: undefined, ID: 0n, TTL: 0, error: '' };
export function encodeLeaseGrantResponse(message: LeaseGrantResponse): Uint8Array {
  return encode(message, writeLeaseGrantResponse);
}
export function decodeLeaseGrantResponse(bytes: Uint8Array): LeaseGrantResponse {
  return decode(bytes, readLeaseGrantResponse);
}
export function writeLeaseGrantResponse(w: Writer, m: LeaseGrantResponse): void {
  if (m.header !== undefined) {
    const start = w.open(10);
    writeResponseHeader(w, m.header);
    w.close(start);
  }
  if (m.ID !== 0n) w.bigint(16, m.ID);
  if (m.TTL !== 0) w.int64(24, m.TTL);
  if (m.error !== '') w.text(34, m.error);
}
const KNOWN_LEASE_GRANT_RESPONSE: ReadonlySet<number> = new Set([1, 2, 3, 4]);
export function readLeaseGrantResponse(r: Reader): LeaseGrantResponse {
  let header: ResponseHeader | undefined;
  let ID = 0n;
  let TTL = 0;
  let error = '';
  while (r.more()) {
    const tag = r.tag();
    switch (tag) {
      case 10: {
        const outer = r.enter();
        header = readResponseHeader(r);
        r.leave(outer);
        break;
      }
      case 16:
        ID = r.int64Big();
        break;
      case 24:
        TTL = r.int64();
        break;
      case 34:
        error = r.text();
        break;
      default:
        r.skip(tag, 'LeaseGrantResponse', KNOWN_LEASE_GRANT_RESPONSE);
    }
  }
  return { header, ID, TTL, error };
}

export interface LeaseRevokeRequest {
  readonly ID: bigint;
}
export const EMPTY_LEASE_REVOKE_REQUEST: LeaseRevokeRequest = { ID: 0n };
export function encodeLeaseRevokeRequest(message: LeaseRevokeRequest): Uint8Array {
  return encode(message, writeLeaseRevokeRequest);
}
export function decodeLeaseRevokeRequest(bytes: Uint8Array): LeaseRevokeRequest {
  return decode(bytes, readLeaseRevokeRequest);
}
export function writeLeaseRevokeRequest(w: Writer, m: LeaseRevokeRequest): void {
  if (m.ID !== 0n) w.bigint(8, m.ID);
}
const KNOWN_LEASE_REVOKE_REQUEST: ReadonlySet<number> = new Set([1]);
export function readLeaseRevokeRequest(r: Reader): LeaseRevokeRequest {
  let ID = 0n;
  while (r.more()) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        ID = r.int64Big();
        break;
      default:
        r.skip(tag, 'LeaseRevokeRequest', KNOWN_LEASE_REVOKE_REQUEST);
    }
  }
  return { ID };
}

export interface LeaseRevokeResponse {
  readonly header: ResponseHeader | undefined;
}
export const EMPTY_LEASE_REVOKE_RESPONSE: LeaseRevokeResponse = { header: undefined };
export function encodeLeaseRevokeResponse(message: LeaseRevokeResponse): Uint8Array {
  return encode(message, writeLeaseRevokeResponse);
}
export function decodeLeaseRevokeResponse(bytes: Uint8Array): LeaseRevokeResponse {
  return decode(bytes, readLeaseRevokeResponse);
}
export function writeLeaseRevokeResponse(w: Writer, m: LeaseRevokeResponse): void {
  if (m.header !== undefined) {
    const start = w.open(10);
    writeResponseHeader(w, m.header);
    w.close(start);
  }
}
const KNOWN_LEASE_REVOKE_RESPONSE: ReadonlySet<number> = new Set([1]);
export function readLeaseRevokeResponse(r: Reader): LeaseRevokeResponse {
  let header: ResponseHeader | undefined;
  while (r.more()) {
    const tag = r.tag();
    switch (tag) {
      case 10: {
        const outer = r.enter();
        header = readResponseHeader(r);
        r.leave(outer);
        break;
      }
      default:
        r.skip(tag, 'LeaseRevokeResponse', KNOWN_LEASE_REVOKE_RESPONSE);
    }
  }
  return { header };
}

export interface LeaseCheckpoint {
  readonly ID: bigint;
  readonly remainingTTL: number;
}
export const EMPTY_LEASE_CHECKPOINT: LeaseCheckpoint = { ID: 0n, remainingTTL: 0 };
export function encodeLeaseCheckpoint(message: LeaseCheckpoint): Uint8Array {
  return encode(message, writeLeaseCheckpoint);
}
export function decodeLeaseCheckpoint(bytes: Uint8Array): LeaseCheckpoint {
  return decode(bytes, readLeaseCheckpoint);
}
export function writeLeaseCheckpoint(w: Writer, m: LeaseCheckpoint): void {
  if (m.ID !== 0n) w.bigint(8, m.ID);
  if (m.remainingTTL !== 0) w.int64(16, m.remainingTTL);
}
const KNOWN_LEASE_CHECKPOINT: ReadonlySet<number> = new Set([1, 2]);
export function readLeaseCheckpoint(r: Reader): LeaseCheckpoint {
  let ID = 0n;
  let remainingTTL = 0;
  while (r.more()) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        ID = r.int64Big();
        break;
      case 16:
        remainingTTL = r.int64();
        break;
      default:
        r.skip(tag, 'LeaseCheckpoint', KNOWN_LEASE_CHECKPOINT);
    }
  }
  return { ID, remainingTTL };
}

export interface LeaseCheckpointRequest {
  readonly checkpoints: readonly LeaseCheckpoint[];
}
export const EMPTY_LEASE_CHECKPOINT_REQUEST: LeaseCheckpointRequest = { checkpoints: [] };
export function encodeLeaseCheckpointRequest(message: LeaseCheckpointRequest): Uint8Array {
  return encode(message, writeLeaseCheckpointRequest);
}
export function decodeLeaseCheckpointRequest(bytes: Uint8Array): LeaseCheckpointRequest {
  return decode(bytes, readLeaseCheckpointRequest);
}
export function writeLeaseCheckpointRequest(w: Writer, m: LeaseCheckpointRequest): void {
  for (const item of m.checkpoints) {
    const start = w.open(10);
    writeLeaseCheckpoint(w, item);
    w.close(start);
  }
}
const KNOWN_LEASE_CHECKPOINT_REQUEST: ReadonlySet<number> = new Set([1]);
export function readLeaseCheckpointRequest(r: Reader): LeaseCheckpointRequest {
  const checkpoints: LeaseCheckpoint[] = [];
  while (r.more()) {
    const tag = r.tag();
    switch (tag) {
      case 10: {
        const outer = r.enter();
        checkpoints.push(readLeaseCheckpoint(r));
        r.leave(outer);
        break;
      }
      default:
        r.skip(tag, 'LeaseCheckpointRequest', KNOWN_LEASE_CHECKPOINT_REQUEST);
    }
  }
  return { checkpoints };
}

export interface LeaseCheckpointResponse {
  readonly header: ResponseHeader | undefined;
}
export const EMPTY_LEASE_CHECKPOINT_RESPONSE: LeaseCheckpointResponse = { header: undefined };
export function encodeLeaseCheckpointResponse(message: LeaseCheckpointResponse): Uint8Array {
  return encode(message, writeLeaseCheckpointResponse);
}
export function decodeLeaseCheckpointResponse(bytes: Uint8Array): LeaseCheckpointResponse {
  return decode(bytes, readLeaseCheckpointResponse);
}
export function writeLeaseCheckpointResponse(w: Writer, m: LeaseCheckpointResponse): void {
  if (m.header !== undefined) {
    const start = w.open(10);
    writeResponseHeader(w, m.header);
    w.close(start);
  }
}
const KNOWN_LEASE_CHECKPOINT_RESPONSE: ReadonlySet<number> = new Set([1]);
export function readLeaseCheckpointResponse(r: Reader): LeaseCheckpointResponse {
  let header: ResponseHeader | undefined;
  while (r.more()) {
    const tag = r.tag();
    switch (tag) {
      case 10: {
        const outer = r.enter();
        header = readResponseHeader(r);
        r.leave(outer);
        break;
      }
      default:
        r.skip(tag, 'LeaseCheckpointResponse', KNOWN_LEASE_CHECKPOINT_RESPONSE);
    }
  }
  return { header };
}

export interface LeaseKeepAliveRequest {
  readonly ID: bigint;
}
export const EMPTY_LEASE_KEEP_ALIVE_REQUEST: LeaseKeepAliveRequest = { ID: 0n };
export function encodeLeaseKeepAliveRequest(message: LeaseKeepAliveRequest): Uint8Array {
  return encode(message, writeLeaseKeepAliveRequest);
}
export function decodeLeaseKeepAliveRequest(bytes: Uint8Array): LeaseKeepAliveRequest {
  return decode(bytes, readLeaseKeepAliveRequest);
}
export function writeLeaseKeepAliveRequest(w: Writer, m: LeaseKeepAliveRequest): void {
  if (m.ID !== 0n) w.bigint(8, m.ID);
}
const KNOWN_LEASE_KEEP_ALIVE_REQUEST: ReadonlySet<number> = new Set([1]);
export function readLeaseKeepAliveRequest(r: Reader): LeaseKeepAliveRequest {
  let ID = 0n;
  while (r.more()) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        ID = r.int64Big();
        break;
      default:
        r.skip(tag, 'LeaseKeepAliveRequest', KNOWN_LEASE_KEEP_ALIVE_REQUEST);
    }
  }
  return { ID };
}

export interface LeaseKeepAliveResponse {
  readonly header: ResponseHeader | undefined;
  readonly ID: bigint;
  readonly TTL: number;
}
export const EMPTY_LEASE_KEEP_ALIVE_RESPONSE: LeaseKeepAliveResponse = { header: undefined, ID: 0n, TTL: 0 };
export function encodeLeaseKeepAliveResponse(message: LeaseKeepAliveResponse): Uint8Array {
  return encode(message, writeLeaseKeepAliveResponse);
}
export function decodeLeaseKeepAliveResponse(bytes: Uint8Array): LeaseKeepAliveResponse {
  return decode(bytes, readLeaseKeepAliveResponse);
}
export function writeLeaseKeepAliveResponse(w: Writer, m: LeaseKeepAliveResponse): void {
  if (m.header !== undefined) {
    const start = w.open(10);
    writeResponseHeader(w, m.header);
    w.close(start);
  }
  if (m.ID !== 0n) w.bigint(16, m.ID);
  if (m.TTL !== 0) w.int64(24, m.TTL);
}
const KNOWN_LEASE_KEEP_ALIVE_RESPONSE: ReadonlySet<number> = new Set([1, 2, 3]);
export function readLeaseKeepAliveResponse(r: Reader): LeaseKeepAliveResponse {
  let header: ResponseHeader | undefined;
  let ID = 0n;
  let TTL = 0;
  while (r.more()) {
    const tag = r.tag();
    switch (tag) {
      case 10: {
        const outer = r.enter();
        header = readResponseHeader(r);
        r.leave(outer);
        break;
      }
      case 16:
        ID = r.int64Big();
        break;
      case 24:
        TTL = r.int64();
        break;
      default:
        r.skip(tag, 'LeaseKeepAliveResponse', KNOWN_LEASE_KEEP_ALIVE_RESPONSE);
    }
  }
  return { header, ID, TTL };
}

export interface LeaseTimeToLiveRequest {
  readonly ID: bigint;
  readonly keys: boolean;
}
export const EMPTY_LEASE_TIME_TO_LIVE_REQUEST: LeaseTimeToLiveRequest = { ID: 0n, keys: false };
export function encodeLeaseTimeToLiveRequest(message: LeaseTimeToLiveRequest): Uint8Array {
  return encode(message, writeLeaseTimeToLiveRequest);
}
export function decodeLeaseTimeToLiveRequest(bytes: Uint8Array): LeaseTimeToLiveRequest {
  return decode(bytes, readLeaseTimeToLiveRequest);
}
export function writeLeaseTimeToLiveRequest(w: Writer, m: LeaseTimeToLiveRequest): void {
  if (m.ID !== 0n) w.bigint(8, m.ID);
  if (m.keys) w.bool(16, m.keys);
}
const KNOWN_LEASE_TIME_TO_LIVE_REQUEST: ReadonlySet<number> = new Set([1, 2]);
export function readLeaseTimeToLiveRequest(r: Reader): LeaseTimeToLiveRequest {
  let ID = 0n;
  let keys = false;
  while (r.more()) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        ID = r.int64Big();
        break;
      case 16:
        keys = r.bool();
        break;
      default:
        r.skip(tag, 'LeaseTimeToLiveRequest', KNOWN_LEASE_TIME_TO_LIVE_REQUEST);
    }
  }
  return { ID, keys };
}

export interface LeaseTimeToLiveResponse {
  readonly header: ResponseHeader | undefined;
  readonly ID: bigint;
  readonly TTL: number;
  readonly grantedTTL: number;
  readonly keys: readonly string[];
}
export const EMPTY_LEASE_TIME_TO_LIVE_RESPONSE: LeaseTimeToLiveResponse = { header: undefined, ID: 0n, TTL: 0, grantedTTL: 0, keys: [] };
export function encodeLeaseTimeToLiveResponse(message: LeaseTimeToLiveResponse): Uint8Array {
  return encode(message, writeLeaseTimeToLiveResponse);
}
export function decodeLeaseTimeToLiveResponse(bytes: Uint8Array): LeaseTimeToLiveResponse {
  return decode(bytes, readLeaseTimeToLiveResponse);
}
export function writeLeaseTimeToLiveResponse(w: Writer, m: LeaseTimeToLiveResponse): void {
  if (m.header !== undefined) {
    const start = w.open(10);
    writeResponseHeader(w, m.header);
    w.close(start);
  }
  if (m.ID !== 0n) w.bigint(16, m.ID);
  if (m.TTL !== 0) w.int64(24, m.TTL);
  if (m.grantedTTL !== 0) w.int64(32, m.grantedTTL);
  for (const item of m.keys) {
    w.byteString(42, item);
  }
}
const KNOWN_LEASE_TIME_TO_LIVE_RESPONSE: ReadonlySet<number> = new Set([1, 2, 3, 4, 5]);
export function readLeaseTimeToLiveResponse(r: Reader): LeaseTimeToLiveResponse {
  let header: ResponseHeader | undefined;
  let ID = 0n;
  let TTL = 0;
  let grantedTTL = 0;
  const keys: string[] = [];
  while (r.more()) {
    const tag = r.tag();
    switch (tag) {
      case 10: {
        const outer = r.enter();
        header = readResponseHeader(r);
        r.leave(outer);
        break;
      }
      case 16:
        ID = r.int64Big();
        break;
      case 24:
        TTL = r.int64();
        break;
      case 32:
        grantedTTL = r.int64();
        break;
      case 42:
        keys.push(r.byteString());
        break;
      default:
        r.skip(tag, 'LeaseTimeToLiveResponse', KNOWN_LEASE_TIME_TO_LIVE_RESPONSE);
    }
  }
  return { header, ID, TTL, grantedTTL, keys };
}

export interface LeaseLeasesRequest {}
export const EMPTY_LEASE_LEASES_REQUEST: LeaseLeasesRequest = {  };
export function encodeLeaseLeasesRequest(message: LeaseLeasesRequest): Uint8Array {
  return encode(message, writeLeaseLeasesRequest);
}
export function decodeLeaseLeasesRequest(bytes: Uint8Array): LeaseLeasesRequest {
  return decode(bytes, readLeaseLeasesRequest);
}
export function writeLeaseLeasesRequest(_w: Writer, _m: LeaseLeasesRequest): void {
}
const KNOWN_LEASE_LEASES_REQUEST: ReadonlySet<number> = new Set([]);
export function readLeaseLeasesRequest(r: Reader): LeaseLeasesRequest {
  while (r.more()) r.skip(r.tag(), 'LeaseLeasesRequest', KNOWN_LEASE_LEASES_REQUEST);
  return {};
}

export interface LeaseStatus {
  readonly ID: bigint;
}
export const EMPTY_LEASE_STATUS: LeaseStatus = { ID: 0n };
export function encodeLeaseStatus(message: LeaseStatus): Uint8Array {
  return encode(message, writeLeaseStatus);
}
export function decodeLeaseStatus(bytes: Uint8Array): LeaseStatus {
  return decode(bytes, readLeaseStatus);
}
export function writeLeaseStatus(w: Writer, m: LeaseStatus): void {
  if (m.ID !== 0n) w.bigint(8, m.ID);
}
const KNOWN_LEASE_STATUS: ReadonlySet<number> = new Set([1]);
export function readLeaseStatus(r: Reader): LeaseStatus {
  let ID = 0n;
  while (r.more()) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        ID = r.int64Big();
        break;
      default:
        r.skip(tag, 'LeaseStatus', KNOWN_LEASE_STATUS);
    }
  }
  return { ID };
}

export interface LeaseLeasesResponse {
  readonly header: ResponseHeader | undefined;
  readonly leases: readonly LeaseStatus[];
}
export const EMPTY_LEASE_LEASES_RESPONSE: LeaseLeasesResponse = { header: undefined, leases: [] };
export function encodeLeaseLeasesResponse(message: LeaseLeasesResponse): Uint8Array {
  return encode(message, writeLeaseLeasesResponse);
}
export function decodeLeaseLeasesResponse(bytes: Uint8Array): LeaseLeasesResponse {
  return decode(bytes, readLeaseLeasesResponse);
}
export function writeLeaseLeasesResponse(w: Writer, m: LeaseLeasesResponse): void {
  if (m.header !== undefined) {
    const start = w.open(10);
    writeResponseHeader(w, m.header);
    w.close(start);
  }
  for (const item of m.leases) {
    const start = w.open(18);
    writeLeaseStatus(w, item);
    w.close(start);
  }
}
const KNOWN_LEASE_LEASES_RESPONSE: ReadonlySet<number> = new Set([1, 2]);
export function readLeaseLeasesResponse(r: Reader): LeaseLeasesResponse {
  let header: ResponseHeader | undefined;
  const leases: LeaseStatus[] = [];
  while (r.more()) {
    const tag = r.tag();
    switch (tag) {
      case 10: {
        const outer = r.enter();
        header = readResponseHeader(r);
        r.leave(outer);
        break;
      }
      case 18: {
        const outer = r.enter();
        leases.push(readLeaseStatus(r));
        r.leave(outer);
        break;
      }
      default:
        r.skip(tag, 'LeaseLeasesResponse', KNOWN_LEASE_LEASES_RESPONSE);
    }
  }
  return { header, leases };
}

export interface Member {
  readonly ID: bigint;
  readonly name: string;
  readonly peerURLs: readonly string[];
  readonly clientURLs: readonly string[];
  readonly isLearner: boolean;
}
export const EMPTY_MEMBER: Member = { ID: 0n, name: '', peerURLs: [], clientURLs: [], isLearner: false };
export function encodeMember(message: Member): Uint8Array {
  return encode(message, writeMember);
}
export function decodeMember(bytes: Uint8Array): Member {
  return decode(bytes, readMember);
}
export function writeMember(w: Writer, m: Member): void {
  if (m.ID !== 0n) w.bigint(8, m.ID);
  if (m.name !== '') w.text(18, m.name);
  for (const item of m.peerURLs) {
    w.text(26, item);
  }
  for (const item of m.clientURLs) {
    w.text(34, item);
  }
  if (m.isLearner) w.bool(40, m.isLearner);
}
const KNOWN_MEMBER: ReadonlySet<number> = new Set([1, 2, 3, 4, 5]);
export function readMember(r: Reader): Member {
  let ID = 0n;
  let name = '';
  const peerURLs: string[] = [];
  const clientURLs: string[] = [];
  let isLearner = false;
  while (r.more()) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        ID = r.uint64Big();
        break;
      case 18:
        name = r.text();
        break;
      case 26:
        peerURLs.push(r.text());
        break;
      case 34:
        clientURLs.push(r.text());
        break;
      case 40:
        isLearner = r.bool();
        break;
      default:
        r.skip(tag, 'Member', KNOWN_MEMBER);
    }
  }
  return { ID, name, peerURLs, clientURLs, isLearner };
}

export interface MemberAddRequest {
  readonly peerURLs: readonly string[];
  readonly isLearner: boolean;
}
export const EMPTY_MEMBER_ADD_REQUEST: MemberAddRequest = { peerURLs: [], isLearner: false };
export function encodeMemberAddRequest(message: MemberAddRequest): Uint8Array {
  return encode(message, writeMemberAddRequest);
}
export function decodeMemberAddRequest(bytes: Uint8Array): MemberAddRequest {
  return decode(bytes, readMemberAddRequest);
}
export function writeMemberAddRequest(w: Writer, m: MemberAddRequest): void {
  for (const item of m.peerURLs) {
    w.text(10, item);
  }
  if (m.isLearner) w.bool(16, m.isLearner);
}
const KNOWN_MEMBER_ADD_REQUEST: ReadonlySet<number> = new Set([1, 2]);
export function readMemberAddRequest(r: Reader): MemberAddRequest {
  const peerURLs: string[] = [];
  let isLearner = false;
  while (r.more()) {
    const tag = r.tag();
    switch (tag) {
      case 10:
        peerURLs.push(r.text());
        break;
      case 16:
        isLearner = r.bool();
        break;
      default:
        r.skip(tag, 'MemberAddRequest', KNOWN_MEMBER_ADD_REQUEST);
    }
  }
  return { peerURLs, isLearner };
}

export interface MemberAddResponse {
  readonly header: ResponseHeader | undefined;
  readonly member: Member | undefined;
  readonly members: readonly Member[];
}
export const EMPTY_MEMBER_ADD_RESPONSE: MemberAddResponse = { header: undefined, member: undefined, members: [] };
export function encodeMemberAddResponse(message: MemberAddResponse): Uint8Array {
  return encode(message, writeMemberAddResponse);
}
export function decodeMemberAddResponse(bytes: Uint8Array): MemberAddResponse {
  return decode(bytes, readMemberAddResponse);
}
export function writeMemberAddResponse(w: Writer, m: MemberAddResponse): void {
  if (m.header !== undefined) {
    const start = w.open(10);
    writeResponseHeader(w, m.header);
    w.close(start);
  }
  if (m.member !== undefined) {
    const start = w.open(18);
    writeMember(w, m.member);
    w.close(start);
  }
  for (const item of m.members) {
    const start = w.open(26);
    writeMember(w, item);
    w.close(start);
  }
}
const KNOWN_MEMBER_ADD_RESPONSE: ReadonlySet<number> = new Set([1, 2, 3]);
export function readMemberAddResponse(r: Reader): MemberAddResponse {
  let header: ResponseHeader | undefined;
  let member: Member | undefined;
  const members: Member[] = [];
  while (r.more()) {
    const tag = r.tag();
    switch (tag) {
      case 10: {
        const outer = r.enter();
        header = readResponseHeader(r);
        r.leave(outer);
        break;
      }
      case 18: {
        const outer = r.enter();
        member = readMember(r);
        r.leave(outer);
        break;
      }
      case 26: {
        const outer = r.enter();
        members.push(readMember(r));
        r.leave(outer);
        break;
      }
      default:
        r.skip(tag, 'MemberAddResponse', KNOWN_MEMBER_ADD_RESPONSE);
    }
  }
  return { header, member, members };
}

export interface MemberRemoveRequest {
  readonly ID: bigint;
}
export const EMPTY_MEMBER_REMOVE_REQUEST: MemberRemoveRequest = { ID: 0n };
export function encodeMemberRemoveRequest(message: MemberRemoveRequest): Uint8Array {
  return encode(message, writeMemberRemoveRequest);
}
export function decodeMemberRemoveRequest(bytes: Uint8Array): MemberRemoveRequest {
  return decode(bytes, readMemberRemoveRequest);
}
export function writeMemberRemoveRequest(w: Writer, m: MemberRemoveRequest): void {
  if (m.ID !== 0n) w.bigint(8, m.ID);
}
const KNOWN_MEMBER_REMOVE_REQUEST: ReadonlySet<number> = new Set([1]);
export function readMemberRemoveRequest(r: Reader): MemberRemoveRequest {
  let ID = 0n;
  while (r.more()) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        ID = r.uint64Big();
        break;
      default:
        r.skip(tag, 'MemberRemoveRequest', KNOWN_MEMBER_REMOVE_REQUEST);
    }
  }
  return { ID };
}

export interface MemberRemoveResponse {
  readonly header: ResponseHeader | undefined;
  readonly members: readonly Member[];
}
export const EMPTY_MEMBER_REMOVE_RESPONSE: MemberRemoveResponse = { header: undefined, members: [] };
export function encodeMemberRemoveResponse(message: MemberRemoveResponse): Uint8Array {
  return encode(message, writeMemberRemoveResponse);
}
export function decodeMemberRemoveResponse(bytes: Uint8Array): MemberRemoveResponse {
  return decode(bytes, readMemberRemoveResponse);
}
export function writeMemberRemoveResponse(w: Writer, m: MemberRemoveResponse): void {
  if (m.header !== undefined) {
    const start = w.open(10);
    writeResponseHeader(w, m.header);
    w.close(start);
  }
  for (const item of m.members) {
    const start = w.open(18);
    writeMember(w, item);
    w.close(start);
  }
}
const KNOWN_MEMBER_REMOVE_RESPONSE: ReadonlySet<number> = new Set([1, 2]);
export function readMemberRemoveResponse(r: Reader): MemberRemoveResponse {
  let header: ResponseHeader | undefined;
  const members: Member[] = [];
  while (r.more()) {
    const tag = r.tag();
    switch (tag) {
      case 10: {
        const outer = r.enter();
        header = readResponseHeader(r);
        r.leave(outer);
        break;
      }
      case 18: {
        const outer = r.enter();
        members.push(readMember(r));
        r.leave(outer);
        break;
      }
      default:
        r.skip(tag, 'MemberRemoveResponse', KNOWN_MEMBER_REMOVE_RESPONSE);
    }
  }
  return { header, members };
}

export interface MemberUpdateRequest {
  readonly ID: bigint;
  readonly peerURLs: readonly string[];
}
export const EMPTY_MEMBER_UPDATE_REQUEST: MemberUpdateRequest = { ID: 0n, peerURLs: [] };
export function encodeMemberUpdateRequest(message: MemberUpdateRequest): Uint8Array {
  return encode(message, writeMemberUpdateRequest);
}
export function decodeMemberUpdateRequest(bytes: Uint8Array): MemberUpdateRequest {
  return decode(bytes, readMemberUpdateRequest);
}
export function writeMemberUpdateRequest(w: Writer, m: MemberUpdateRequest): void {
  if (m.ID !== 0n) w.bigint(8, m.ID);
  for (const item of m.peerURLs) {
    w.text(18, item);
  }
}
const KNOWN_MEMBER_UPDATE_REQUEST: ReadonlySet<number> = new Set([1, 2]);
export function readMemberUpdateRequest(r: Reader): MemberUpdateRequest {
  let ID = 0n;
  const peerURLs: string[] = [];
  while (r.more()) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        ID = r.uint64Big();
        break;
      case 18:
        peerURLs.push(r.text());
        break;
      default:
        r.skip(tag, 'MemberUpdateRequest', KNOWN_MEMBER_UPDATE_REQUEST);
    }
  }
  return { ID, peerURLs };
}

export interface MemberUpdateResponse {
  readonly header: ResponseHeader | undefined;
  readonly members: readonly Member[];
}
export const EMPTY_MEMBER_UPDATE_RESPONSE: MemberUpdateResponse = { header: undefined, members: [] };
export function encodeMemberUpdateResponse(message: MemberUpdateResponse): Uint8Array {
  return encode(message, writeMemberUpdateResponse);
}
export function decodeMemberUpdateResponse(bytes: Uint8Array): MemberUpdateResponse {
  return decode(bytes, readMemberUpdateResponse);
}
export function writeMemberUpdateResponse(w: Writer, m: MemberUpdateResponse): void {
  if (m.header !== undefined) {
    const start = w.open(10);
    writeResponseHeader(w, m.header);
    w.close(start);
  }
  for (const item of m.members) {
    const start = w.open(18);
    writeMember(w, item);
    w.close(start);
  }
}
const KNOWN_MEMBER_UPDATE_RESPONSE: ReadonlySet<number> = new Set([1, 2]);
export function readMemberUpdateResponse(r: Reader): MemberUpdateResponse {
  let header: ResponseHeader | undefined;
  const members: Member[] = [];
  while (r.more()) {
    const tag = r.tag();
    switch (tag) {
      case 10: {
        const outer = r.enter();
        header = readResponseHeader(r);
        r.leave(outer);
        break;
      }
      case 18: {
        const outer = r.enter();
        members.push(readMember(r));
        r.leave(outer);
        break;
      }
      default:
        r.skip(tag, 'MemberUpdateResponse', KNOWN_MEMBER_UPDATE_RESPONSE);
    }
  }
  return { header, members };
}

export interface MemberListRequest {
  readonly linearizable: boolean;
}
export const EMPTY_MEMBER_LIST_REQUEST: MemberListRequest = { linearizable: false };
export function encodeMemberListRequest(message: MemberListRequest): Uint8Array {
  return encode(message, writeMemberListRequest);
}
export function decodeMemberListRequest(bytes: Uint8Array): MemberListRequest {
  return decode(bytes, readMemberListRequest);
}
export function writeMemberListRequest(w: Writer, m: MemberListRequest): void {
  if (m.linearizable) w.bool(8, m.linearizable);
}
const KNOWN_MEMBER_LIST_REQUEST: ReadonlySet<number> = new Set([1]);
export function readMemberListRequest(r: Reader): MemberListRequest {
  let linearizable = false;
  while (r.more()) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        linearizable = r.bool();
        break;
      default:
        r.skip(tag, 'MemberListRequest', KNOWN_MEMBER_LIST_REQUEST);
    }
  }
  return { linearizable };
}

export interface MemberListResponse {
  readonly header: ResponseHeader | undefined;
  readonly members: readonly Member[];
}
export const EMPTY_MEMBER_LIST_RESPONSE: MemberListResponse = { header: undefined, members: [] };
export function encodeMemberListResponse(message: MemberListResponse): Uint8Array {
  return encode(message, writeMemberListResponse);
}
export function decodeMemberListResponse(bytes: Uint8Array): MemberListResponse {
  return decode(bytes, readMemberListResponse);
}
export function writeMemberListResponse(w: Writer, m: MemberListResponse): void {
  if (m.header !== undefined) {
    const start = w.open(10);
    writeResponseHeader(w, m.header);
    w.close(start);
  }
  for (const item of m.members) {
    const start = w.open(18);
    writeMember(w, item);
    w.close(start);
  }
}
const KNOWN_MEMBER_LIST_RESPONSE: ReadonlySet<number> = new Set([1, 2]);
export function readMemberListResponse(r: Reader): MemberListResponse {
  let header: ResponseHeader | undefined;
  const members: Member[] = [];
  while (r.more()) {
    const tag = r.tag();
    switch (tag) {
      case 10: {
        const outer = r.enter();
        header = readResponseHeader(r);
        r.leave(outer);
        break;
      }
      case 18: {
        const outer = r.enter();
        members.push(readMember(r));
        r.leave(outer);
        break;
      }
      default:
        r.skip(tag, 'MemberListResponse', KNOWN_MEMBER_LIST_RESPONSE);
    }
  }
  return { header, members };
}

export interface MemberPromoteRequest {
  readonly ID: bigint;
}
export const EMPTY_MEMBER_PROMOTE_REQUEST: MemberPromoteRequest = { ID: 0n };
export function encodeMemberPromoteRequest(message: MemberPromoteRequest): Uint8Array {
  return encode(message, writeMemberPromoteRequest);
}
export function decodeMemberPromoteRequest(bytes: Uint8Array): MemberPromoteRequest {
  return decode(bytes, readMemberPromoteRequest);
}
export function writeMemberPromoteRequest(w: Writer, m: MemberPromoteRequest): void {
  if (m.ID !== 0n) w.bigint(8, m.ID);
}
const KNOWN_MEMBER_PROMOTE_REQUEST: ReadonlySet<number> = new Set([1]);
export function readMemberPromoteRequest(r: Reader): MemberPromoteRequest {
  let ID = 0n;
  while (r.more()) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        ID = r.uint64Big();
        break;
      default:
        r.skip(tag, 'MemberPromoteRequest', KNOWN_MEMBER_PROMOTE_REQUEST);
    }
  }
  return { ID };
}

export interface MemberPromoteResponse {
  readonly header: ResponseHeader | undefined;
  readonly members: readonly Member[];
}
export const EMPTY_MEMBER_PROMOTE_RESPONSE: MemberPromoteResponse = { header: undefined, members: [] };
export function encodeMemberPromoteResponse(message: MemberPromoteResponse): Uint8Array {
  return encode(message, writeMemberPromoteResponse);
}
export function decodeMemberPromoteResponse(bytes: Uint8Array): MemberPromoteResponse {
  return decode(bytes, readMemberPromoteResponse);
}
export function writeMemberPromoteResponse(w: Writer, m: MemberPromoteResponse): void {
  if (m.header !== undefined) {
    const start = w.open(10);
    writeResponseHeader(w, m.header);
    w.close(start);
  }
  for (const item of m.members) {
    const start = w.open(18);
    writeMember(w, item);
    w.close(start);
  }
}
const KNOWN_MEMBER_PROMOTE_RESPONSE: ReadonlySet<number> = new Set([1, 2]);
export function readMemberPromoteResponse(r: Reader): MemberPromoteResponse {
  let header: ResponseHeader | undefined;
  const members: Member[] = [];
  while (r.more()) {
    const tag = r.tag();
    switch (tag) {
      case 10: {
        const outer = r.enter();
        header = readResponseHeader(r);
        r.leave(outer);
        break;
      }
      case 18: {
        const outer = r.enter();
        members.push(readMember(r));
        r.leave(outer);
        break;
      }
      default:
        r.skip(tag, 'MemberPromoteResponse', KNOWN_MEMBER_PROMOTE_RESPONSE);
    }
  }
  return { header, members };
}

export interface DefragmentRequest {}
export const EMPTY_DEFRAGMENT_REQUEST: DefragmentRequest = {  };
export function encodeDefragmentRequest(message: DefragmentRequest): Uint8Array {
  return encode(message, writeDefragmentRequest);
}
export function decodeDefragmentRequest(bytes: Uint8Array): DefragmentRequest {
  return decode(bytes, readDefragmentRequest);
}
export function writeDefragmentRequest(_w: Writer, _m: DefragmentRequest): void {
}
const KNOWN_DEFRAGMENT_REQUEST: ReadonlySet<number> = new Set([]);
export function readDefragmentRequest(r: Reader): DefragmentRequest {
  while (r.more()) r.skip(r.tag(), 'DefragmentRequest', KNOWN_DEFRAGMENT_REQUEST);
  return {};
}

export interface DefragmentResponse {
  readonly header: ResponseHeader | undefined;
}
export const EMPTY_DEFRAGMENT_RESPONSE: DefragmentResponse = { header: undefined };
export function encodeDefragmentResponse(message: DefragmentResponse): Uint8Array {
  return encode(message, writeDefragmentResponse);
}
export function decodeDefragmentResponse(bytes: Uint8Array): DefragmentResponse {
  return decode(bytes, readDefragmentResponse);
}
export function writeDefragmentResponse(w: Writer, m: DefragmentResponse): void {
  if (m.header !== undefined) {
    const start = w.open(10);
    writeResponseHeader(w, m.header);
    w.close(start);
  }
}
const KNOWN_DEFRAGMENT_RESPONSE: ReadonlySet<number> = new Set([1]);
export function readDefragmentResponse(r: Reader): DefragmentResponse {
  let header: ResponseHeader | undefined;
  while (r.more()) {
    const tag = r.tag();
    switch (tag) {
      case 10: {
        const outer = r.enter();
        header = readResponseHeader(r);
        r.leave(outer);
        break;
      }
      default:
        r.skip(tag, 'DefragmentResponse', KNOWN_DEFRAGMENT_RESPONSE);
    }
  }
  return { header };
}

export interface MoveLeaderRequest {
  readonly targetID: bigint;
}
export const EMPTY_MOVE_LEADER_REQUEST: MoveLeaderRequest = { targetID: 0n };
export function encodeMoveLeaderRequest(message: MoveLeaderRequest): Uint8Array {
  return encode(message, writeMoveLeaderRequest);
}
export function decodeMoveLeaderRequest(bytes: Uint8Array): MoveLeaderRequest {
  return decode(bytes, readMoveLeaderRequest);
}
export function writeMoveLeaderRequest(w: Writer, m: MoveLeaderRequest): void {
  if (m.targetID !== 0n) w.bigint(8, m.targetID);
}
const KNOWN_MOVE_LEADER_REQUEST: ReadonlySet<number> = new Set([1]);
export function readMoveLeaderRequest(r: Reader): MoveLeaderRequest {
  let targetID = 0n;
  while (r.more()) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        targetID = r.uint64Big();
        break;
      default:
        r.skip(tag, 'MoveLeaderRequest', KNOWN_MOVE_LEADER_REQUEST);
    }
  }
  return { targetID };
}

export interface MoveLeaderResponse {
  readonly header: ResponseHeader | undefined;
}
export const EMPTY_MOVE_LEADER_RESPONSE: MoveLeaderResponse = { header: undefined };
export function encodeMoveLeaderResponse(message: MoveLeaderResponse): Uint8Array {
  return encode(message, writeMoveLeaderResponse);
}
export function decodeMoveLeaderResponse(bytes: Uint8Array): MoveLeaderResponse {
  return decode(bytes, readMoveLeaderResponse);
}
export function writeMoveLeaderResponse(w: Writer, m: MoveLeaderResponse): void {
  if (m.header !== undefined) {
    const start = w.open(10);
    writeResponseHeader(w, m.header);
    w.close(start);
  }
}
const KNOWN_MOVE_LEADER_RESPONSE: ReadonlySet<number> = new Set([1]);
export function readMoveLeaderResponse(r: Reader): MoveLeaderResponse {
  let header: ResponseHeader | undefined;
  while (r.more()) {
    const tag = r.tag();
    switch (tag) {
      case 10: {
        const outer = r.enter();
        header = readResponseHeader(r);
        r.leave(outer);
        break;
      }
      default:
        r.skip(tag, 'MoveLeaderResponse', KNOWN_MOVE_LEADER_RESPONSE);
    }
  }
  return { header };
}

export interface AlarmRequest {
  readonly action: number;
  readonly memberID: bigint;
  readonly alarm: number;
}
export const EMPTY_ALARM_REQUEST: AlarmRequest = { action: 0, memberID: 0n, alarm: 0 };
export function encodeAlarmRequest(message: AlarmRequest): Uint8Array {
  return encode(message, writeAlarmRequest);
}
export function decodeAlarmRequest(bytes: Uint8Array): AlarmRequest {
  return decode(bytes, readAlarmRequest);
}
export function writeAlarmRequest(w: Writer, m: AlarmRequest): void {
  if (m.action !== 0) w.int32(8, m.action);
  if (m.memberID !== 0n) w.bigint(16, m.memberID);
  if (m.alarm !== 0) w.int32(24, m.alarm);
}
const KNOWN_ALARM_REQUEST: ReadonlySet<number> = new Set([1, 2, 3]);
export function readAlarmRequest(r: Reader): AlarmRequest {
  let action = 0;
  let memberID = 0n;
  let alarm = 0;
  while (r.more()) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        action = r.int32();
        break;
      case 16:
        memberID = r.uint64Big();
        break;
      case 24:
        alarm = r.int32();
        break;
      default:
        r.skip(tag, 'AlarmRequest', KNOWN_ALARM_REQUEST);
    }
  }
  return { action, memberID, alarm };
}

export interface AlarmMember {
  readonly memberID: bigint;
  readonly alarm: number;
}
export const EMPTY_ALARM_MEMBER: AlarmMember = { memberID: 0n, alarm: 0 };
export function encodeAlarmMember(message: AlarmMember): Uint8Array {
  return encode(message, writeAlarmMember);
}
export function decodeAlarmMember(bytes: Uint8Array): AlarmMember {
  return decode(bytes, readAlarmMember);
}
export function writeAlarmMember(w: Writer, m: AlarmMember): void {
  if (m.memberID !== 0n) w.bigint(8, m.memberID);
  if (m.alarm !== 0) w.int32(16, m.alarm);
}
const KNOWN_ALARM_MEMBER: ReadonlySet<number> = new Set([1, 2]);
export function readAlarmMember(r: Reader): AlarmMember {
  let memberID = 0n;
  let alarm = 0;
  while (r.more()) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        memberID = r.uint64Big();
        break;
      case 16:
        alarm = r.int32();
        break;
      default:
        r.skip(tag, 'AlarmMember', KNOWN_ALARM_MEMBER);
    }
  }
  return { memberID, alarm };
}

export interface AlarmResponse {
  readonly header: ResponseHeader | undefined;
  readonly alarms: readonly AlarmMember[];
}
export const EMPTY_ALARM_RESPONSE: AlarmResponse = { header: undefined, alarms: [] };
export function encodeAlarmResponse(message: AlarmResponse): Uint8Array {
  return encode(message, writeAlarmResponse);
}
export function decodeAlarmResponse(bytes: Uint8Array): AlarmResponse {
  return decode(bytes, readAlarmResponse);
}
export function writeAlarmResponse(w: Writer, m: AlarmResponse): void {
  if (m.header !== undefined) {
    const start = w.open(10);
    writeResponseHeader(w, m.header);
    w.close(start);
  }
  for (const item of m.alarms) {
    const start = w.open(18);
    writeAlarmMember(w, item);
    w.close(start);
  }
}
const KNOWN_ALARM_RESPONSE: ReadonlySet<number> = new Set([1, 2]);
export function readAlarmResponse(r: Reader): AlarmResponse {
  let header: ResponseHeader | undefined;
  const alarms: AlarmMember[] = [];
  while (r.more()) {
    const tag = r.tag();
    switch (tag) {
      case 10: {
        const outer = r.enter();
        header = readResponseHeader(r);
        r.leave(outer);
        break;
      }
      case 18: {
        const outer = r.enter();
        alarms.push(readAlarmMember(r));
        r.leave(outer);
        break;
      }
      default:
        r.skip(tag, 'AlarmResponse', KNOWN_ALARM_RESPONSE);
    }
  }
  return { header, alarms };
}

export interface DowngradeRequest {
  readonly action: number;
  readonly version: string;
}
export const EMPTY_DOWNGRADE_REQUEST: DowngradeRequest = { action: 0, version: '' };
export function encodeDowngradeRequest(message: DowngradeRequest): Uint8Array {
  return encode(message, writeDowngradeRequest);
}
export function decodeDowngradeRequest(bytes: Uint8Array): DowngradeRequest {
  return decode(bytes, readDowngradeRequest);
}
export function writeDowngradeRequest(w: Writer, m: DowngradeRequest): void {
  if (m.action !== 0) w.int32(8, m.action);
  if (m.version !== '') w.text(18, m.version);
}
const KNOWN_DOWNGRADE_REQUEST: ReadonlySet<number> = new Set([1, 2]);
export function readDowngradeRequest(r: Reader): DowngradeRequest {
  let action = 0;
  let version = '';
  while (r.more()) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        action = r.int32();
        break;
      case 18:
        version = r.text();
        break;
      default:
        r.skip(tag, 'DowngradeRequest', KNOWN_DOWNGRADE_REQUEST);
    }
  }
  return { action, version };
}

export interface DowngradeResponse {
  readonly header: ResponseHeader | undefined;
  readonly version: string;
}
export const EMPTY_DOWNGRADE_RESPONSE: DowngradeResponse = { header: undefined, version: '' };
export function encodeDowngradeResponse(message: DowngradeResponse): Uint8Array {
  return encode(message, writeDowngradeResponse);
}
export function decodeDowngradeResponse(bytes: Uint8Array): DowngradeResponse {
  return decode(bytes, readDowngradeResponse);
}
export function writeDowngradeResponse(w: Writer, m: DowngradeResponse): void {
  if (m.header !== undefined) {
    const start = w.open(10);
    writeResponseHeader(w, m.header);
    w.close(start);
  }
  if (m.version !== '') w.text(18, m.version);
}
const KNOWN_DOWNGRADE_RESPONSE: ReadonlySet<number> = new Set([1, 2]);
export function readDowngradeResponse(r: Reader): DowngradeResponse {
  let header: ResponseHeader | undefined;
  let version = '';
  while (r.more()) {
    const tag = r.tag();
    switch (tag) {
      case 10: {
        const outer = r.enter();
        header = readResponseHeader(r);
        r.leave(outer);
        break;
      }
      case 18:
        version = r.text();
        break;
      default:
        r.skip(tag, 'DowngradeResponse', KNOWN_DOWNGRADE_RESPONSE);
    }
  }
  return { header, version };
}

export interface DowngradeVersionTestRequest {
  readonly ver: string;
}
export const EMPTY_DOWNGRADE_VERSION_TEST_REQUEST: DowngradeVersionTestRequest = { ver: '' };
export function encodeDowngradeVersionTestRequest(message: DowngradeVersionTestRequest): Uint8Array {
  return encode(message, writeDowngradeVersionTestRequest);
}
export function decodeDowngradeVersionTestRequest(bytes: Uint8Array): DowngradeVersionTestRequest {
  return decode(bytes, readDowngradeVersionTestRequest);
}
export function writeDowngradeVersionTestRequest(w: Writer, m: DowngradeVersionTestRequest): void {
  if (m.ver !== '') w.text(10, m.ver);
}
const KNOWN_DOWNGRADE_VERSION_TEST_REQUEST: ReadonlySet<number> = new Set([1]);
export function readDowngradeVersionTestRequest(r: Reader): DowngradeVersionTestRequest {
  let ver = '';
  while (r.more()) {
    const tag = r.tag();
    switch (tag) {
      case 10:
        ver = r.text();
        break;
      default:
        r.skip(tag, 'DowngradeVersionTestRequest', KNOWN_DOWNGRADE_VERSION_TEST_REQUEST);
    }
  }
  return { ver };
}

export interface StatusRequest {}
export const EMPTY_STATUS_REQUEST: StatusRequest = {  };
export function encodeStatusRequest(message: StatusRequest): Uint8Array {
  return encode(message, writeStatusRequest);
}
export function decodeStatusRequest(bytes: Uint8Array): StatusRequest {
  return decode(bytes, readStatusRequest);
}
export function writeStatusRequest(_w: Writer, _m: StatusRequest): void {
}
const KNOWN_STATUS_REQUEST: ReadonlySet<number> = new Set([]);
export function readStatusRequest(r: Reader): StatusRequest {
  while (r.more()) r.skip(r.tag(), 'StatusRequest', KNOWN_STATUS_REQUEST);
  return {};
}

export interface StatusResponse {
  readonly header: ResponseHeader | undefined;
  readonly version: string;
  readonly dbSize: number;
  readonly leader: bigint;
  readonly raftIndex: number;
  readonly raftTerm: number;
  readonly raftAppliedIndex: number;
  readonly errors: readonly string[];
  readonly dbSizeInUse: number;
  readonly isLearner: boolean;
  readonly storageVersion: string;
  readonly dbSizeQuota: number;
  readonly downgradeInfo: DowngradeInfo | undefined;
}
export const EMPTY_STATUS_RESPONSE: StatusResponse = { header: undefined, version: '', dbSize: 0, leader: 0n, raftIndex: 0, raftTerm: 0, raftAppliedIndex: 0, errors: [], dbSizeInUse: 0, isLearner: false, storageVersion: '', dbSizeQuota: 0, downgradeInfo: undefined };
export function encodeStatusResponse(message: StatusResponse): Uint8Array {
  return encode(message, writeStatusResponse);
}
export function decodeStatusResponse(bytes: Uint8Array): StatusResponse {
  return decode(bytes, readStatusResponse);
}
export function writeStatusResponse(w: Writer, m: StatusResponse): void {
  if (m.header !== undefined) {
    const start = w.open(10);
    writeResponseHeader(w, m.header);
    w.close(start);
  }
  if (m.version !== '') w.text(18, m.version);
  if (m.dbSize !== 0) w.int64(24, m.dbSize);
  if (m.leader !== 0n) w.bigint(32, m.leader);
  if (m.raftIndex !== 0) w.uint64(40, m.raftIndex);
  if (m.raftTerm !== 0) w.uint64(48, m.raftTerm);
  if (m.raftAppliedIndex !== 0) w.uint64(56, m.raftAppliedIndex);
  for (const item of m.errors) {
    w.text(66, item);
  }
  if (m.dbSizeInUse !== 0) w.int64(72, m.dbSizeInUse);
  if (m.isLearner) w.bool(80, m.isLearner);
  if (m.storageVersion !== '') w.text(90, m.storageVersion);
  if (m.dbSizeQuota !== 0) w.int64(96, m.dbSizeQuota);
  if (m.downgradeInfo !== undefined) {
    const start = w.open(106);
    writeDowngradeInfo(w, m.downgradeInfo);
    w.close(start);
  }
}
const KNOWN_STATUS_RESPONSE: ReadonlySet<number> = new Set([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13]);
export function readStatusResponse(r: Reader): StatusResponse {
  let header: ResponseHeader | undefined;
  let version = '';
  let dbSize = 0;
  let leader = 0n;
  let raftIndex = 0;
  let raftTerm = 0;
  let raftAppliedIndex = 0;
  const errors: string[] = [];
  let dbSizeInUse = 0;
  let isLearner = false;
  let storageVersion = '';
  let dbSizeQuota = 0;
  let downgradeInfo: DowngradeInfo | undefined;
  while (r.more()) {
    const tag = r.tag();
    switch (tag) {
      case 10: {
        const outer = r.enter();
        header = readResponseHeader(r);
        r.leave(outer);
        break;
      }
      case 18:
        version = r.text();
        break;
      case 24:
        dbSize = r.int64();
        break;
      case 32:
        leader = r.uint64Big();
        break;
      case 40:
        raftIndex = r.uint64();
        break;
      case 48:
        raftTerm = r.uint64();
        break;
      case 56:
        raftAppliedIndex = r.uint64();
        break;
      case 66:
        errors.push(r.text());
        break;
      case 72:
        dbSizeInUse = r.int64();
        break;
      case 80:
        isLearner = r.bool();
        break;
      case 90:
        storageVersion = r.text();
        break;
      case 96:
        dbSizeQuota = r.int64();
        break;
      case 106: {
        const outer = r.enter();
        downgradeInfo = readDowngradeInfo(r);
        r.leave(outer);
        break;
      }
      default:
        r.skip(tag, 'StatusResponse', KNOWN_STATUS_RESPONSE);
    }
  }
  return { header, version, dbSize, leader, raftIndex, raftTerm, raftAppliedIndex, errors, dbSizeInUse, isLearner, storageVersion, dbSizeQuota, downgradeInfo };
}

export interface DowngradeInfo {
  readonly enabled: boolean;
  readonly targetVersion: string;
}
export const EMPTY_DOWNGRADE_INFO: DowngradeInfo = { enabled: false, targetVersion: '' };
export function encodeDowngradeInfo(message: DowngradeInfo): Uint8Array {
  return encode(message, writeDowngradeInfo);
}
export function decodeDowngradeInfo(bytes: Uint8Array): DowngradeInfo {
  return decode(bytes, readDowngradeInfo);
}
export function writeDowngradeInfo(w: Writer, m: DowngradeInfo): void {
  if (m.enabled) w.bool(8, m.enabled);
  if (m.targetVersion !== '') w.text(18, m.targetVersion);
}
const KNOWN_DOWNGRADE_INFO: ReadonlySet<number> = new Set([1, 2]);
export function readDowngradeInfo(r: Reader): DowngradeInfo {
  let enabled = false;
  let targetVersion = '';
  while (r.more()) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        enabled = r.bool();
        break;
      case 18:
        targetVersion = r.text();
        break;
      default:
        r.skip(tag, 'DowngradeInfo', KNOWN_DOWNGRADE_INFO);
    }
  }
  return { enabled, targetVersion };
}

export interface AuthEnableRequest {}
export const EMPTY_AUTH_ENABLE_REQUEST: AuthEnableRequest = {  };
export function encodeAuthEnableRequest(message: AuthEnableRequest): Uint8Array {
  return encode(message, writeAuthEnableRequest);
}
export function decodeAuthEnableRequest(bytes: Uint8Array): AuthEnableRequest {
  return decode(bytes, readAuthEnableRequest);
}
export function writeAuthEnableRequest(_w: Writer, _m: AuthEnableRequest): void {
}
const KNOWN_AUTH_ENABLE_REQUEST: ReadonlySet<number> = new Set([]);
export function readAuthEnableRequest(r: Reader): AuthEnableRequest {
  while (r.more()) r.skip(r.tag(), 'AuthEnableRequest', KNOWN_AUTH_ENABLE_REQUEST);
  return {};
}

export interface AuthDisableRequest {}
export const EMPTY_AUTH_DISABLE_REQUEST: AuthDisableRequest = {  };
export function encodeAuthDisableRequest(message: AuthDisableRequest): Uint8Array {
  return encode(message, writeAuthDisableRequest);
}
export function decodeAuthDisableRequest(bytes: Uint8Array): AuthDisableRequest {
  return decode(bytes, readAuthDisableRequest);
}
export function writeAuthDisableRequest(_w: Writer, _m: AuthDisableRequest): void {
}
const KNOWN_AUTH_DISABLE_REQUEST: ReadonlySet<number> = new Set([]);
export function readAuthDisableRequest(r: Reader): AuthDisableRequest {
  while (r.more()) r.skip(r.tag(), 'AuthDisableRequest', KNOWN_AUTH_DISABLE_REQUEST);
  return {};
}

export interface AuthStatusRequest {}
export const EMPTY_AUTH_STATUS_REQUEST: AuthStatusRequest = {  };
export function encodeAuthStatusRequest(message: AuthStatusRequest): Uint8Array {
  return encode(message, writeAuthStatusRequest);
}
export function decodeAuthStatusRequest(bytes: Uint8Array): AuthStatusRequest {
  return decode(bytes, readAuthStatusRequest);
}
export function writeAuthStatusRequest(_w: Writer, _m: AuthStatusRequest): void {
}
const KNOWN_AUTH_STATUS_REQUEST: ReadonlySet<number> = new Set([]);
export function readAuthStatusRequest(r: Reader): AuthStatusRequest {
  while (r.more()) r.skip(r.tag(), 'AuthStatusRequest', KNOWN_AUTH_STATUS_REQUEST);
  return {};
}

export interface AuthenticateRequest {
  readonly name: string;
  readonly password: string;
}
export const EMPTY_AUTHENTICATE_REQUEST: AuthenticateRequest = { name: '', password: '' };
export function encodeAuthenticateRequest(message: AuthenticateRequest): Uint8Array {
  return encode(message, writeAuthenticateRequest);
}
export function decodeAuthenticateRequest(bytes: Uint8Array): AuthenticateRequest {
  return decode(bytes, readAuthenticateRequest);
}
export function writeAuthenticateRequest(w: Writer, m: AuthenticateRequest): void {
  if (m.name !== '') w.text(10, m.name);
  if (m.password !== '') w.text(18, m.password);
}
const KNOWN_AUTHENTICATE_REQUEST: ReadonlySet<number> = new Set([1, 2]);
export function readAuthenticateRequest(r: Reader): AuthenticateRequest {
  let name = '';
  let password = '';
  while (r.more()) {
    const tag = r.tag();
    switch (tag) {
      case 10:
        name = r.text();
        break;
      case 18:
        password = r.text();
        break;
      default:
        r.skip(tag, 'AuthenticateRequest', KNOWN_AUTHENTICATE_REQUEST);
    }
  }
  return { name, password };
}

export interface AuthUserAddRequest {
  readonly name: string;
  readonly password: string;
  readonly options: UserAddOptions | undefined;
  readonly hashedPassword: string;
}
export const EMPTY_AUTH_USER_ADD_REQUEST: AuthUserAddRequest = { name: '', password: '', options: undefined, hashedPassword: '' };
export function encodeAuthUserAddRequest(message: AuthUserAddRequest): Uint8Array {
  return encode(message, writeAuthUserAddRequest);
}
export function decodeAuthUserAddRequest(bytes: Uint8Array): AuthUserAddRequest {
  return decode(bytes, readAuthUserAddRequest);
}
export function writeAuthUserAddRequest(w: Writer, m: AuthUserAddRequest): void {
  if (m.name !== '') w.text(10, m.name);
  if (m.password !== '') w.text(18, m.password);
  if (m.options !== undefined) {
    const start = w.open(26);
    writeUserAddOptions(w, m.options);
    w.close(start);
  }
  if (m.hashedPassword !== '') w.text(34, m.hashedPassword);
}
const KNOWN_AUTH_USER_ADD_REQUEST: ReadonlySet<number> = new Set([1, 2, 3, 4]);
export function readAuthUserAddRequest(r: Reader): AuthUserAddRequest {
  let name = '';
  let password = '';
  let options: UserAddOptions | undefined;
  let hashedPassword = '';
  while (r.more()) {
    const tag = r.tag();
    switch (tag) {
      case 10:
        name = r.text();
        break;
      case 18:
        password = r.text();
        break;
      case 26: {
        const outer = r.enter();
        options = readUserAddOptions(r);
        r.leave(outer);
        break;
      }
      case 34:
        hashedPassword = r.text();
        break;
      default:
        r.skip(tag, 'AuthUserAddRequest', KNOWN_AUTH_USER_ADD_REQUEST);
    }
  }
  return { name, password, options, hashedPassword };
}

export interface AuthUserGetRequest {
  readonly name: string;
}
export const EMPTY_AUTH_USER_GET_REQUEST: AuthUserGetRequest = { name: '' };
export function encodeAuthUserGetRequest(message: AuthUserGetRequest): Uint8Array {
  return encode(message, writeAuthUserGetRequest);
}
export function decodeAuthUserGetRequest(bytes: Uint8Array): AuthUserGetRequest {
  return decode(bytes, readAuthUserGetRequest);
}
export function writeAuthUserGetRequest(w: Writer, m: AuthUserGetRequest): void {
  if (m.name !== '') w.text(10, m.name);
}
const KNOWN_AUTH_USER_GET_REQUEST: ReadonlySet<number> = new Set([1]);
export function readAuthUserGetRequest(r: Reader): AuthUserGetRequest {
  let name = '';
  while (r.more()) {
    const tag = r.tag();
    switch (tag) {
      case 10:
        name = r.text();
        break;
      default:
        r.skip(tag, 'AuthUserGetRequest', KNOWN_AUTH_USER_GET_REQUEST);
    }
  }
  return { name };
}

export interface AuthUserDeleteRequest {
  readonly name: string;
}
export const EMPTY_AUTH_USER_DELETE_REQUEST: AuthUserDeleteRequest = { name: '' };
export function encodeAuthUserDeleteRequest(message: AuthUserDeleteRequest): Uint8Array {
  return encode(message, writeAuthUserDeleteRequest);
}
export function decodeAuthUserDeleteRequest(bytes: Uint8Array): AuthUserDeleteRequest {
  return decode(bytes, readAuthUserDeleteRequest);
}
export function writeAuthUserDeleteRequest(w: Writer, m: AuthUserDeleteRequest): void {
  if (m.name !== '') w.text(10, m.name);
}
const KNOWN_AUTH_USER_DELETE_REQUEST: ReadonlySet<number> = new Set([1]);
export function readAuthUserDeleteRequest(r: Reader): AuthUserDeleteRequest {
  let name = '';
  while (r.more()) {
    const tag = r.tag();
    switch (tag) {
      case 10:
        name = r.text();
        break;
      default:
        r.skip(tag, 'AuthUserDeleteRequest', KNOWN_AUTH_USER_DELETE_REQUEST);
    }
  }
  return { name };
}

export interface AuthUserChangePasswordRequest {
  readonly name: string;
  readonly password: string;
  readonly hashedPassword: string;
}
export const EMPTY_AUTH_USER_CHANGE_PASSWORD_REQUEST: AuthUserChangePasswordRequest = { name: '', password: '', hashedPassword: '' };
export function encodeAuthUserChangePasswordRequest(message: AuthUserChangePasswordRequest): Uint8Array {
  return encode(message, writeAuthUserChangePasswordRequest);
}
export function decodeAuthUserChangePasswordRequest(bytes: Uint8Array): AuthUserChangePasswordRequest {
  return decode(bytes, readAuthUserChangePasswordRequest);
}
export function writeAuthUserChangePasswordRequest(w: Writer, m: AuthUserChangePasswordRequest): void {
  if (m.name !== '') w.text(10, m.name);
  if (m.password !== '') w.text(18, m.password);
  if (m.hashedPassword !== '') w.text(26, m.hashedPassword);
}
const KNOWN_AUTH_USER_CHANGE_PASSWORD_REQUEST: ReadonlySet<number> = new Set([1, 2, 3]);
export function readAuthUserChangePasswordRequest(r: Reader): AuthUserChangePasswordRequest {
  let name = '';
  let password = '';
  let hashedPassword = '';
  while (r.more()) {
    const tag = r.tag();
    switch (tag) {
      case 10:
        name = r.text();
        break;
      case 18:
        password = r.text();
        break;
      case 26:
        hashedPassword = r.text();
        break;
      default:
        r.skip(tag, 'AuthUserChangePasswordRequest', KNOWN_AUTH_USER_CHANGE_PASSWORD_REQUEST);
    }
  }
  return { name, password, hashedPassword };
}

export interface AuthUserGrantRoleRequest {
  readonly user: string;
  readonly role: string;
}
export const EMPTY_AUTH_USER_GRANT_ROLE_REQUEST: AuthUserGrantRoleRequest = { user: '', role: '' };
export function encodeAuthUserGrantRoleRequest(message: AuthUserGrantRoleRequest): Uint8Array {
  return encode(message, writeAuthUserGrantRoleRequest);
}
export function decodeAuthUserGrantRoleRequest(bytes: Uint8Array): AuthUserGrantRoleRequest {
  return decode(bytes, readAuthUserGrantRoleRequest);
}
export function writeAuthUserGrantRoleRequest(w: Writer, m: AuthUserGrantRoleRequest): void {
  if (m.user !== '') w.text(10, m.user);
  if (m.role !== '') w.text(18, m.role);
}
const KNOWN_AUTH_USER_GRANT_ROLE_REQUEST: ReadonlySet<number> = new Set([1, 2]);
export function readAuthUserGrantRoleRequest(r: Reader): AuthUserGrantRoleRequest {
  let user = '';
  let role = '';
  while (r.more()) {
    const tag = r.tag();
    switch (tag) {
      case 10:
        user = r.text();
        break;
      case 18:
        role = r.text();
        break;
      default:
        r.skip(tag, 'AuthUserGrantRoleRequest', KNOWN_AUTH_USER_GRANT_ROLE_REQUEST);
    }
  }
  return { user, role };
}

export interface AuthUserRevokeRoleRequest {
  readonly name: string;
  readonly role: string;
}
export const EMPTY_AUTH_USER_REVOKE_ROLE_REQUEST: AuthUserRevokeRoleRequest = { name: '', role: '' };
export function encodeAuthUserRevokeRoleRequest(message: AuthUserRevokeRoleRequest): Uint8Array {
  return encode(message, writeAuthUserRevokeRoleRequest);
}
export function decodeAuthUserRevokeRoleRequest(bytes: Uint8Array): AuthUserRevokeRoleRequest {
  return decode(bytes, readAuthUserRevokeRoleRequest);
}
export function writeAuthUserRevokeRoleRequest(w: Writer, m: AuthUserRevokeRoleRequest): void {
  if (m.name !== '') w.text(10, m.name);
  if (m.role !== '') w.text(18, m.role);
}
const KNOWN_AUTH_USER_REVOKE_ROLE_REQUEST: ReadonlySet<number> = new Set([1, 2]);
export function readAuthUserRevokeRoleRequest(r: Reader): AuthUserRevokeRoleRequest {
  let name = '';
  let role = '';
  while (r.more()) {
    const tag = r.tag();
    switch (tag) {
      case 10:
        name = r.text();
        break;
      case 18:
        role = r.text();
        break;
      default:
        r.skip(tag, 'AuthUserRevokeRoleRequest', KNOWN_AUTH_USER_REVOKE_ROLE_REQUEST);
    }
  }
  return { name, role };
}

export interface AuthRoleAddRequest {
  readonly name: string;
}
export const EMPTY_AUTH_ROLE_ADD_REQUEST: AuthRoleAddRequest = { name: '' };
export function encodeAuthRoleAddRequest(message: AuthRoleAddRequest): Uint8Array {
  return encode(message, writeAuthRoleAddRequest);
}
export function decodeAuthRoleAddRequest(bytes: Uint8Array): AuthRoleAddRequest {
  return decode(bytes, readAuthRoleAddRequest);
}
export function writeAuthRoleAddRequest(w: Writer, m: AuthRoleAddRequest): void {
  if (m.name !== '') w.text(10, m.name);
}
const KNOWN_AUTH_ROLE_ADD_REQUEST: ReadonlySet<number> = new Set([1]);
export function readAuthRoleAddRequest(r: Reader): AuthRoleAddRequest {
  let name = '';
  while (r.more()) {
    const tag = r.tag();
    switch (tag) {
      case 10:
        name = r.text();
        break;
      default:
        r.skip(tag, 'AuthRoleAddRequest', KNOWN_AUTH_ROLE_ADD_REQUEST);
    }
  }
  return { name };
}

export interface AuthRoleGetRequest {
  readonly role: string;
}
export const EMPTY_AUTH_ROLE_GET_REQUEST: AuthRoleGetRequest = { role: '' };
export function encodeAuthRoleGetRequest(message: AuthRoleGetRequest): Uint8Array {
  return encode(message, writeAuthRoleGetRequest);
}
export function decodeAuthRoleGetRequest(bytes: Uint8Array): AuthRoleGetRequest {
  return decode(bytes, readAuthRoleGetRequest);
}
export function writeAuthRoleGetRequest(w: Writer, m: AuthRoleGetRequest): void {
  if (m.role !== '') w.text(10, m.role);
}
const KNOWN_AUTH_ROLE_GET_REQUEST: ReadonlySet<number> = new Set([1]);
export function readAuthRoleGetRequest(r: Reader): AuthRoleGetRequest {
  let role = '';
  while (r.more()) {
    const tag = r.tag();
    switch (tag) {
      case 10:
        role = r.text();
        break;
      default:
        r.skip(tag, 'AuthRoleGetRequest', KNOWN_AUTH_ROLE_GET_REQUEST);
    }
  }
  return { role };
}

export interface AuthUserListRequest {}
export const EMPTY_AUTH_USER_LIST_REQUEST: AuthUserListRequest = {  };
export function encodeAuthUserListRequest(message: AuthUserListRequest): Uint8Array {
  return encode(message, writeAuthUserListRequest);
}
export function decodeAuthUserListRequest(bytes: Uint8Array): AuthUserListRequest {
  return decode(bytes, readAuthUserListRequest);
}
export function writeAuthUserListRequest(_w: Writer, _m: AuthUserListRequest): void {
}
const KNOWN_AUTH_USER_LIST_REQUEST: ReadonlySet<number> = new Set([]);
export function readAuthUserListRequest(r: Reader): AuthUserListRequest {
  while (r.more()) r.skip(r.tag(), 'AuthUserListRequest', KNOWN_AUTH_USER_LIST_REQUEST);
  return {};
}

export interface AuthRoleListRequest {}
export const EMPTY_AUTH_ROLE_LIST_REQUEST: AuthRoleListRequest = {  };
export function encodeAuthRoleListRequest(message: AuthRoleListRequest): Uint8Array {
  return encode(message, writeAuthRoleListRequest);
}
export function decodeAuthRoleListRequest(bytes: Uint8Array): AuthRoleListRequest {
  return decode(bytes, readAuthRoleListRequest);
}
export function writeAuthRoleListRequest(_w: Writer, _m: AuthRoleListRequest): void {
}
const KNOWN_AUTH_ROLE_LIST_REQUEST: ReadonlySet<number> = new Set([]);
export function readAuthRoleListRequest(r: Reader): AuthRoleListRequest {
  while (r.more()) r.skip(r.tag(), 'AuthRoleListRequest', KNOWN_AUTH_ROLE_LIST_REQUEST);
  return {};
}

export interface AuthRoleDeleteRequest {
  readonly role: string;
}
export const EMPTY_AUTH_ROLE_DELETE_REQUEST: AuthRoleDeleteRequest = { role: '' };
export function encodeAuthRoleDeleteRequest(message: AuthRoleDeleteRequest): Uint8Array {
  return encode(message, writeAuthRoleDeleteRequest);
}
export function decodeAuthRoleDeleteRequest(bytes: Uint8Array): AuthRoleDeleteRequest {
  return decode(bytes, readAuthRoleDeleteRequest);
}
export function writeAuthRoleDeleteRequest(w: Writer, m: AuthRoleDeleteRequest): void {
  if (m.role !== '') w.text(10, m.role);
}
const KNOWN_AUTH_ROLE_DELETE_REQUEST: ReadonlySet<number> = new Set([1]);
export function readAuthRoleDeleteRequest(r: Reader): AuthRoleDeleteRequest {
  let role = '';
  while (r.more()) {
    const tag = r.tag();
    switch (tag) {
      case 10:
        role = r.text();
        break;
      default:
        r.skip(tag, 'AuthRoleDeleteRequest', KNOWN_AUTH_ROLE_DELETE_REQUEST);
    }
  }
  return { role };
}

export interface AuthRoleGrantPermissionRequest {
  readonly name: string;
  readonly perm: Permission | undefined;
}
export const EMPTY_AUTH_ROLE_GRANT_PERMISSION_REQUEST: AuthRoleGrantPermissionRequest = { name: '', perm: undefined };
export function encodeAuthRoleGrantPermissionRequest(message: AuthRoleGrantPermissionRequest): Uint8Array {
  return encode(message, writeAuthRoleGrantPermissionRequest);
}
export function decodeAuthRoleGrantPermissionRequest(bytes: Uint8Array): AuthRoleGrantPermissionRequest {
  return decode(bytes, readAuthRoleGrantPermissionRequest);
}
export function writeAuthRoleGrantPermissionRequest(w: Writer, m: AuthRoleGrantPermissionRequest): void {
  if (m.name !== '') w.text(10, m.name);
  if (m.perm !== undefined) {
    const start = w.open(18);
    writePermission(w, m.perm);
    w.close(start);
  }
}
const KNOWN_AUTH_ROLE_GRANT_PERMISSION_REQUEST: ReadonlySet<number> = new Set([1, 2]);
export function readAuthRoleGrantPermissionRequest(r: Reader): AuthRoleGrantPermissionRequest {
  let name = '';
  let perm: Permission | undefined;
  while (r.more()) {
    const tag = r.tag();
    switch (tag) {
      case 10:
        name = r.text();
        break;
      case 18: {
        const outer = r.enter();
        perm = readPermission(r);
        r.leave(outer);
        break;
      }
      default:
        r.skip(tag, 'AuthRoleGrantPermissionRequest', KNOWN_AUTH_ROLE_GRANT_PERMISSION_REQUEST);
    }
  }
  return { name, perm };
}

export interface AuthRoleRevokePermissionRequest {
  readonly role: string;
  readonly key: string;
  readonly rangeEnd: string;
}
export const EMPTY_AUTH_ROLE_REVOKE_PERMISSION_REQUEST: AuthRoleRevokePermissionRequest = { role: '', key: '', rangeEnd: '' };
export function encodeAuthRoleRevokePermissionRequest(message: AuthRoleRevokePermissionRequest): Uint8Array {
  return encode(message, writeAuthRoleRevokePermissionRequest);
}
export function decodeAuthRoleRevokePermissionRequest(bytes: Uint8Array): AuthRoleRevokePermissionRequest {
  return decode(bytes, readAuthRoleRevokePermissionRequest);
}
export function writeAuthRoleRevokePermissionRequest(w: Writer, m: AuthRoleRevokePermissionRequest): void {
  if (m.role !== '') w.text(10, m.role);
  if (m.key !== '') w.byteString(18, m.key);
  if (m.rangeEnd !== '') w.byteString(26, m.rangeEnd);
}
const KNOWN_AUTH_ROLE_REVOKE_PERMISSION_REQUEST: ReadonlySet<number> = new Set([1, 2, 3]);
export function readAuthRoleRevokePermissionRequest(r: Reader): AuthRoleRevokePermissionRequest {
  let role = '';
  let key = '';
  let rangeEnd = '';
  while (r.more()) {
    const tag = r.tag();
    switch (tag) {
      case 10:
        role = r.text();
        break;
      case 18:
        key = r.byteString();
        break;
      case 26:
        rangeEnd = r.byteString();
        break;
      default:
        r.skip(tag, 'AuthRoleRevokePermissionRequest', KNOWN_AUTH_ROLE_REVOKE_PERMISSION_REQUEST);
    }
  }
  return { role, key, rangeEnd };
}

export interface AuthEnableResponse {
  readonly header: ResponseHeader | undefined;
}
export const EMPTY_AUTH_ENABLE_RESPONSE: AuthEnableResponse = { header: undefined };
export function encodeAuthEnableResponse(message: AuthEnableResponse): Uint8Array {
  return encode(message, writeAuthEnableResponse);
}
export function decodeAuthEnableResponse(bytes: Uint8Array): AuthEnableResponse {
  return decode(bytes, readAuthEnableResponse);
}
export function writeAuthEnableResponse(w: Writer, m: AuthEnableResponse): void {
  if (m.header !== undefined) {
    const start = w.open(10);
    writeResponseHeader(w, m.header);
    w.close(start);
  }
}
const KNOWN_AUTH_ENABLE_RESPONSE: ReadonlySet<number> = new Set([1]);
export function readAuthEnableResponse(r: Reader): AuthEnableResponse {
  let header: ResponseHeader | undefined;
  while (r.more()) {
    const tag = r.tag();
    switch (tag) {
      case 10: {
        const outer = r.enter();
        header = readResponseHeader(r);
        r.leave(outer);
        break;
      }
      default:
        r.skip(tag, 'AuthEnableResponse', KNOWN_AUTH_ENABLE_RESPONSE);
    }
  }
  return { header };
}

export interface AuthDisableResponse {
  readonly header: ResponseHeader | undefined;
}
export const EMPTY_AUTH_DISABLE_RESPONSE: AuthDisableResponse = { header: undefined };
export function encodeAuthDisableResponse(message: AuthDisableResponse): Uint8Array {
  return encode(message, writeAuthDisableResponse);
}
export function decodeAuthDisableResponse(bytes: Uint8Array): AuthDisableResponse {
  return decode(bytes, readAuthDisableResponse);
}
export function writeAuthDisableResponse(w: Writer, m: AuthDisableResponse): void {
  if (m.header !== undefined) {
    const start = w.open(10);
    writeResponseHeader(w, m.header);
    w.close(start);
  }
}
const KNOWN_AUTH_DISABLE_RESPONSE: ReadonlySet<number> = new Set([1]);
export function readAuthDisableResponse(r: Reader): AuthDisableResponse {
  let header: ResponseHeader | undefined;
  while (r.more()) {
    const tag = r.tag();
    switch (tag) {
      case 10: {
        const outer = r.enter();
        header = readResponseHeader(r);
        r.leave(outer);
        break;
      }
      default:
        r.skip(tag, 'AuthDisableResponse', KNOWN_AUTH_DISABLE_RESPONSE);
    }
  }
  return { header };
}

export interface AuthStatusResponse {
  readonly header: ResponseHeader | undefined;
  readonly enabled: boolean;
  readonly authRevision: number;
}
export const EMPTY_AUTH_STATUS_RESPONSE: AuthStatusResponse = { header: undefined, enabled: false, authRevision: 0 };
export function encodeAuthStatusResponse(message: AuthStatusResponse): Uint8Array {
  return encode(message, writeAuthStatusResponse);
}
export function decodeAuthStatusResponse(bytes: Uint8Array): AuthStatusResponse {
  return decode(bytes, readAuthStatusResponse);
}
export function writeAuthStatusResponse(w: Writer, m: AuthStatusResponse): void {
  if (m.header !== undefined) {
    const start = w.open(10);
    writeResponseHeader(w, m.header);
    w.close(start);
  }
  if (m.enabled) w.bool(16, m.enabled);
  if (m.authRevision !== 0) w.uint64(24, m.authRevision);
}
const KNOWN_AUTH_STATUS_RESPONSE: ReadonlySet<number> = new Set([1, 2, 3]);
export function readAuthStatusResponse(r: Reader): AuthStatusResponse {
  let header: ResponseHeader | undefined;
  let enabled = false;
  let authRevision = 0;
  while (r.more()) {
    const tag = r.tag();
    switch (tag) {
      case 10: {
        const outer = r.enter();
        header = readResponseHeader(r);
        r.leave(outer);
        break;
      }
      case 16:
        enabled = r.bool();
        break;
      case 24:
        authRevision = r.uint64();
        break;
      default:
        r.skip(tag, 'AuthStatusResponse', KNOWN_AUTH_STATUS_RESPONSE);
    }
  }
  return { header, enabled, authRevision };
}

export interface AuthenticateResponse {
  readonly header: ResponseHeader | undefined;
  readonly token: string;
}
export const EMPTY_AUTHENTICATE_RESPONSE: AuthenticateResponse = { header: undefined, token: '' };
export function encodeAuthenticateResponse(message: AuthenticateResponse): Uint8Array {
  return encode(message, writeAuthenticateResponse);
}
export function decodeAuthenticateResponse(bytes: Uint8Array): AuthenticateResponse {
  return decode(bytes, readAuthenticateResponse);
}
export function writeAuthenticateResponse(w: Writer, m: AuthenticateResponse): void {
  if (m.header !== undefined) {
    const start = w.open(10);
    writeResponseHeader(w, m.header);
    w.close(start);
  }
  if (m.token !== '') w.text(18, m.token);
}
const KNOWN_AUTHENTICATE_RESPONSE: ReadonlySet<number> = new Set([1, 2]);
export function readAuthenticateResponse(r: Reader): AuthenticateResponse {
  let header: ResponseHeader | undefined;
  let token = '';
  while (r.more()) {
    const tag = r.tag();
    switch (tag) {
      case 10: {
        const outer = r.enter();
        header = readResponseHeader(r);
        r.leave(outer);
        break;
      }
      case 18:
        token = r.text();
        break;
      default:
        r.skip(tag, 'AuthenticateResponse', KNOWN_AUTHENTICATE_RESPONSE);
    }
  }
  return { header, token };
}

export interface AuthUserAddResponse {
  readonly header: ResponseHeader | undefined;
}
export const EMPTY_AUTH_USER_ADD_RESPONSE: AuthUserAddResponse = { header: undefined };
export function encodeAuthUserAddResponse(message: AuthUserAddResponse): Uint8Array {
  return encode(message, writeAuthUserAddResponse);
}
export function decodeAuthUserAddResponse(bytes: Uint8Array): AuthUserAddResponse {
  return decode(bytes, readAuthUserAddResponse);
}
export function writeAuthUserAddResponse(w: Writer, m: AuthUserAddResponse): void {
  if (m.header !== undefined) {
    const start = w.open(10);
    writeResponseHeader(w, m.header);
    w.close(start);
  }
}
const KNOWN_AUTH_USER_ADD_RESPONSE: ReadonlySet<number> = new Set([1]);
export function readAuthUserAddResponse(r: Reader): AuthUserAddResponse {
  let header: ResponseHeader | undefined;
  while (r.more()) {
    const tag = r.tag();
    switch (tag) {
      case 10: {
        const outer = r.enter();
        header = readResponseHeader(r);
        r.leave(outer);
        break;
      }
      default:
        r.skip(tag, 'AuthUserAddResponse', KNOWN_AUTH_USER_ADD_RESPONSE);
    }
  }
  return { header };
}

export interface AuthUserGetResponse {
  readonly header: ResponseHeader | undefined;
  readonly roles: readonly string[];
}
export const EMPTY_AUTH_USER_GET_RESPONSE: AuthUserGetResponse = { header: undefined, roles: [] };
export function encodeAuthUserGetResponse(message: AuthUserGetResponse): Uint8Array {
  return encode(message, writeAuthUserGetResponse);
}
export function decodeAuthUserGetResponse(bytes: Uint8Array): AuthUserGetResponse {
  return decode(bytes, readAuthUserGetResponse);
}
export function writeAuthUserGetResponse(w: Writer, m: AuthUserGetResponse): void {
  if (m.header !== undefined) {
    const start = w.open(10);
    writeResponseHeader(w, m.header);
    w.close(start);
  }
  for (const item of m.roles) {
    w.text(18, item);
  }
}
const KNOWN_AUTH_USER_GET_RESPONSE: ReadonlySet<number> = new Set([1, 2]);
export function readAuthUserGetResponse(r: Reader): AuthUserGetResponse {
  let header: ResponseHeader | undefined;
  const roles: string[] = [];
  while (r.more()) {
    const tag = r.tag();
    switch (tag) {
      case 10: {
        const outer = r.enter();
        header = readResponseHeader(r);
        r.leave(outer);
        break;
      }
      case 18:
        roles.push(r.text());
        break;
      default:
        r.skip(tag, 'AuthUserGetResponse', KNOWN_AUTH_USER_GET_RESPONSE);
    }
  }
  return { header, roles };
}

export interface AuthUserDeleteResponse {
  readonly header: ResponseHeader | undefined;
}
export const EMPTY_AUTH_USER_DELETE_RESPONSE: AuthUserDeleteResponse = { header: undefined };
export function encodeAuthUserDeleteResponse(message: AuthUserDeleteResponse): Uint8Array {
  return encode(message, writeAuthUserDeleteResponse);
}
export function decodeAuthUserDeleteResponse(bytes: Uint8Array): AuthUserDeleteResponse {
  return decode(bytes, readAuthUserDeleteResponse);
}
export function writeAuthUserDeleteResponse(w: Writer, m: AuthUserDeleteResponse): void {
  if (m.header !== undefined) {
    const start = w.open(10);
    writeResponseHeader(w, m.header);
    w.close(start);
  }
}
const KNOWN_AUTH_USER_DELETE_RESPONSE: ReadonlySet<number> = new Set([1]);
export function readAuthUserDeleteResponse(r: Reader): AuthUserDeleteResponse {
  let header: ResponseHeader | undefined;
  while (r.more()) {
    const tag = r.tag();
    switch (tag) {
      case 10: {
        const outer = r.enter();
        header = readResponseHeader(r);
        r.leave(outer);
        break;
      }
      default:
        r.skip(tag, 'AuthUserDeleteResponse', KNOWN_AUTH_USER_DELETE_RESPONSE);
    }
  }
  return { header };
}

export interface AuthUserChangePasswordResponse {
  readonly header: ResponseHeader | undefined;
}
export const EMPTY_AUTH_USER_CHANGE_PASSWORD_RESPONSE: AuthUserChangePasswordResponse = { header: undefined };
export function encodeAuthUserChangePasswordResponse(message: AuthUserChangePasswordResponse): Uint8Array {
  return encode(message, writeAuthUserChangePasswordResponse);
}
export function decodeAuthUserChangePasswordResponse(bytes: Uint8Array): AuthUserChangePasswordResponse {
  return decode(bytes, readAuthUserChangePasswordResponse);
}
export function writeAuthUserChangePasswordResponse(w: Writer, m: AuthUserChangePasswordResponse): void {
  if (m.header !== undefined) {
    const start = w.open(10);
    writeResponseHeader(w, m.header);
    w.close(start);
  }
}
const KNOWN_AUTH_USER_CHANGE_PASSWORD_RESPONSE: ReadonlySet<number> = new Set([1]);
export function readAuthUserChangePasswordResponse(r: Reader): AuthUserChangePasswordResponse {
  let header: ResponseHeader | undefined;
  while (r.more()) {
    const tag = r.tag();
    switch (tag) {
      case 10: {
        const outer = r.enter();
        header = readResponseHeader(r);
        r.leave(outer);
        break;
      }
      default:
        r.skip(tag, 'AuthUserChangePasswordResponse', KNOWN_AUTH_USER_CHANGE_PASSWORD_RESPONSE);
    }
  }
  return { header };
}

export interface AuthUserGrantRoleResponse {
  readonly header: ResponseHeader | undefined;
}
export const EMPTY_AUTH_USER_GRANT_ROLE_RESPONSE: AuthUserGrantRoleResponse = { header: undefined };
export function encodeAuthUserGrantRoleResponse(message: AuthUserGrantRoleResponse): Uint8Array {
  return encode(message, writeAuthUserGrantRoleResponse);
}
export function decodeAuthUserGrantRoleResponse(bytes: Uint8Array): AuthUserGrantRoleResponse {
  return decode(bytes, readAuthUserGrantRoleResponse);
}
export function writeAuthUserGrantRoleResponse(w: Writer, m: AuthUserGrantRoleResponse): void {
  if (m.header !== undefined) {
    const start = w.open(10);
    writeResponseHeader(w, m.header);
    w.close(start);
  }
}
const KNOWN_AUTH_USER_GRANT_ROLE_RESPONSE: ReadonlySet<number> = new Set([1]);
export function readAuthUserGrantRoleResponse(r: Reader): AuthUserGrantRoleResponse {
  let header: ResponseHeader | undefined;
  while (r.more()) {
    const tag = r.tag();
    switch (tag) {
      case 10: {
        const outer = r.enter();
        header = readResponseHeader(r);
        r.leave(outer);
        break;
      }
      default:
        r.skip(tag, 'AuthUserGrantRoleResponse', KNOWN_AUTH_USER_GRANT_ROLE_RESPONSE);
    }
  }
  return { header };
}

export interface AuthUserRevokeRoleResponse {
  readonly header: ResponseHeader | undefined;
}
export const EMPTY_AUTH_USER_REVOKE_ROLE_RESPONSE: AuthUserRevokeRoleResponse = { header: undefined };
export function encodeAuthUserRevokeRoleResponse(message: AuthUserRevokeRoleResponse): Uint8Array {
  return encode(message, writeAuthUserRevokeRoleResponse);
}
export function decodeAuthUserRevokeRoleResponse(bytes: Uint8Array): AuthUserRevokeRoleResponse {
  return decode(bytes, readAuthUserRevokeRoleResponse);
}
export function writeAuthUserRevokeRoleResponse(w: Writer, m: AuthUserRevokeRoleResponse): void {
  if (m.header !== undefined) {
    const start = w.open(10);
    writeResponseHeader(w, m.header);
    w.close(start);
  }
}
const KNOWN_AUTH_USER_REVOKE_ROLE_RESPONSE: ReadonlySet<number> = new Set([1]);
export function readAuthUserRevokeRoleResponse(r: Reader): AuthUserRevokeRoleResponse {
  let header: ResponseHeader | undefined;
  while (r.more()) {
    const tag = r.tag();
    switch (tag) {
      case 10: {
        const outer = r.enter();
        header = readResponseHeader(r);
        r.leave(outer);
        break;
      }
      default:
        r.skip(tag, 'AuthUserRevokeRoleResponse', KNOWN_AUTH_USER_REVOKE_ROLE_RESPONSE);
    }
  }
  return { header };
}

export interface AuthRoleAddResponse {
  readonly header: ResponseHeader | undefined;
}
export const EMPTY_AUTH_ROLE_ADD_RESPONSE: AuthRoleAddResponse = { header: undefined };
export function encodeAuthRoleAddResponse(message: AuthRoleAddResponse): Uint8Array {
  return encode(message, writeAuthRoleAddResponse);
}
export function decodeAuthRoleAddResponse(bytes: Uint8Array): AuthRoleAddResponse {
  return decode(bytes, readAuthRoleAddResponse);
}
export function writeAuthRoleAddResponse(w: Writer, m: AuthRoleAddResponse): void {
  if (m.header !== undefined) {
    const start = w.open(10);
    writeResponseHeader(w, m.header);
    w.close(start);
  }
}
const KNOWN_AUTH_ROLE_ADD_RESPONSE: ReadonlySet<number> = new Set([1]);
export function readAuthRoleAddResponse(r: Reader): AuthRoleAddResponse {
  let header: ResponseHeader | undefined;
  while (r.more()) {
    const tag = r.tag();
    switch (tag) {
      case 10: {
        const outer = r.enter();
        header = readResponseHeader(r);
        r.leave(outer);
        break;
      }
      default:
        r.skip(tag, 'AuthRoleAddResponse', KNOWN_AUTH_ROLE_ADD_RESPONSE);
    }
  }
  return { header };
}

export interface AuthRoleGetResponse {
  readonly header: ResponseHeader | undefined;
  readonly perm: readonly Permission[];
}
export const EMPTY_AUTH_ROLE_GET_RESPONSE: AuthRoleGetResponse = { header: undefined, perm: [] };
export function encodeAuthRoleGetResponse(message: AuthRoleGetResponse): Uint8Array {
  return encode(message, writeAuthRoleGetResponse);
}
export function decodeAuthRoleGetResponse(bytes: Uint8Array): AuthRoleGetResponse {
  return decode(bytes, readAuthRoleGetResponse);
}
export function writeAuthRoleGetResponse(w: Writer, m: AuthRoleGetResponse): void {
  if (m.header !== undefined) {
    const start = w.open(10);
    writeResponseHeader(w, m.header);
    w.close(start);
  }
  for (const item of m.perm) {
    const start = w.open(18);
    writePermission(w, item);
    w.close(start);
  }
}
const KNOWN_AUTH_ROLE_GET_RESPONSE: ReadonlySet<number> = new Set([1, 2]);
export function readAuthRoleGetResponse(r: Reader): AuthRoleGetResponse {
  let header: ResponseHeader | undefined;
  const perm: Permission[] = [];
  while (r.more()) {
    const tag = r.tag();
    switch (tag) {
      case 10: {
        const outer = r.enter();
        header = readResponseHeader(r);
        r.leave(outer);
        break;
      }
      case 18: {
        const outer = r.enter();
        perm.push(readPermission(r));
        r.leave(outer);
        break;
      }
      default:
        r.skip(tag, 'AuthRoleGetResponse', KNOWN_AUTH_ROLE_GET_RESPONSE);
    }
  }
  return { header, perm };
}

export interface AuthRoleListResponse {
  readonly header: ResponseHeader | undefined;
  readonly roles: readonly string[];
}
export const EMPTY_AUTH_ROLE_LIST_RESPONSE: AuthRoleListResponse = { header: undefined, roles: [] };
export function encodeAuthRoleListResponse(message: AuthRoleListResponse): Uint8Array {
  return encode(message, writeAuthRoleListResponse);
}
export function decodeAuthRoleListResponse(bytes: Uint8Array): AuthRoleListResponse {
  return decode(bytes, readAuthRoleListResponse);
}
export function writeAuthRoleListResponse(w: Writer, m: AuthRoleListResponse): void {
  if (m.header !== undefined) {
    const start = w.open(10);
    writeResponseHeader(w, m.header);
    w.close(start);
  }
  for (const item of m.roles) {
    w.text(18, item);
  }
}
const KNOWN_AUTH_ROLE_LIST_RESPONSE: ReadonlySet<number> = new Set([1, 2]);
export function readAuthRoleListResponse(r: Reader): AuthRoleListResponse {
  let header: ResponseHeader | undefined;
  const roles: string[] = [];
  while (r.more()) {
    const tag = r.tag();
    switch (tag) {
      case 10: {
        const outer = r.enter();
        header = readResponseHeader(r);
        r.leave(outer);
        break;
      }
      case 18:
        roles.push(r.text());
        break;
      default:
        r.skip(tag, 'AuthRoleListResponse', KNOWN_AUTH_ROLE_LIST_RESPONSE);
    }
  }
  return { header, roles };
}

export interface AuthUserListResponse {
  readonly header: ResponseHeader | undefined;
  readonly users: readonly string[];
}
export const EMPTY_AUTH_USER_LIST_RESPONSE: AuthUserListResponse = { header: undefined, users: [] };
export function encodeAuthUserListResponse(message: AuthUserListResponse): Uint8Array {
  return encode(message, writeAuthUserListResponse);
}
export function decodeAuthUserListResponse(bytes: Uint8Array): AuthUserListResponse {
  return decode(bytes, readAuthUserListResponse);
}
export function writeAuthUserListResponse(w: Writer, m: AuthUserListResponse): void {
  if (m.header !== undefined) {
    const start = w.open(10);
    writeResponseHeader(w, m.header);
    w.close(start);
  }
  for (const item of m.users) {
    w.text(18, item);
  }
}
const KNOWN_AUTH_USER_LIST_RESPONSE: ReadonlySet<number> = new Set([1, 2]);
export function readAuthUserListResponse(r: Reader): AuthUserListResponse {
  let header: ResponseHeader | undefined;
  const users: string[] = [];
  while (r.more()) {
    const tag = r.tag();
    switch (tag) {
      case 10: {
        const outer = r.enter();
        header = readResponseHeader(r);
        r.leave(outer);
        break;
      }
      case 18:
        users.push(r.text());
        break;
      default:
        r.skip(tag, 'AuthUserListResponse', KNOWN_AUTH_USER_LIST_RESPONSE);
    }
  }
  return { header, users };
}

export interface AuthRoleDeleteResponse {
  readonly header: ResponseHeader | undefined;
}
export const EMPTY_AUTH_ROLE_DELETE_RESPONSE: AuthRoleDeleteResponse = { header: undefined };
export function encodeAuthRoleDeleteResponse(message: AuthRoleDeleteResponse): Uint8Array {
  return encode(message, writeAuthRoleDeleteResponse);
}
export function decodeAuthRoleDeleteResponse(bytes: Uint8Array): AuthRoleDeleteResponse {
  return decode(bytes, readAuthRoleDeleteResponse);
}
export function writeAuthRoleDeleteResponse(w: Writer, m: AuthRoleDeleteResponse): void {
  if (m.header !== undefined) {
    const start = w.open(10);
    writeResponseHeader(w, m.header);
    w.close(start);
  }
}
const KNOWN_AUTH_ROLE_DELETE_RESPONSE: ReadonlySet<number> = new Set([1]);
export function readAuthRoleDeleteResponse(r: Reader): AuthRoleDeleteResponse {
  let header: ResponseHeader | undefined;
  while (r.more()) {
    const tag = r.tag();
    switch (tag) {
      case 10: {
        const outer = r.enter();
        header = readResponseHeader(r);
        r.leave(outer);
        break;
      }
      default:
        r.skip(tag, 'AuthRoleDeleteResponse', KNOWN_AUTH_ROLE_DELETE_RESPONSE);
    }
  }
  return { header };
}

export interface AuthRoleGrantPermissionResponse {
  readonly header: ResponseHeader | undefined;
}
export const EMPTY_AUTH_ROLE_GRANT_PERMISSION_RESPONSE: AuthRoleGrantPermissionResponse = { header: undefined };
export function encodeAuthRoleGrantPermissionResponse(message: AuthRoleGrantPermissionResponse): Uint8Array {
  return encode(message, writeAuthRoleGrantPermissionResponse);
}
export function decodeAuthRoleGrantPermissionResponse(bytes: Uint8Array): AuthRoleGrantPermissionResponse {
  return decode(bytes, readAuthRoleGrantPermissionResponse);
}
export function writeAuthRoleGrantPermissionResponse(w: Writer, m: AuthRoleGrantPermissionResponse): void {
  if (m.header !== undefined) {
    const start = w.open(10);
    writeResponseHeader(w, m.header);
    w.close(start);
  }
}
const KNOWN_AUTH_ROLE_GRANT_PERMISSION_RESPONSE: ReadonlySet<number> = new Set([1]);
export function readAuthRoleGrantPermissionResponse(r: Reader): AuthRoleGrantPermissionResponse {
  let header: ResponseHeader | undefined;
  while (r.more()) {
    const tag = r.tag();
    switch (tag) {
      case 10: {
        const outer = r.enter();
        header = readResponseHeader(r);
        r.leave(outer);
        break;
      }
      default:
        r.skip(tag, 'AuthRoleGrantPermissionResponse', KNOWN_AUTH_ROLE_GRANT_PERMISSION_RESPONSE);
    }
  }
  return { header };
}

export interface AuthRoleRevokePermissionResponse {
  readonly header: ResponseHeader | undefined;
}
export const EMPTY_AUTH_ROLE_REVOKE_PERMISSION_RESPONSE: AuthRoleRevokePermissionResponse = { header: undefined };
export function encodeAuthRoleRevokePermissionResponse(message: AuthRoleRevokePermissionResponse): Uint8Array {
  return encode(message, writeAuthRoleRevokePermissionResponse);
}
export function decodeAuthRoleRevokePermissionResponse(bytes: Uint8Array): AuthRoleRevokePermissionResponse {
  return decode(bytes, readAuthRoleRevokePermissionResponse);
}
export function writeAuthRoleRevokePermissionResponse(w: Writer, m: AuthRoleRevokePermissionResponse): void {
  if (m.header !== undefined) {
    const start = w.open(10);
    writeResponseHeader(w, m.header);
    w.close(start);
  }
}
const KNOWN_AUTH_ROLE_REVOKE_PERMISSION_RESPONSE: ReadonlySet<number> = new Set([1]);
export function readAuthRoleRevokePermissionResponse(r: Reader): AuthRoleRevokePermissionResponse {
  let header: ResponseHeader | undefined;
  while (r.more()) {
    const tag = r.tag();
    switch (tag) {
      case 10: {
        const outer = r.enter();
        header = readResponseHeader(r);
        r.leave(outer);
        break;
      }
      default:
        r.skip(tag, 'AuthRoleRevokePermissionResponse', KNOWN_AUTH_ROLE_REVOKE_PERMISSION_RESPONSE);
    }
  }
  return { header };
}

export interface RangeStreamResponse {
  readonly rangeResponse: RangeResponse | undefined;
}
export const EMPTY_RANGE_STREAM_RESPONSE: RangeStreamResponse = { rangeResponse: undefined };
export function encodeRangeStreamResponse(message: RangeStreamResponse): Uint8Array {
  return encode(message, writeRangeStreamResponse);
}
export function decodeRangeStreamResponse(bytes: Uint8Array): RangeStreamResponse {
  return decode(bytes, readRangeStreamResponse);
}
export function writeRangeStreamResponse(w: Writer, m: RangeStreamResponse): void {
  if (m.rangeResponse !== undefined) {
    const start = w.open(10);
    writeRangeResponse(w, m.rangeResponse);
    w.close(start);
  }
}
const KNOWN_RANGE_STREAM_RESPONSE: ReadonlySet<number> = new Set([1]);
export function readRangeStreamResponse(r: Reader): RangeStreamResponse {
  let rangeResponse: RangeResponse | undefined;
  while (r.more()) {
    const tag = r.tag();
    switch (tag) {
      case 10: {
        const outer = r.enter();
        rangeResponse = readRangeResponse(r);
        r.leave(outer);
        break;
      }
      default:
        r.skip(tag, 'RangeStreamResponse', KNOWN_RANGE_STREAM_RESPONSE);
    }
  }
  return { rangeResponse };
}

export interface LockRequest {
  readonly name: string;
  readonly lease: bigint;
}
export const EMPTY_LOCK_REQUEST: LockRequest = { name: '', lease: 0n };
export function encodeLockRequest(message: LockRequest): Uint8Array {
  return encode(message, writeLockRequest);
}
export function decodeLockRequest(bytes: Uint8Array): LockRequest {
  return decode(bytes, readLockRequest);
}
export function writeLockRequest(w: Writer, m: LockRequest): void {
  if (m.name !== '') w.byteString(10, m.name);
  if (m.lease !== 0n) w.bigint(16, m.lease);
}
const KNOWN_LOCK_REQUEST: ReadonlySet<number> = new Set([1, 2]);
export function readLockRequest(r: Reader): LockRequest {
  let name = '';
  let lease = 0n;
  while (r.more()) {
    const tag = r.tag();
    switch (tag) {
      case 10:
        name = r.byteString();
        break;
      case 16:
        lease = r.int64Big();
        break;
      default:
        r.skip(tag, 'LockRequest', KNOWN_LOCK_REQUEST);
    }
  }
  return { name, lease };
}

export interface LockResponse {
  readonly header: ResponseHeader | undefined;
  readonly key: string;
}
export const EMPTY_LOCK_RESPONSE: LockResponse = { header: undefined, key: '' };
export function encodeLockResponse(message: LockResponse): Uint8Array {
  return encode(message, writeLockResponse);
}
export function decodeLockResponse(bytes: Uint8Array): LockResponse {
  return decode(bytes, readLockResponse);
}
export function writeLockResponse(w: Writer, m: LockResponse): void {
  if (m.header !== undefined) {
    const start = w.open(10);
    writeResponseHeader(w, m.header);
    w.close(start);
  }
  if (m.key !== '') w.byteString(18, m.key);
}
const KNOWN_LOCK_RESPONSE: ReadonlySet<number> = new Set([1, 2]);
export function readLockResponse(r: Reader): LockResponse {
  let header: ResponseHeader | undefined;
  let key = '';
  while (r.more()) {
    const tag = r.tag();
    switch (tag) {
      case 10: {
        const outer = r.enter();
        header = readResponseHeader(r);
        r.leave(outer);
        break;
      }
      case 18:
        key = r.byteString();
        break;
      default:
        r.skip(tag, 'LockResponse', KNOWN_LOCK_RESPONSE);
    }
  }
  return { header, key };
}

export interface UnlockRequest {
  readonly key: string;
}
export const EMPTY_UNLOCK_REQUEST: UnlockRequest = { key: '' };
export function encodeUnlockRequest(message: UnlockRequest): Uint8Array {
  return encode(message, writeUnlockRequest);
}
export function decodeUnlockRequest(bytes: Uint8Array): UnlockRequest {
  return decode(bytes, readUnlockRequest);
}
export function writeUnlockRequest(w: Writer, m: UnlockRequest): void {
  if (m.key !== '') w.byteString(10, m.key);
}
const KNOWN_UNLOCK_REQUEST: ReadonlySet<number> = new Set([1]);
export function readUnlockRequest(r: Reader): UnlockRequest {
  let key = '';
  while (r.more()) {
    const tag = r.tag();
    switch (tag) {
      case 10:
        key = r.byteString();
        break;
      default:
        r.skip(tag, 'UnlockRequest', KNOWN_UNLOCK_REQUEST);
    }
  }
  return { key };
}

export interface UnlockResponse {
  readonly header: ResponseHeader | undefined;
}
export const EMPTY_UNLOCK_RESPONSE: UnlockResponse = { header: undefined };
export function encodeUnlockResponse(message: UnlockResponse): Uint8Array {
  return encode(message, writeUnlockResponse);
}
export function decodeUnlockResponse(bytes: Uint8Array): UnlockResponse {
  return decode(bytes, readUnlockResponse);
}
export function writeUnlockResponse(w: Writer, m: UnlockResponse): void {
  if (m.header !== undefined) {
    const start = w.open(10);
    writeResponseHeader(w, m.header);
    w.close(start);
  }
}
const KNOWN_UNLOCK_RESPONSE: ReadonlySet<number> = new Set([1]);
export function readUnlockResponse(r: Reader): UnlockResponse {
  let header: ResponseHeader | undefined;
  while (r.more()) {
    const tag = r.tag();
    switch (tag) {
      case 10: {
        const outer = r.enter();
        header = readResponseHeader(r);
        r.leave(outer);
        break;
      }
      default:
        r.skip(tag, 'UnlockResponse', KNOWN_UNLOCK_RESPONSE);
    }
  }
  return { header };
}

export interface CampaignRequest {
  readonly name: string;
  readonly lease: bigint;
  readonly value: Uint8Array;
}
export const EMPTY_CAMPAIGN_REQUEST: CampaignRequest = { name: '', lease: 0n, value: EMPTY_BYTES };
export function encodeCampaignRequest(message: CampaignRequest): Uint8Array {
  return encode(message, writeCampaignRequest);
}
export function decodeCampaignRequest(bytes: Uint8Array): CampaignRequest {
  return decode(bytes, readCampaignRequest);
}
export function writeCampaignRequest(w: Writer, m: CampaignRequest): void {
  if (m.name !== '') w.byteString(10, m.name);
  if (m.lease !== 0n) w.bigint(16, m.lease);
  if (m.value.length !== 0) w.bytes(26, m.value);
}
const KNOWN_CAMPAIGN_REQUEST: ReadonlySet<number> = new Set([1, 2, 3]);
export function readCampaignRequest(r: Reader): CampaignRequest {
  let name = '';
  let lease = 0n;
  let value: Uint8Array = EMPTY_BYTES;
  while (r.more()) {
    const tag = r.tag();
    switch (tag) {
      case 10:
        name = r.byteString();
        break;
      case 16:
        lease = r.int64Big();
        break;
      case 26:
        value = r.bytes();
        break;
      default:
        r.skip(tag, 'CampaignRequest', KNOWN_CAMPAIGN_REQUEST);
    }
  }
  return { name, lease, value };
}

export interface CampaignResponse {
  readonly header: ResponseHeader | undefined;
  readonly leader: LeaderKey | undefined;
}
export const EMPTY_CAMPAIGN_RESPONSE: CampaignResponse = { header: undefined, leader: undefined };
export function encodeCampaignResponse(message: CampaignResponse): Uint8Array {
  return encode(message, writeCampaignResponse);
}
export function decodeCampaignResponse(bytes: Uint8Array): CampaignResponse {
  return decode(bytes, readCampaignResponse);
}
export function writeCampaignResponse(w: Writer, m: CampaignResponse): void {
  if (m.header !== undefined) {
    const start = w.open(10);
    writeResponseHeader(w, m.header);
    w.close(start);
  }
  if (m.leader !== undefined) {
    const start = w.open(18);
    writeLeaderKey(w, m.leader);
    w.close(start);
  }
}
const KNOWN_CAMPAIGN_RESPONSE: ReadonlySet<number> = new Set([1, 2]);
export function readCampaignResponse(r: Reader): CampaignResponse {
  let header: ResponseHeader | undefined;
  let leader: LeaderKey | undefined;
  while (r.more()) {
    const tag = r.tag();
    switch (tag) {
      case 10: {
        const outer = r.enter();
        header = readResponseHeader(r);
        r.leave(outer);
        break;
      }
      case 18: {
        const outer = r.enter();
        leader = readLeaderKey(r);
        r.leave(outer);
        break;
      }
      default:
        r.skip(tag, 'CampaignResponse', KNOWN_CAMPAIGN_RESPONSE);
    }
  }
  return { header, leader };
}

export interface LeaderKey {
  readonly name: string;
  readonly key: string;
  readonly rev: number;
  readonly lease: bigint;
}
export const EMPTY_LEADER_KEY: LeaderKey = { name: '', key: '', rev: 0, lease: 0n };
export function encodeLeaderKey(message: LeaderKey): Uint8Array {
  return encode(message, writeLeaderKey);
}
export function decodeLeaderKey(bytes: Uint8Array): LeaderKey {
  return decode(bytes, readLeaderKey);
}
export function writeLeaderKey(w: Writer, m: LeaderKey): void {
  if (m.name !== '') w.byteString(10, m.name);
  if (m.key !== '') w.byteString(18, m.key);
  if (m.rev !== 0) w.int64(24, m.rev);
  if (m.lease !== 0n) w.bigint(32, m.lease);
}
const KNOWN_LEADER_KEY: ReadonlySet<number> = new Set([1, 2, 3, 4]);
export function readLeaderKey(r: Reader): LeaderKey {
  let name = '';
  let key = '';
  let rev = 0;
  let lease = 0n;
  while (r.more()) {
    const tag = r.tag();
    switch (tag) {
      case 10:
        name = r.byteString();
        break;
      case 18:
        key = r.byteString();
        break;
      case 24:
        rev = r.int64();
        break;
      case 32:
        lease = r.int64Big();
        break;
      default:
        r.skip(tag, 'LeaderKey', KNOWN_LEADER_KEY);
    }
  }
  return { name, key, rev, lease };
}

export interface LeaderRequest {
  readonly name: string;
}
export const EMPTY_LEADER_REQUEST: LeaderRequest = { name: '' };
export function encodeLeaderRequest(message: LeaderRequest): Uint8Array {
  return encode(message, writeLeaderRequest);
}
export function decodeLeaderRequest(bytes: Uint8Array): LeaderRequest {
  return decode(bytes, readLeaderRequest);
}
export function writeLeaderRequest(w: Writer, m: LeaderRequest): void {
  if (m.name !== '') w.byteString(10, m.name);
}
const KNOWN_LEADER_REQUEST: ReadonlySet<number> = new Set([1]);
export function readLeaderRequest(r: Reader): LeaderRequest {
  let name = '';
  while (r.more()) {
    const tag = r.tag();
    switch (tag) {
      case 10:
        name = r.byteString();
        break;
      default:
        r.skip(tag, 'LeaderRequest', KNOWN_LEADER_REQUEST);
    }
  }
  return { name };
}

export interface LeaderResponse {
  readonly header: ResponseHeader | undefined;
  readonly kv: Uint8Array | undefined;
}
export const EMPTY_LEADER_RESPONSE: LeaderResponse = { header: undefined, kv: undefined };
export function encodeLeaderResponse(message: LeaderResponse): Uint8Array {
  return encode(message, writeLeaderResponse);
}
export function decodeLeaderResponse(bytes: Uint8Array): LeaderResponse {
  return decode(bytes, readLeaderResponse);
}
export function writeLeaderResponse(w: Writer, m: LeaderResponse): void {
  if (m.header !== undefined) {
    const start = w.open(10);
    writeResponseHeader(w, m.header);
    w.close(start);
  }
  if (m.kv !== undefined) w.bytes(18, m.kv);
}
const KNOWN_LEADER_RESPONSE: ReadonlySet<number> = new Set([1, 2]);
export function readLeaderResponse(r: Reader): LeaderResponse {
  let header: ResponseHeader | undefined;
  let kv: Uint8Array | undefined;
  while (r.more()) {
    const tag = r.tag();
    switch (tag) {
      case 10: {
        const outer = r.enter();
        header = readResponseHeader(r);
        r.leave(outer);
        break;
      }
      case 18:
        kv = r.bytes();
        break;
      default:
        r.skip(tag, 'LeaderResponse', KNOWN_LEADER_RESPONSE);
    }
  }
  return { header, kv };
}

export interface ResignRequest {
  readonly leader: LeaderKey | undefined;
}
export const EMPTY_RESIGN_REQUEST: ResignRequest = { leader: undefined };
export function encodeResignRequest(message: ResignRequest): Uint8Array {
  return encode(message, writeResignRequest);
}
export function decodeResignRequest(bytes: Uint8Array): ResignRequest {
  return decode(bytes, readResignRequest);
}
export function writeResignRequest(w: Writer, m: ResignRequest): void {
  if (m.leader !== undefined) {
    const start = w.open(10);
    writeLeaderKey(w, m.leader);
    w.close(start);
  }
}
const KNOWN_RESIGN_REQUEST: ReadonlySet<number> = new Set([1]);
export function readResignRequest(r: Reader): ResignRequest {
  let leader: LeaderKey | undefined;
  while (r.more()) {
    const tag = r.tag();
    switch (tag) {
      case 10: {
        const outer = r.enter();
        leader = readLeaderKey(r);
        r.leave(outer);
        break;
      }
      default:
        r.skip(tag, 'ResignRequest', KNOWN_RESIGN_REQUEST);
    }
  }
  return { leader };
}

export interface ResignResponse {
  readonly header: ResponseHeader | undefined;
}
export const EMPTY_RESIGN_RESPONSE: ResignResponse = { header: undefined };
export function encodeResignResponse(message: ResignResponse): Uint8Array {
  return encode(message, writeResignResponse);
}
export function decodeResignResponse(bytes: Uint8Array): ResignResponse {
  return decode(bytes, readResignResponse);
}
export function writeResignResponse(w: Writer, m: ResignResponse): void {
  if (m.header !== undefined) {
    const start = w.open(10);
    writeResponseHeader(w, m.header);
    w.close(start);
  }
}
const KNOWN_RESIGN_RESPONSE: ReadonlySet<number> = new Set([1]);
export function readResignResponse(r: Reader): ResignResponse {
  let header: ResponseHeader | undefined;
  while (r.more()) {
    const tag = r.tag();
    switch (tag) {
      case 10: {
        const outer = r.enter();
        header = readResponseHeader(r);
        r.leave(outer);
        break;
      }
      default:
        r.skip(tag, 'ResignResponse', KNOWN_RESIGN_RESPONSE);
    }
  }
  return { header };
}

export interface ProclaimRequest {
  readonly leader: LeaderKey | undefined;
  readonly value: Uint8Array;
}
export const EMPTY_PROCLAIM_REQUEST: ProclaimRequest = { leader: undefined, value: EMPTY_BYTES };
export function encodeProclaimRequest(message: ProclaimRequest): Uint8Array {
  return encode(message, writeProclaimRequest);
}
export function decodeProclaimRequest(bytes: Uint8Array): ProclaimRequest {
  return decode(bytes, readProclaimRequest);
}
export function writeProclaimRequest(w: Writer, m: ProclaimRequest): void {
  if (m.leader !== undefined) {
    const start = w.open(10);
    writeLeaderKey(w, m.leader);
    w.close(start);
  }
  if (m.value.length !== 0) w.bytes(18, m.value);
}
const KNOWN_PROCLAIM_REQUEST: ReadonlySet<number> = new Set([1, 2]);
export function readProclaimRequest(r: Reader): ProclaimRequest {
  let leader: LeaderKey | undefined;
  let value: Uint8Array = EMPTY_BYTES;
  while (r.more()) {
    const tag = r.tag();
    switch (tag) {
      case 10: {
        const outer = r.enter();
        leader = readLeaderKey(r);
        r.leave(outer);
        break;
      }
      case 18:
        value = r.bytes();
        break;
      default:
        r.skip(tag, 'ProclaimRequest', KNOWN_PROCLAIM_REQUEST);
    }
  }
  return { leader, value };
}

export interface ProclaimResponse {
  readonly header: ResponseHeader | undefined;
}
export const EMPTY_PROCLAIM_RESPONSE: ProclaimResponse = { header: undefined };
export function encodeProclaimResponse(message: ProclaimResponse): Uint8Array {
  return encode(message, writeProclaimResponse);
}
export function decodeProclaimResponse(bytes: Uint8Array): ProclaimResponse {
  return decode(bytes, readProclaimResponse);
}
export function writeProclaimResponse(w: Writer, m: ProclaimResponse): void {
  if (m.header !== undefined) {
    const start = w.open(10);
    writeResponseHeader(w, m.header);
    w.close(start);
  }
}
const KNOWN_PROCLAIM_RESPONSE: ReadonlySet<number> = new Set([1]);
export function readProclaimResponse(r: Reader): ProclaimResponse {
  let header: ResponseHeader | undefined;
  while (r.more()) {
    const tag = r.tag();
    switch (tag) {
      case 10: {
        const outer = r.enter();
        header = readResponseHeader(r);
        r.leave(outer);
        break;
      }
      default:
        r.skip(tag, 'ProclaimResponse', KNOWN_PROCLAIM_RESPONSE);
    }
  }
  return { header };
}

export interface HealthCheckRequest {
  readonly service: string;
}
export const EMPTY_HEALTH_CHECK_REQUEST: HealthCheckRequest = { service: '' };
export function encodeHealthCheckRequest(message: HealthCheckRequest): Uint8Array {
  return encode(message, writeHealthCheckRequest);
}
export function decodeHealthCheckRequest(bytes: Uint8Array): HealthCheckRequest {
  return decode(bytes, readHealthCheckRequest);
}
export function writeHealthCheckRequest(w: Writer, m: HealthCheckRequest): void {
  if (m.service !== '') w.text(10, m.service);
}
const KNOWN_HEALTH_CHECK_REQUEST: ReadonlySet<number> = new Set([1]);
export function readHealthCheckRequest(r: Reader): HealthCheckRequest {
  let service = '';
  while (r.more()) {
    const tag = r.tag();
    switch (tag) {
      case 10:
        service = r.text();
        break;
      default:
        r.skip(tag, 'HealthCheckRequest', KNOWN_HEALTH_CHECK_REQUEST);
    }
  }
  return { service };
}

export interface HealthCheckResponse {
  readonly status: number;
}
export const EMPTY_HEALTH_CHECK_RESPONSE: HealthCheckResponse = { status: 0 };
export function encodeHealthCheckResponse(message: HealthCheckResponse): Uint8Array {
  return encode(message, writeHealthCheckResponse);
}
export function decodeHealthCheckResponse(bytes: Uint8Array): HealthCheckResponse {
  return decode(bytes, readHealthCheckResponse);
}
export function writeHealthCheckResponse(w: Writer, m: HealthCheckResponse): void {
  if (m.status !== 0) w.int32(8, m.status);
}
const KNOWN_HEALTH_CHECK_RESPONSE: ReadonlySet<number> = new Set([1]);
export function readHealthCheckResponse(r: Reader): HealthCheckResponse {
  let status = 0;
  while (r.more()) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        status = r.int32();
        break;
      default:
        r.skip(tag, 'HealthCheckResponse', KNOWN_HEALTH_CHECK_RESPONSE);
    }
  }
  return { status };
}

const KVRange: Method<RangeRequest, RangeResponse> = {
  path: '/etcdserverpb.KV/Range',
  requestStream: false,
  responseStream: false,
  encodeRequest: encodeRangeRequest,
  decodeRequest: decodeRangeRequest,
  encodeResponse: encodeRangeResponse,
  decodeResponse: decodeRangeResponse,
};
const KVRangeStream: Method<RangeRequest, RangeStreamResponse> = {
  path: '/etcdserverpb.KV/RangeStream',
  requestStream: false,
  responseStream: true,
  encodeRequest: encodeRangeRequest,
  decodeRequest: decodeRangeRequest,
  encodeResponse: encodeRangeStreamResponse,
  decodeResponse: decodeRangeStreamResponse,
};
const KVPut: Method<PutRequest, PutResponse> = {
  path: '/etcdserverpb.KV/Put',
  requestStream: false,
  responseStream: false,
  encodeRequest: encodePutRequest,
  decodeRequest: decodePutRequest,
  encodeResponse: encodePutResponse,
  decodeResponse: decodePutResponse,
};
const KVDeleteRange: Method<DeleteRangeRequest, DeleteRangeResponse> = {
  path: '/etcdserverpb.KV/DeleteRange',
  requestStream: false,
  responseStream: false,
  encodeRequest: encodeDeleteRangeRequest,
  decodeRequest: decodeDeleteRangeRequest,
  encodeResponse: encodeDeleteRangeResponse,
  decodeResponse: decodeDeleteRangeResponse,
};
const KVTxn: Method<TxnRequest, TxnResponse> = {
  path: '/etcdserverpb.KV/Txn',
  requestStream: false,
  responseStream: false,
  encodeRequest: encodeTxnRequest,
  decodeRequest: decodeTxnRequest,
  encodeResponse: encodeTxnResponse,
  decodeResponse: decodeTxnResponse,
};
const KVCompact: Method<CompactionRequest, CompactionResponse> = {
  path: '/etcdserverpb.KV/Compact',
  requestStream: false,
  responseStream: false,
  encodeRequest: encodeCompactionRequest,
  decodeRequest: decodeCompactionRequest,
  encodeResponse: encodeCompactionResponse,
  decodeResponse: decodeCompactionResponse,
};
/** The methods of the service etcdserverpb.KV. */
export const KVService = {
  Range: KVRange,
  RangeStream: KVRangeStream,
  Put: KVPut,
  DeleteRange: KVDeleteRange,
  Txn: KVTxn,
  Compact: KVCompact,
} as const;

const WatchWatch: Method<WatchRequest, WatchResponse> = {
  path: '/etcdserverpb.Watch/Watch',
  requestStream: true,
  responseStream: true,
  encodeRequest: encodeWatchRequest,
  decodeRequest: decodeWatchRequest,
  encodeResponse: encodeWatchResponse,
  decodeResponse: decodeWatchResponse,
};
/** The methods of the service etcdserverpb.Watch. */
export const WatchService = {
  Watch: WatchWatch,
} as const;

const LeaseLeaseGrant: Method<LeaseGrantRequest, LeaseGrantResponse> = {
  path: '/etcdserverpb.Lease/LeaseGrant',
  requestStream: false,
  responseStream: false,
  encodeRequest: encodeLeaseGrantRequest,
  decodeRequest: decodeLeaseGrantRequest,
  encodeResponse: encodeLeaseGrantResponse,
  decodeResponse: decodeLeaseGrantResponse,
};
const LeaseLeaseRevoke: Method<LeaseRevokeRequest, LeaseRevokeResponse> = {
  path: '/etcdserverpb.Lease/LeaseRevoke',
  requestStream: false,
  responseStream: false,
  encodeRequest: encodeLeaseRevokeRequest,
  decodeRequest: decodeLeaseRevokeRequest,
  encodeResponse: encodeLeaseRevokeResponse,
  decodeResponse: decodeLeaseRevokeResponse,
};
const LeaseLeaseKeepAlive: Method<LeaseKeepAliveRequest, LeaseKeepAliveResponse> = {
  path: '/etcdserverpb.Lease/LeaseKeepAlive',
  requestStream: true,
  responseStream: true,
  encodeRequest: encodeLeaseKeepAliveRequest,
  decodeRequest: decodeLeaseKeepAliveRequest,
  encodeResponse: encodeLeaseKeepAliveResponse,
  decodeResponse: decodeLeaseKeepAliveResponse,
};
const LeaseLeaseTimeToLive: Method<LeaseTimeToLiveRequest, LeaseTimeToLiveResponse> = {
  path: '/etcdserverpb.Lease/LeaseTimeToLive',
  requestStream: false,
  responseStream: false,
  encodeRequest: encodeLeaseTimeToLiveRequest,
  decodeRequest: decodeLeaseTimeToLiveRequest,
  encodeResponse: encodeLeaseTimeToLiveResponse,
  decodeResponse: decodeLeaseTimeToLiveResponse,
};
const LeaseLeaseLeases: Method<LeaseLeasesRequest, LeaseLeasesResponse> = {
  path: '/etcdserverpb.Lease/LeaseLeases',
  requestStream: false,
  responseStream: false,
  encodeRequest: encodeLeaseLeasesRequest,
  decodeRequest: decodeLeaseLeasesRequest,
  encodeResponse: encodeLeaseLeasesResponse,
  decodeResponse: decodeLeaseLeasesResponse,
};
/** The methods of the service etcdserverpb.Lease. */
export const LeaseService = {
  LeaseGrant: LeaseLeaseGrant,
  LeaseRevoke: LeaseLeaseRevoke,
  LeaseKeepAlive: LeaseLeaseKeepAlive,
  LeaseTimeToLive: LeaseLeaseTimeToLive,
  LeaseLeases: LeaseLeaseLeases,
} as const;

const ClusterMemberAdd: Method<MemberAddRequest, MemberAddResponse> = {
  path: '/etcdserverpb.Cluster/MemberAdd',
  requestStream: false,
  responseStream: false,
  encodeRequest: encodeMemberAddRequest,
  decodeRequest: decodeMemberAddRequest,
  encodeResponse: encodeMemberAddResponse,
  decodeResponse: decodeMemberAddResponse,
};
const ClusterMemberRemove: Method<MemberRemoveRequest, MemberRemoveResponse> = {
  path: '/etcdserverpb.Cluster/MemberRemove',
  requestStream: false,
  responseStream: false,
  encodeRequest: encodeMemberRemoveRequest,
  decodeRequest: decodeMemberRemoveRequest,
  encodeResponse: encodeMemberRemoveResponse,
  decodeResponse: decodeMemberRemoveResponse,
};
const ClusterMemberUpdate: Method<MemberUpdateRequest, MemberUpdateResponse> = {
  path: '/etcdserverpb.Cluster/MemberUpdate',
  requestStream: false,
  responseStream: false,
  encodeRequest: encodeMemberUpdateRequest,
  decodeRequest: decodeMemberUpdateRequest,
  encodeResponse: encodeMemberUpdateResponse,
  decodeResponse: decodeMemberUpdateResponse,
};
const ClusterMemberList: Method<MemberListRequest, MemberListResponse> = {
  path: '/etcdserverpb.Cluster/MemberList',
  requestStream: false,
  responseStream: false,
  encodeRequest: encodeMemberListRequest,
  decodeRequest: decodeMemberListRequest,
  encodeResponse: encodeMemberListResponse,
  decodeResponse: decodeMemberListResponse,
};
const ClusterMemberPromote: Method<MemberPromoteRequest, MemberPromoteResponse> = {
  path: '/etcdserverpb.Cluster/MemberPromote',
  requestStream: false,
  responseStream: false,
  encodeRequest: encodeMemberPromoteRequest,
  decodeRequest: decodeMemberPromoteRequest,
  encodeResponse: encodeMemberPromoteResponse,
  decodeResponse: decodeMemberPromoteResponse,
};
/** The methods of the service etcdserverpb.Cluster. */
export const ClusterService = {
  MemberAdd: ClusterMemberAdd,
  MemberRemove: ClusterMemberRemove,
  MemberUpdate: ClusterMemberUpdate,
  MemberList: ClusterMemberList,
  MemberPromote: ClusterMemberPromote,
} as const;

const MaintenanceAlarm: Method<AlarmRequest, AlarmResponse> = {
  path: '/etcdserverpb.Maintenance/Alarm',
  requestStream: false,
  responseStream: false,
  encodeRequest: encodeAlarmRequest,
  decodeRequest: decodeAlarmRequest,
  encodeResponse: encodeAlarmResponse,
  decodeResponse: decodeAlarmResponse,
};
const MaintenanceStatus: Method<StatusRequest, StatusResponse> = {
  path: '/etcdserverpb.Maintenance/Status',
  requestStream: false,
  responseStream: false,
  encodeRequest: encodeStatusRequest,
  decodeRequest: decodeStatusRequest,
  encodeResponse: encodeStatusResponse,
  decodeResponse: decodeStatusResponse,
};
const MaintenanceDefragment: Method<DefragmentRequest, DefragmentResponse> = {
  path: '/etcdserverpb.Maintenance/Defragment',
  requestStream: false,
  responseStream: false,
  encodeRequest: encodeDefragmentRequest,
  decodeRequest: decodeDefragmentRequest,
  encodeResponse: encodeDefragmentResponse,
  decodeResponse: decodeDefragmentResponse,
};
const MaintenanceHash: Method<HashRequest, HashResponse> = {
  path: '/etcdserverpb.Maintenance/Hash',
  requestStream: false,
  responseStream: false,
  encodeRequest: encodeHashRequest,
  decodeRequest: decodeHashRequest,
  encodeResponse: encodeHashResponse,
  decodeResponse: decodeHashResponse,
};
const MaintenanceHashKV: Method<HashKVRequest, HashKVResponse> = {
  path: '/etcdserverpb.Maintenance/HashKV',
  requestStream: false,
  responseStream: false,
  encodeRequest: encodeHashKVRequest,
  decodeRequest: decodeHashKVRequest,
  encodeResponse: encodeHashKVResponse,
  decodeResponse: decodeHashKVResponse,
};
const MaintenanceSnapshot: Method<SnapshotRequest, SnapshotResponse> = {
  path: '/etcdserverpb.Maintenance/Snapshot',
  requestStream: false,
  responseStream: true,
  encodeRequest: encodeSnapshotRequest,
  decodeRequest: decodeSnapshotRequest,
  encodeResponse: encodeSnapshotResponse,
  decodeResponse: decodeSnapshotResponse,
};
const MaintenanceMoveLeader: Method<MoveLeaderRequest, MoveLeaderResponse> = {
  path: '/etcdserverpb.Maintenance/MoveLeader',
  requestStream: false,
  responseStream: false,
  encodeRequest: encodeMoveLeaderRequest,
  decodeRequest: decodeMoveLeaderRequest,
  encodeResponse: encodeMoveLeaderResponse,
  decodeResponse: decodeMoveLeaderResponse,
};
const MaintenanceDowngrade: Method<DowngradeRequest, DowngradeResponse> = {
  path: '/etcdserverpb.Maintenance/Downgrade',
  requestStream: false,
  responseStream: false,
  encodeRequest: encodeDowngradeRequest,
  decodeRequest: decodeDowngradeRequest,
  encodeResponse: encodeDowngradeResponse,
  decodeResponse: decodeDowngradeResponse,
};
/** The methods of the service etcdserverpb.Maintenance. */
export const MaintenanceService = {
  Alarm: MaintenanceAlarm,
  Status: MaintenanceStatus,
  Defragment: MaintenanceDefragment,
  Hash: MaintenanceHash,
  HashKV: MaintenanceHashKV,
  Snapshot: MaintenanceSnapshot,
  MoveLeader: MaintenanceMoveLeader,
  Downgrade: MaintenanceDowngrade,
} as const;

const AuthAuthEnable: Method<AuthEnableRequest, AuthEnableResponse> = {
  path: '/etcdserverpb.Auth/AuthEnable',
  requestStream: false,
  responseStream: false,
  encodeRequest: encodeAuthEnableRequest,
  decodeRequest: decodeAuthEnableRequest,
  encodeResponse: encodeAuthEnableResponse,
  decodeResponse: decodeAuthEnableResponse,
};
const AuthAuthDisable: Method<AuthDisableRequest, AuthDisableResponse> = {
  path: '/etcdserverpb.Auth/AuthDisable',
  requestStream: false,
  responseStream: false,
  encodeRequest: encodeAuthDisableRequest,
  decodeRequest: decodeAuthDisableRequest,
  encodeResponse: encodeAuthDisableResponse,
  decodeResponse: decodeAuthDisableResponse,
};
const AuthAuthStatus: Method<AuthStatusRequest, AuthStatusResponse> = {
  path: '/etcdserverpb.Auth/AuthStatus',
  requestStream: false,
  responseStream: false,
  encodeRequest: encodeAuthStatusRequest,
  decodeRequest: decodeAuthStatusRequest,
  encodeResponse: encodeAuthStatusResponse,
  decodeResponse: decodeAuthStatusResponse,
};
const AuthAuthenticate: Method<AuthenticateRequest, AuthenticateResponse> = {
  path: '/etcdserverpb.Auth/Authenticate',
  requestStream: false,
  responseStream: false,
  encodeRequest: encodeAuthenticateRequest,
  decodeRequest: decodeAuthenticateRequest,
  encodeResponse: encodeAuthenticateResponse,
  decodeResponse: decodeAuthenticateResponse,
};
const AuthUserAdd: Method<AuthUserAddRequest, AuthUserAddResponse> = {
  path: '/etcdserverpb.Auth/UserAdd',
  requestStream: false,
  responseStream: false,
  encodeRequest: encodeAuthUserAddRequest,
  decodeRequest: decodeAuthUserAddRequest,
  encodeResponse: encodeAuthUserAddResponse,
  decodeResponse: decodeAuthUserAddResponse,
};
const AuthUserGet: Method<AuthUserGetRequest, AuthUserGetResponse> = {
  path: '/etcdserverpb.Auth/UserGet',
  requestStream: false,
  responseStream: false,
  encodeRequest: encodeAuthUserGetRequest,
  decodeRequest: decodeAuthUserGetRequest,
  encodeResponse: encodeAuthUserGetResponse,
  decodeResponse: decodeAuthUserGetResponse,
};
const AuthUserList: Method<AuthUserListRequest, AuthUserListResponse> = {
  path: '/etcdserverpb.Auth/UserList',
  requestStream: false,
  responseStream: false,
  encodeRequest: encodeAuthUserListRequest,
  decodeRequest: decodeAuthUserListRequest,
  encodeResponse: encodeAuthUserListResponse,
  decodeResponse: decodeAuthUserListResponse,
};
const AuthUserDelete: Method<AuthUserDeleteRequest, AuthUserDeleteResponse> = {
  path: '/etcdserverpb.Auth/UserDelete',
  requestStream: false,
  responseStream: false,
  encodeRequest: encodeAuthUserDeleteRequest,
  decodeRequest: decodeAuthUserDeleteRequest,
  encodeResponse: encodeAuthUserDeleteResponse,
  decodeResponse: decodeAuthUserDeleteResponse,
};
const AuthUserChangePassword: Method<AuthUserChangePasswordRequest, AuthUserChangePasswordResponse> = {
  path: '/etcdserverpb.Auth/UserChangePassword',
  requestStream: false,
  responseStream: false,
  encodeRequest: encodeAuthUserChangePasswordRequest,
  decodeRequest: decodeAuthUserChangePasswordRequest,
  encodeResponse: encodeAuthUserChangePasswordResponse,
  decodeResponse: decodeAuthUserChangePasswordResponse,
};
const AuthUserGrantRole: Method<AuthUserGrantRoleRequest, AuthUserGrantRoleResponse> = {
  path: '/etcdserverpb.Auth/UserGrantRole',
  requestStream: false,
  responseStream: false,
  encodeRequest: encodeAuthUserGrantRoleRequest,
  decodeRequest: decodeAuthUserGrantRoleRequest,
  encodeResponse: encodeAuthUserGrantRoleResponse,
  decodeResponse: decodeAuthUserGrantRoleResponse,
};
const AuthUserRevokeRole: Method<AuthUserRevokeRoleRequest, AuthUserRevokeRoleResponse> = {
  path: '/etcdserverpb.Auth/UserRevokeRole',
  requestStream: false,
  responseStream: false,
  encodeRequest: encodeAuthUserRevokeRoleRequest,
  decodeRequest: decodeAuthUserRevokeRoleRequest,
  encodeResponse: encodeAuthUserRevokeRoleResponse,
  decodeResponse: decodeAuthUserRevokeRoleResponse,
};
const AuthRoleAdd: Method<AuthRoleAddRequest, AuthRoleAddResponse> = {
  path: '/etcdserverpb.Auth/RoleAdd',
  requestStream: false,
  responseStream: false,
  encodeRequest: encodeAuthRoleAddRequest,
  decodeRequest: decodeAuthRoleAddRequest,
  encodeResponse: encodeAuthRoleAddResponse,
  decodeResponse: decodeAuthRoleAddResponse,
};
const AuthRoleGet: Method<AuthRoleGetRequest, AuthRoleGetResponse> = {
  path: '/etcdserverpb.Auth/RoleGet',
  requestStream: false,
  responseStream: false,
  encodeRequest: encodeAuthRoleGetRequest,
  decodeRequest: decodeAuthRoleGetRequest,
  encodeResponse: encodeAuthRoleGetResponse,
  decodeResponse: decodeAuthRoleGetResponse,
};
const AuthRoleList: Method<AuthRoleListRequest, AuthRoleListResponse> = {
  path: '/etcdserverpb.Auth/RoleList',
  requestStream: false,
  responseStream: false,
  encodeRequest: encodeAuthRoleListRequest,
  decodeRequest: decodeAuthRoleListRequest,
  encodeResponse: encodeAuthRoleListResponse,
  decodeResponse: decodeAuthRoleListResponse,
};
const AuthRoleDelete: Method<AuthRoleDeleteRequest, AuthRoleDeleteResponse> = {
  path: '/etcdserverpb.Auth/RoleDelete',
  requestStream: false,
  responseStream: false,
  encodeRequest: encodeAuthRoleDeleteRequest,
  decodeRequest: decodeAuthRoleDeleteRequest,
  encodeResponse: encodeAuthRoleDeleteResponse,
  decodeResponse: decodeAuthRoleDeleteResponse,
};
const AuthRoleGrantPermission: Method<AuthRoleGrantPermissionRequest, AuthRoleGrantPermissionResponse> = {
  path: '/etcdserverpb.Auth/RoleGrantPermission',
  requestStream: false,
  responseStream: false,
  encodeRequest: encodeAuthRoleGrantPermissionRequest,
  decodeRequest: decodeAuthRoleGrantPermissionRequest,
  encodeResponse: encodeAuthRoleGrantPermissionResponse,
  decodeResponse: decodeAuthRoleGrantPermissionResponse,
};
const AuthRoleRevokePermission: Method<AuthRoleRevokePermissionRequest, AuthRoleRevokePermissionResponse> = {
  path: '/etcdserverpb.Auth/RoleRevokePermission',
  requestStream: false,
  responseStream: false,
  encodeRequest: encodeAuthRoleRevokePermissionRequest,
  decodeRequest: decodeAuthRoleRevokePermissionRequest,
  encodeResponse: encodeAuthRoleRevokePermissionResponse,
  decodeResponse: decodeAuthRoleRevokePermissionResponse,
};
/** The methods of the service etcdserverpb.Auth. */
export const AuthService = {
  AuthEnable: AuthAuthEnable,
  AuthDisable: AuthAuthDisable,
  AuthStatus: AuthAuthStatus,
  Authenticate: AuthAuthenticate,
  UserAdd: AuthUserAdd,
  UserGet: AuthUserGet,
  UserList: AuthUserList,
  UserDelete: AuthUserDelete,
  UserChangePassword: AuthUserChangePassword,
  UserGrantRole: AuthUserGrantRole,
  UserRevokeRole: AuthUserRevokeRole,
  RoleAdd: AuthRoleAdd,
  RoleGet: AuthRoleGet,
  RoleList: AuthRoleList,
  RoleDelete: AuthRoleDelete,
  RoleGrantPermission: AuthRoleGrantPermission,
  RoleRevokePermission: AuthRoleRevokePermission,
} as const;

const LockLock: Method<LockRequest, LockResponse> = {
  path: '/v3lockpb.Lock/Lock',
  requestStream: false,
  responseStream: false,
  encodeRequest: encodeLockRequest,
  decodeRequest: decodeLockRequest,
  encodeResponse: encodeLockResponse,
  decodeResponse: decodeLockResponse,
};
const LockUnlock: Method<UnlockRequest, UnlockResponse> = {
  path: '/v3lockpb.Lock/Unlock',
  requestStream: false,
  responseStream: false,
  encodeRequest: encodeUnlockRequest,
  decodeRequest: decodeUnlockRequest,
  encodeResponse: encodeUnlockResponse,
  decodeResponse: decodeUnlockResponse,
};
/** The methods of the service v3lockpb.Lock. */
export const LockService = {
  Lock: LockLock,
  Unlock: LockUnlock,
} as const;

const ElectionCampaign: Method<CampaignRequest, CampaignResponse> = {
  path: '/v3electionpb.Election/Campaign',
  requestStream: false,
  responseStream: false,
  encodeRequest: encodeCampaignRequest,
  decodeRequest: decodeCampaignRequest,
  encodeResponse: encodeCampaignResponse,
  decodeResponse: decodeCampaignResponse,
};
const ElectionProclaim: Method<ProclaimRequest, ProclaimResponse> = {
  path: '/v3electionpb.Election/Proclaim',
  requestStream: false,
  responseStream: false,
  encodeRequest: encodeProclaimRequest,
  decodeRequest: decodeProclaimRequest,
  encodeResponse: encodeProclaimResponse,
  decodeResponse: decodeProclaimResponse,
};
const ElectionLeader: Method<LeaderRequest, LeaderResponse> = {
  path: '/v3electionpb.Election/Leader',
  requestStream: false,
  responseStream: false,
  encodeRequest: encodeLeaderRequest,
  decodeRequest: decodeLeaderRequest,
  encodeResponse: encodeLeaderResponse,
  decodeResponse: decodeLeaderResponse,
};
const ElectionObserve: Method<LeaderRequest, LeaderResponse> = {
  path: '/v3electionpb.Election/Observe',
  requestStream: false,
  responseStream: true,
  encodeRequest: encodeLeaderRequest,
  decodeRequest: decodeLeaderRequest,
  encodeResponse: encodeLeaderResponse,
  decodeResponse: decodeLeaderResponse,
};
const ElectionResign: Method<ResignRequest, ResignResponse> = {
  path: '/v3electionpb.Election/Resign',
  requestStream: false,
  responseStream: false,
  encodeRequest: encodeResignRequest,
  decodeRequest: decodeResignRequest,
  encodeResponse: encodeResignResponse,
  decodeResponse: decodeResignResponse,
};
/** The methods of the service v3electionpb.Election. */
export const ElectionService = {
  Campaign: ElectionCampaign,
  Proclaim: ElectionProclaim,
  Leader: ElectionLeader,
  Observe: ElectionObserve,
  Resign: ElectionResign,
} as const;

const HealthCheck: Method<HealthCheckRequest, HealthCheckResponse> = {
  path: '/grpc.health.v1.Health/Check',
  requestStream: false,
  responseStream: false,
  encodeRequest: encodeHealthCheckRequest,
  decodeRequest: decodeHealthCheckRequest,
  encodeResponse: encodeHealthCheckResponse,
  decodeResponse: decodeHealthCheckResponse,
};
const HealthWatch: Method<HealthCheckRequest, HealthCheckResponse> = {
  path: '/grpc.health.v1.Health/Watch',
  requestStream: false,
  responseStream: true,
  encodeRequest: encodeHealthCheckRequest,
  decodeRequest: decodeHealthCheckRequest,
  encodeResponse: encodeHealthCheckResponse,
  decodeResponse: decodeHealthCheckResponse,
};
/** The methods of the service grpc.health.v1.Health. */
export const HealthService = {
  Check: HealthCheck,
  Watch: HealthWatch,
} as const;
