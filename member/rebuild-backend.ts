import type { Index } from '../base/brand.ts';
import { StoreError } from '../base/store-error.ts';
import { DiskError } from '../io/doors.ts';
import { COMMAND_FORMAT, FIRST_COMMAND_FORMAT } from '../proto/command.ts';
import type { SnapshotMeta } from '../raft/types.ts';
import { BackendDirectory } from '../storage/snapshots/backend-directory.ts';
import { type ReceivedSnapshot, SnapshotSink } from '../storage/snapshots/sink.ts';
import { SnapshotError } from '../storage/snapshots/snapshot-error.ts';
import { type MemberConfig, peerAddressOf } from './config.ts';
import type { MemberDoors } from './doors.ts';
import { discoverCluster } from './join.ts';
import { MEMBER_LIMITS } from './limits.ts';
import { DIRECTORY_FORMAT, formOf, type MemberMetadata } from './metadata.ts';
import { PeerDialog } from './peers/dialog.ts';
import { hex, type PeerIdentity } from './peers/hello.ts';
import { metaFromWire } from './peers/message-codec.ts';
import { resultOf } from './peers/peers.ts';

/** What became of a backend that was damaged. */
export interface Rebuilt {
  readonly reason: string;
  /** Where the damaged one lies now. */
  readonly aside: string;
  readonly from: bigint;
  readonly index: number;
}

/** Whether the backend, not the log, is damaged: then another member's state may take its place. */
export function isDamage(error: unknown): error is DiskError | StoreError {
  return (error instanceof DiskError || error instanceof StoreError) && error.code === 'CORRUPT';
}

/**
 * Puts another member's state in place of a damaged backend, which is kept aside. The member keeps its identity, because its log is whole:
 * the log holds every vote and every entry that the member has acknowledged, and the state that comes is only what a majority has
 * committed; what the log has behind it is applied again. Hence the state must not end before the log begins (`logStart`).
 * Nothing is changed before the whole snapshot has arrived and was checked. Errors: CORRUPT with a text for the operator when nobody can help.
 */
export async function rebuildBackend(
  config: MemberConfig,
  doors: MemberDoors,
  damaged: {
    readonly identity: MemberMetadata;
    readonly logStart: Index;
    readonly reason: string;
    readonly backendDir: string;
  },
): Promise<Rebuilt> {
  const { identity, logStart, reason, backendDir } = damaged;
  const { snapshot, from } = await fetchSnapshot(config, doors, { identity, logStart }).catch((error: unknown) => {
    const why = error instanceof Error ? error.message : String(error);
    throw new StoreError(
      'CORRUPT',
      `the backend of this member is damaged (${reason}), its log is whole. It takes its state from another member when one can be reached: ${why}. Start it again once another member runs`,
    );
  });
  const aside = await BackendDirectory.setAside(doors.disk, backendDir, doors.backends);
  const form = formOf(config.directoryFormat ?? DIRECTORY_FORMAT);
  const backends = await BackendDirectory.open(doors.disk, backendDir, doors.backends, { form });
  try {
    await backends.install(snapshot);
  } finally {
    await backends.close();
  }
  return { reason, aside, from, index: snapshot.meta.index };
}

async function fetchSnapshot(
  config: MemberConfig,
  doors: MemberDoors,
  { identity, logStart }: { readonly identity: MemberMetadata; readonly logStart: Index },
): Promise<{ readonly snapshot: ReceivedSnapshot; readonly from: bigint }> {
  const { members } = await discoverCluster(config, doors, { isNew: false });
  const self: PeerIdentity = {
    ...identity,
    serverVersion: config.serverVersion,
    addresses: [],
    commandFormat: config.format ?? COMMAND_FORMAT,
    clusterFormat: () => FIRST_COMMAND_FORMAT,
  };
  const sink = new SnapshotSink(doors.disk, `${config.dataDir}/snapshots`, { clusterId: identity.clusterId });
  const reasons: string[] = [];
  for (const { ID, name, peerURLs } of members) {
    if (ID === identity.memberId || name === '') continue;
    for (const url of peerURLs) {
      try {
        const dialog = await PeerDialog.open(peerAddressOf(url), doors, { self, to: ID });
        try {
          return { snapshot: await download(dialog, sink, logStart), from: ID };
        } finally {
          dialog.close();
        }
      } catch (error) {
        if (error instanceof DiskError) throw error; // of this member's own disk
        reasons.push(`${name} (${hex(ID)}): ${error instanceof Error ? error.message : String(error)}`);
      }
    }
  }
  throw new StoreError('UNKNOWN', reasons.join('; ') || 'there is no other member');
}

/** Errors: StoreError of the other member, SnapshotError, DiskError. */
async function download(dialog: PeerDialog, sink: SnapshotSink, logStart: Index): Promise<ReceivedSnapshot> {
  let meta: SnapshotMeta | undefined;
  for (let offset = 0; ; ) {
    const snapshotRead = {
      index: meta?.index ?? 0,
      offset,
      maxBytes: MEMBER_LIMITS.rebuildChunkBytes,
      minIndex: logStart,
    };
    const answer = await dialog.ask({ case: 'snapshotRead', snapshotRead }, MEMBER_LIMITS.rebuildCallTimeoutMs);
    const part = resultOf(answer, 'snapshotRead').snapshotRead;
    meta ??= metaFromWire(part.meta);
    if (meta.index < logStart)
      throw new StoreError('UNKNOWN', `its state ends at index ${meta.index}, the log here begins behind ${logStart}`);
    if (part.offset !== offset) throw new SnapshotError('OUT_OF_ORDER', 'incoming', `a part at ${part.offset}`);
    await sink.write({ meta, offset, data: part.data });
    offset += part.data.length;
    if (part.done) return sink.finish();
    if (part.data.length === 0) throw new SnapshotError('CORRUPT', 'incoming', 'an empty part that is not the last');
  }
}
