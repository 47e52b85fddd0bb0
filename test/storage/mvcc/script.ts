import type { Revision } from '../../../base/brand.ts';
import { byteString, bytesOf } from '../../../base/bytes.ts';
import type { CommandBody } from '../../../proto/command.ts';
import {
  type Compare,
  type DeleteRangeResponse,
  decodeKeyValue,
  type RangeRequest,
  type RequestOp,
  type TxnRequest,
  type TxnResponse,
} from '../../../proto/gen/etcd.ts';
import type { Applied } from '../../../storage/machine/machine.ts';
import { decodeRevisionKey } from '../../../storage/mvcc/revision-key.ts';
import { compare, deleteRange, op, put, range, txn, World } from '../machine/world.ts';

const SORT_ORDERS = ['none', 'ascend', 'descend'];
const SORT_TARGETS = ['key', 'version', 'create', 'mod', 'value'];
const COMPARES: Readonly<Record<string, number>> = { '=': 0, '>': 1, '<': 2, '!': 3 };

/**
 * A store that is told what to do, one paragraph at a time; steps stand on lines of their own or between `|`.
 *
 * | step | does |
 * |---|---|
 * | `put a=1 [lease=5] [prev] [ignore-value] [ignore-lease]` | writes |
 * | `delete a [to=c] [prev]` | deletes; `to=*` means from the key on |
 * | `get a [to=c] [rev=4] [limit=2] [sort=mod] [order=descend] [keys] [count] [minmod=3] …` | reads |
 * | `txn if mod(a)=3 value(b)!x [to=c] then put a=1; get a else delete b` | all or nothing; `txn` nests in braces: `{ … }` |
 * | `compact 4`, `sweep [n]` | forgets the past; deletes its rows, n at a time |
 * | `grant 5 [ttl=60]`, `revoke 5`, `lease 5` | leases |
 * | `restart` | the state is made again from the rows |
 * | `rows`, `history 2 [to 9]`, `hash [rev]` | shows the backend, what a watcher would catch up with, HashKV |
 */
export class Script {
  readonly #world = new World();
  #output: string[] = [];

  run(lines: readonly string[]): string {
    this.#output = [];
    for (const step of lines.flatMap((line) => line.split(' | '))) this.#step(step.trim().split(/\s+/));
    return this.#output.join('\n');
  }

  #step([name = '', ...words]: readonly string[]): void {
    const own = this.#commands[name];
    if (own !== undefined) own(words);
    else this.#apply(commandOf(name, words));
  }

  readonly #commands: Readonly<Record<string, (words: readonly string[]) => void>> = {
    get: (words) => this.#get(words),
    sweep: ([keys]) => this.#world.compactFully(Number(keys ?? 10)),
    restart: () => this.#world.restart(),
    rows: () => this.#rows(),
    lease: ([id]) => this.#lease(BigInt(id ?? 0)),
    history: ([from, , to]) => this.#history(Number(from), Number(to ?? this.#world.machine.revision)),
    hash: ([revision]) => this.#hash(Number(revision ?? 0)),
  };

  #apply(body: CommandBody): void {
    const applied = this.#world.apply(body);
    this.#output.push(describeOutcome(applied));
    for (const { event } of applied.events) {
      const what = event.type === 0 ? 'put' : 'delete';
      const before = event.prevKv === undefined ? '' : `, was ${describeKv(event.prevKv)}`;
      this.#output.push(`  event ${what} ${describeKv(event.kv ?? new Uint8Array(0))}${before}`);
    }
  }

  #get(words: readonly string[]): void {
    const plan = this.#world.range(rangeOf(words));
    if (plan.type === 'error') this.#output.push(plan.error.code);
    else this.#output.push(describeRange(plan.kvs, plan.count, plan.more, plan.revision));
  }

  #rows(): void {
    for (const cursor = this.#world.space('revision').cursor(''); cursor.valid; cursor.next()) {
      const at = decodeRevisionKey(bytesOf(cursor.key));
      const tombstone = at?.tombstone === true ? ' deleted' : '';
      this.#output.push(`${at?.main}.${at?.sub}${tombstone} ${describeKv(bytesOf(cursor.value))}`);
    }
  }

  #lease(id: bigint): void {
    const lease = this.#world.machine.lease(id);
    this.#output.push(
      lease === undefined ? 'no lease' : `ttl ${lease.grantedTtlSeconds} keys [${lease.keys.join(' ')}]`,
    );
  }

  #history(from: number, to: number): void {
    for (const row of this.#world.machine.history(from as Revision, to as Revision, 100)) {
      const prev = row.prev === undefined ? '' : `, was at ${row.prev.main}.${row.prev.sub}`;
      this.#output.push(`${row.main}.${row.sub} ${row.tombstone ? 'delete' : 'put'} ${row.key}${prev}`);
    }
  }

  #hash(revision: number): void {
    const { hash, compactRevision, revision: at } = this.#world.hashKv(revision);
    this.#output.push(`hash ${hash} at ${at}, compact ${compactRevision}`);
  }
}

