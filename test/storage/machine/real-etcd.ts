import { byteString, bytesOf } from '../../../base/bytes.ts';
import type { CommandBody } from '../../../proto/command.ts';
import type {
  Compare,
  DeleteRangeRequest,
  PutRequest,
  RangeRequest,
  RequestOp,
  TxnRequest,
} from '../../../proto/gen/etcd.ts';
import { failed, type Kv, type Plain } from './model.ts';

/** A real etcd, asked through its JSON gateway, answering in the model's plain form. */

type Json = Readonly<Record<string, unknown>>;

const ERRORS = [
  ['required revision has been compacted', 'COMPACTED'],
  ['required revision is a future revision', 'FUTURE_REVISION'],
  ['requested lease not found', 'LEASE_NOT_FOUND'],
  ['lease already exists', 'LEASE_EXISTS'],
  ['key not found', 'KEY_NOT_FOUND'],
  ['duplicate key given', 'DUPLICATE_KEY'],
  ['too many operations', 'TOO_MANY_OPS'],
  ['key is not provided', 'KEY_EMPTY'],
] as const;

export async function askEtcd(url: string, body: CommandBody): Promise<Plain> {
  switch (body.case) {
    case 'put':
      return plainPut(await call(url, 'kv/put', putJson(body.put)));
    case 'deleteRange':
      return plainDelete(await call(url, 'kv/deleterange', deleteJson(body.deleteRange)));
    case 'txn':
      return plainTxn(await call(url, 'kv/txn', txnJson(body.txn)));
    case 'compaction':
      return plainRevision(await call(url, 'kv/compaction', { revision: body.compaction.revision }));
    case 'leaseGrant':
      return plainRevision(
        await call(url, 'lease/grant', { ID: String(body.leaseGrant.ID), TTL: body.leaseGrant.TTL }),
      );
    case 'leaseRevoke':
      return plainRevision(await call(url, 'lease/revoke', { ID: String(body.leaseRevoke.ID) }));
    default:
      throw new Error(`not asked of etcd: ${body.case}`);
  }
}

export async function rangeOfEtcd(url: string, request: RangeRequest): Promise<Plain> {
  return plainRange(await call(url, 'kv/range', rangeJson(request)));
}

export async function hashOfEtcd(url: string, revision: number): Promise<Plain> {
  const answer = await call(url, 'maintenance/hashkv', { revision });
  return 'error' in answer
    ? answer
    : { hash: number(answer['hash']), compactRevision: number(answer['compact_revision']) };
}

async function call(url: string, path: string, request: Json): Promise<Json> {
  const response = await fetch(`${url}/v3/${path}`, {
    method: 'POST',
    body: JSON.stringify(request),
    signal: AbortSignal.timeout(10_000),
  });
  const answer = (await response.json()) as Json;
  if (response.ok) return answer;
  const message = String(answer['message']);
  const known = ERRORS.find(([text]) => message.includes(text));
  if (known === undefined) throw new Error(`${path}: ${message}`);
  return failed(known[1]);
}

function base64(key: string): string {
  return Buffer.from(key, 'latin1').toString('base64');
}

function putJson({ key, value, lease, prevKv, ignoreValue, ignoreLease }: PutRequest): Json {
  return {
    key: base64(key),
    value: base64(byteString(value)),
    lease: String(lease),
    prev_kv: prevKv,
    ignore_value: ignoreValue,
    ignore_lease: ignoreLease,
  };
}

function deleteJson({ key, rangeEnd, prevKv }: DeleteRangeRequest): Json {
  return { key: base64(key), range_end: base64(rangeEnd), prev_kv: prevKv };
}

function rangeJson(request: RangeRequest): Json {
  return {
    key: base64(request.key),
    range_end: base64(request.rangeEnd),
    limit: request.limit,
    revision: request.revision,
    sort_order: request.sortOrder,
    sort_target: request.sortTarget,
    keys_only: request.keysOnly,
    count_only: request.countOnly,
    min_mod_revision: request.minModRevision,
    max_mod_revision: request.maxModRevision,
    min_create_revision: request.minCreateRevision,
    max_create_revision: request.maxCreateRevision,
  };
}

function txnJson({ compare, success, failure }: TxnRequest): Json {
  return { compare: compare.map(compareJson), success: success.map(opJson), failure: failure.map(opJson) };
}

function compareJson({ key, rangeEnd, target, result, targetUnion: operand }: Compare): Json {
  const common = { key: base64(key), range_end: base64(rangeEnd), target, result };
  switch (operand?.case) {
    case 'version':
      return { ...common, version: operand.version };
    case 'createRevision':
      return { ...common, create_revision: operand.createRevision };
    case 'modRevision':
      return { ...common, mod_revision: operand.modRevision };
    case 'value':
      return { ...common, value: base64(byteString(operand.value)) };
    case 'lease':
      return { ...common, lease: String(operand.lease) };
    case undefined:
      return common;
  }
}

function opJson({ request: op }: RequestOp): Json {
  switch (op?.case) {
    case 'requestPut':
      return { request_put: putJson(op.requestPut) };
    case 'requestRange':
      return { request_range: rangeJson(op.requestRange) };
    case 'requestDeleteRange':
      return { request_delete_range: deleteJson(op.requestDeleteRange) };
    case 'requestTxn':
      return { request_txn: txnJson(op.requestTxn) };
    case undefined:
      return {};
  }
}

function plainRevision(answer: Json): Plain {
  return 'error' in answer && answer['error'] !== '' ? answer : { revision: revisionOf(answer) };
}

function plainPut(answer: Json): Plain {
  if ('error' in answer) return answer;
  const prev = answer['prev_kv'] === undefined ? undefined : plainKv(answer['prev_kv'] as Json);
  return { prev, revision: revisionOf(answer) };
}

function plainDelete(answer: Json): Plain {
  if ('error' in answer) return answer;
  return {
    deleted: number(answer['deleted']),
    prevs: list(answer['prev_kvs']).map(plainKv),
    revision: revisionOf(answer),
  };
}

function plainRange(answer: Json): Plain {
  if ('error' in answer) return answer;
  return {
    kvs: list(answer['kvs']).map(plainKv),
    more: answer['more'] === true,
    count: number(answer['count']),
    revision: revisionOf(answer),
  };
}

function plainTxn(answer: Json): Plain {
  if ('error' in answer) return answer;
  const responses = list(answer['responses']).map((op): Plain => {
    if (op['response_put'] !== undefined) return plainPut(op['response_put'] as Json);
    if (op['response_delete_range'] !== undefined) return plainDelete(op['response_delete_range'] as Json);
    if (op['response_range'] !== undefined) return plainRange(op['response_range'] as Json);
    return plainTxn(op['response_txn'] as Json);
  });
  return { succeeded: answer['succeeded'] === true, responses, revision: revisionOf(answer) };
}

function plainKv(kv: Json): Kv {
  return {
    key: text(kv['key']),
    create: number(kv['create_revision']),
    mod: number(kv['mod_revision']),
    version: number(kv['version']),
    value: text(kv['value']),
    lease: BigInt((kv['lease'] as string | undefined) ?? 0),
  };
}

function revisionOf(answer: Json): number {
  return number((answer['header'] as Json | undefined)?.['revision']);
}

function list(value: unknown): readonly Json[] {
  return (value as readonly Json[] | undefined) ?? [];
}

function number(value: unknown): number {
  return Number(value ?? 0);
}

function text(value: unknown): string {
  return byteString(bytesOf(Buffer.from((value as string | undefined) ?? '', 'base64').toString('latin1')));
}
