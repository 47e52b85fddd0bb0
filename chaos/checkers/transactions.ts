import type { TxnRequest } from '../../proto/gen/etcd.ts';
import { type Row, runTxn, type TxnAnswer, type TxnResult } from '../models/txn.ts';
import type { Violations } from './operation.ts';
import { type Change, type RevisionLog, type StoreState, sameKeyState, textOfKey } from './revision-log.ts';

/** A transaction as its client knows it. Every put has a value of its own. */
export interface TxnRecord {
  readonly client: number;
  readonly request: TxnRequest;
  /** Undefined: nobody knows whether it happened. */
  readonly answer: TxnResult['answer'] | undefined;
  /** Of the answer's header. */
  readonly revision: number;
}

/**
 * Transactions on many keys, exactly. A search for an order is not needed: the store itself names the order, by revisions. So every
 * transaction is run again, on a plain model, at the place that its answer names: either it made its revision (what it changed is
 * that revision, and nothing else is), or it changed nothing and saw the state at it. With `checkRevisions`, which holds these
 * revisions against real time, that is strict serializability.
 */
export function checkTransactions(log: RevisionLog, records: readonly TxnRecord[]): Violations {
  return records.flatMap((record) => (record.answer === undefined ? [] : checkOne(log, record, record.answer)));
}

/** Whether the transaction made the revision of its answer; otherwise it only read. */
export function madeRevision(log: RevisionLog, { request, answer, revision }: TxnRecord): boolean {
  return answer !== undefined && asWriter(log, request, revision, answer) === undefined;
}

function checkOne(log: RevisionLog, { client, request, revision }: TxnRecord, answer: TxnResult['answer']): Violations {
  const asWrite = asWriter(log, request, revision, answer);
  if (asWrite === undefined) return [];
  const asRead = asReader(log, request, revision, answer);
  if (asRead === undefined) return [];
  return [`transaction of client ${client} at revision ${revision}: as a write ${asWrite}; as a read ${asRead}`];
}

/** Why the transaction cannot have made the revision; undefined when it can. */
function asWriter(
  log: RevisionLog,
  request: TxnRequest,
  revision: number,
  answer: TxnResult['answer'],
): string | undefined {
  const before = log.stateAt(revision - 1);
  const result = runTxn(request, { state: before, revision, past: (at) => log.stateAt(at) });
  if (result.state === before) return 'it changes nothing';
  return differenceOfStates(log.stateAt(revision), result.state, revision) ?? differenceOf(answer, result.answer);
}

/** Why the transaction cannot have read the state at the revision without a change; undefined when it can. */
function asReader(
  log: RevisionLog,
  request: TxnRequest,
  revision: number,
  answer: TxnResult['answer'],
): string | undefined {
  const state = log.stateAt(revision);
  const result = runTxn(request, { state, revision: revision + 1, past: (at) => log.stateAt(at) });
  return result.state === state ? differenceOf(answer, result.answer) : 'it would have changed something';
}

function differenceOfStates(there: StoreState, wanted: StoreState, revision: number): string | undefined {
  for (const key of new Set([...there.keys(), ...wanted.keys()])) {
    const [is, should] = [there.get(key), wanted.get(key)];
    if (!sameKeyState(is, should)) return `${key} is ${textOfKey(is)} at ${revision}, not ${textOfKey(should)}`;
  }
  return undefined;
}

/** The first place at which two answers differ, undefined when they are the same. */
function differenceOf(said: TxnAnswer, wanted: TxnAnswer): string | undefined {
  if (said.type === 'txn' && wanted.type === 'txn') {
    if (said.succeeded !== wanted.succeeded || said.answers.length !== wanted.answers.length)
      return `it was told ${said.succeeded ? 'success' : 'failure'} of ${said.answers.length} operations, not ${wanted.succeeded ? 'success' : 'failure'} of ${wanted.answers.length}`;
    for (const [i, answer] of said.answers.entries()) {
      const difference = differenceOf(answer, wanted.answers[i] as TxnAnswer);
      if (difference !== undefined) return `operation ${i}: ${difference}`;
    }
    return undefined;
  }
  const [is, should] = [textOf(said), textOf(wanted)];
  return is === should ? undefined : `told ${is}, not ${should}`;
}

function textOf(answer: TxnAnswer): string {
  const rows = (list: readonly Row[]): string => list.map(([key, row]) => `${key}=${textOfKey(row)}`).join(', ');
  switch (answer.type) {
    case 'put':
      return `a put over ${answer.previous === undefined ? 'nothing' : rows([answer.previous])}`;
    case 'delete':
      return `${answer.deleted} deleted: ${rows(answer.previous)}`;
    case 'range':
      return `${answer.count} keys${answer.more ? ' and more' : ''}: ${rows(answer.rows)}`;
    case 'txn':
      return `a nested transaction (${answer.succeeded}) of ${answer.answers.map(textOf).join('; ')}`;
  }
}

/** Every value that a refused transaction would have put: none of them may be in the log. */
export function checkRefused(
  log: RevisionLog,
  refused: readonly { readonly client: number; readonly values: readonly string[] }[],
): Violations {
  const there = new Map<string, number>();
  for (let revision = 2; revision <= log.last; revision++)
    for (const { value } of (log.changesAt(revision) ?? []) as readonly Change[])
      if (value !== undefined) there.set(value, revision);
  return refused.flatMap(({ client, values }) =>
    values
      .filter((value) => there.has(value))
      .map((value) => `client ${client} was refused, and ${value} is there at revision ${there.get(value)}`),
  );
}