function commandOf(name: string, words: readonly string[]): CommandBody {
  const [first = '', ...rest] = words;
  switch (name) {
    case 'put':
    case 'delete': {
      const { request } = opOf([name, ...words]);
      if (request?.case === 'requestPut') return { case: 'put', put: request.requestPut };
      if (request?.case === 'requestDeleteRange')
        return { case: 'deleteRange', deleteRange: request.requestDeleteRange };
      break;
    }
    case 'txn':
      return { case: 'txn', txn: txnOf(words) };
    case 'compact':
      return { case: 'compaction', compaction: { revision: Number(first), physical: false } };
    case 'grant':
      return { case: 'leaseGrant', leaseGrant: { ID: BigInt(first), TTL: Number(optionsOf(rest)['ttl'] ?? 60) } };
    case 'revoke':
      return { case: 'leaseRevoke', leaseRevoke: { ID: BigInt(first) } };
  }
  throw new Error(`unknown step: ${name} ${words.join(' ')}`);
}

function opOf(words: readonly string[]): RequestOp {
  const [name, first = '', ...rest] = words;
  const options = optionsOf(rest);
  if (name === '{') return op.txn(txnOf(words.slice(1, -1)));
  if (name === 'get') return op.range(rangeOf([first, ...rest]));
  if (name === 'delete') return op.delete(deleteRange(first, endOf(options['to']), { prevKv: 'prev' in options }));
  if (name !== 'put') throw new Error(`unknown operation: ${words.join(' ')}`);
  const [key = '', value = ''] = first.split('=');
  return op.put(
    put(key, value, {
      lease: BigInt(options['lease'] ?? 0),
      prevKv: 'prev' in options,
      ignoreValue: 'ignore-value' in options,
      ignoreLease: 'ignore-lease' in options,
    }),
  );
}

function rangeOf([key = '', ...words]: readonly string[]): RangeRequest {
  const options = optionsOf(words);
  return range(key === '*' ? '\0' : key, endOf(options['to']), {
    revision: Number(options['rev'] ?? 0),
    limit: Number(options['limit'] ?? 0),
    sortOrder: Math.max(0, SORT_ORDERS.indexOf(options['order'] ?? 'none')),
    sortTarget: Math.max(0, SORT_TARGETS.indexOf(options['sort'] ?? 'key')),
    keysOnly: 'keys' in options,
    countOnly: 'count' in options,
    minModRevision: Number(options['minmod'] ?? 0),
    maxModRevision: Number(options['maxmod'] ?? 0),
    minCreateRevision: Number(options['mincreate'] ?? 0),
    maxCreateRevision: Number(options['maxcreate'] ?? 0),
  });
}

/** `if … then … else …`, each part optional; operations are separated by `;`. */
function txnOf(words: readonly string[]): TxnRequest {
  const sections: readonly string[][] = [[], [], []];
  let section = SECTIONS.indexOf('then');
  let depth = 0;
  for (const word of words) {
    if (depth === 0 && SECTIONS.includes(word)) section = SECTIONS.indexOf(word);
    else sections[section]?.push(word);
    if (word === '{') depth++;
    if (word.startsWith('}')) depth--;
  }
  const [compares = [], success = [], failure = []] = sections;
  return txn(comparesOf(compares), opsOf(success), opsOf(failure));
}

const SECTIONS = ['if', 'then', 'else'];

function opsOf(words: readonly string[]): RequestOp[] {
  const ops: string[][] = [[]];
  let depth = 0;
  for (const word of words) {
    const ends = depth <= (word.startsWith('}') ? 1 : 0) && word.endsWith(';');
    if (word === '{') depth++;
    if (word.startsWith('}')) depth--;
    ops[ops.length - 1]?.push(ends ? word.slice(0, -1) : word);
    if (ends) ops.push([]);
  }
  return ops.filter((one) => one.length > 0).map(opOf);
}

