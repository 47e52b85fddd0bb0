import { StoreError } from '../base/store-error.ts';
import { COMMAND_FORMAT } from '../proto/command.ts';
import type { HashKVResponse } from '../proto/gen/etcd.ts';
import type { Backend } from '../storage/backend/backend.ts';
import type { Machine } from '../storage/machine/machine.ts';
import { type MemberConfig, peerAddressOf } from './config.ts';
import type { MemberDoors } from './doors.ts';
import { compareHashes, comparisonFact, hashesOfOthers } from './hash-comparison.ts';
import { hashRows } from './hash-kv.ts';
import { MEMBER_LIMITS } from './limits.ts';
import type { MemberMetadata } from './metadata.ts';
import { PeerDialog } from './peers/dialog.ts';
import { hex } from './peers/hello.ts';
import { resultOf } from './peers/peers.ts';

/**
 * Compares what lies in the backend with the other members before this one takes part. Resolves with why its state is not to be used when
 * a majority has another one, with undefined when nobody differs, or nobody can be asked. Errors: CORRUPT with a text for the operator when
 * somebody differs and no majority says who is right: it must not start. Source: etcd server/etcdserver/corrupt.go, InitialCheck.
 */
export async function initialCheck(
  config: MemberConfig,
  doors: MemberDoors,
  own: { readonly identity: MemberMetadata; readonly machine: Machine; readonly backend: Backend },
): Promise<string | undefined> {
  const { identity, machine, backend } = own;
  const { revision } = machine;
  const hash = machine.hashKv(revision);
  if ('error' in hash) throw hash.error;
  await hashRows(backend, hash);
  const value = hash.finish();
  if (value === undefined) return undefined; // cannot be: nothing is applied before it takes part
  const self = { member: identity.memberId, hash: value, compactRevision: hash.compactRevision };
  const others = await hashesOfOthers(machine, identity.memberId, (member) =>
    ask(config, doors, { identity, machine, member, revision }),
  );
  const comparison = compareHashes(self, others, machine.conf().voters);
  doors.observer?.fact(comparisonFact(revision, comparison));
  if (comparison.isOutvoted) return `its rows up to revision ${revision} are not those of the majority`;
  if (comparison.differing.length === 0) return undefined;
  throw new StoreError(
    'CORRUPT',
    `${hex(identity.memberId)} found data inconsistency with peers: at revision ${revision} ${comparison.differing.map(hex).join(', ')} has other data, and no majority says who is right. It does not start (--initial-corrupt-check)`,
  );
}

/** HashKV of another member, which this one is not connected with yet. Errors: NetworkError, StoreError. */
async function ask(
  config: MemberConfig,
  doors: MemberDoors,
  {
    identity,
    machine,
    member,
    revision,
  }: {
    readonly identity: MemberMetadata;
    readonly machine: Machine;
    readonly member: bigint;
    readonly revision: number;
  },
): Promise<HashKVResponse> {
  const [url = ''] = machine.members().find(({ ID }) => ID === member)?.peerURLs ?? [];
  const { clusterFormat } = machine;
  const self = {
    ...identity,
    serverVersion: config.serverVersion,
    commandFormat: config.format ?? COMMAND_FORMAT,
    clusterFormat: () => clusterFormat,
  };
  const dialog = await PeerDialog.open(peerAddressOf(url), doors, { self, to: member });
  try {
    const answer = await dialog.ask({ case: 'hashKv', hashKv: { revision } }, MEMBER_LIMITS.hashCallTimeoutMs);
    return resultOf(answer, 'hashKv').hashKv;
  } finally {
    dialog.close();
  }
}