function comparesOf(words: readonly string[]): Compare[] {
  const compares: Compare[] = [];
  for (const word of words) {
    if (word.startsWith('to=')) {
      const last = compares.pop();
      if (last !== undefined) compares.push({ ...last, rangeEnd: endOf(word.slice(3)) });
      continue;
    }
    const [, target = '', key = '', result = '', operand = ''] = /^(\w+)\((.*?)\)([=<>!])(.*)$/.exec(word) ?? [];
    compares.push(compareOf(target, key, COMPARES[result] ?? 0, operand));
  }
  return compares;
}

function compareOf(target: string, key: string, result: number, operand: string): Compare {
  switch (target) {
    case 'version':
      return compare(key, 0, result, { case: 'version', version: Number(operand) });
    case 'create':
      return compare(key, 1, result, { case: 'createRevision', createRevision: Number(operand) });
    case 'mod':
      return compare(key, 2, result, { case: 'modRevision', modRevision: Number(operand) });
    case 'value':
      return compare(key, 3, result, { case: 'value', value: bytesOf(operand) });
    case 'lease':
      return compare(key, 4, result, { case: 'lease', lease: BigInt(operand) });
    default:
      throw new Error(`unknown compare target: ${target}`);
  }
}

function optionsOf(words: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(words.map((word) => [word.split('=')[0] ?? '', word.split('=')[1] ?? '']));
}

function endOf(to: string | undefined): string {
  return to === '*' ? '\0' : (to ?? '');
}

function describeOutcome({ outcome, revision }: Applied): string {
  switch (outcome.type) {
    case 'put':
      return describePut({ header: { revision }, prevKv: outcome.prevKv });
    case 'deleteRange':
      return describeDelete(outcome.response);
    case 'txn':
      return describeTxn(outcome.response);
    case 'error':
      return outcome.error.code;
    case 'compact':
    case 'leaseGrant':
    case 'leaseRevoke':
      return `${outcome.type} ${describeHeader(outcome.response)}`;
    case 'member':
    case 'alarm':
    case 'auth':
    case 'none':
      return outcome.type;
  }
}

function describeTxn(response: TxnResponse): string {
  const responses = response.responses.map(({ response: one }): string => {
    if (one?.case === 'responsePut') return describePut(one.responsePut);
    if (one?.case === 'responseDeleteRange') return describeDelete(one.responseDeleteRange);
    if (one?.case === 'responseTxn') return `{ ${describeTxn(one.responseTxn)} }`;
    if (one?.case !== 'responseRange') return 'nothing';
    const { kvs, count, more, header } = one.responseRange;
    return describeRange(kvs, count, more, header?.revision ?? 0);
  });
  return `txn ${response.succeeded ? 'then' : 'else'} ${describeHeader(response)}${responses.map((one) => `; ${one}`).join('')}`;
}

function describePut(response: Headed & { readonly prevKv: Uint8Array | undefined }): string {
  return `put ${describeHeader(response)}${describePrev(response.prevKv)}`;
}

function describeDelete(response: DeleteRangeResponse): string {
  return `deleted ${response.deleted} ${describeHeader(response)}${response.prevKvs.map(describePrev).join('')}`;
}

interface Headed {
  readonly header: { readonly revision: number } | undefined;
}

function describeHeader({ header }: Headed): string {
  return `revision=${header?.revision}`;
}

function describePrev(kv: Uint8Array | undefined): string {
  return kv === undefined ? '' : ` prev ${describeKv(kv)}`;
}

function describeRange(kvs: readonly Uint8Array[], count: number, more: boolean, revision: number): string {
  return `got [${kvs.map(describeKv).join(', ')}] count=${count}${more ? ' more' : ''} revision=${revision}`;
}

function describeKv(bytes: Uint8Array): string {
  const { key, value, createRevision, modRevision, version, lease } = decodeKeyValue(bytes);
  if (version === 0) return modRevision === 0 ? key : `${key} mod=${modRevision}`;
  const numbers = `create=${createRevision} mod=${modRevision} version=${version}`;
  return `${key}=${byteString(value)} ${numbers}${lease === 0n ? '' : ` lease=${lease}`}`;
}
