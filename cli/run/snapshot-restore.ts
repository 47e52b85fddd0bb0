import { ETCD_SERVER_VERSION } from '../../client/etcd-version.ts';
import { nodeClock } from '../../io/node/clock.ts';
import { nodeDisk } from '../../io/node/disk.ts';
import { nodeNetwork } from '../../io/node/network.ts';
import { nodeRandom } from '../../io/node/random.ts';
import type { MemberConfig } from '../../member/config.ts';
import { restoreEtcdFile } from '../../member/restore-etcd-file.ts';
import { rocksStore } from '../../storage/backend/rocks.ts';
import { EtcdFileError } from '../../storage/etcd-file/etcd-file-error.ts';
import type { Imported } from '../../storage/etcd-file/import.ts';
import type { RestoreSettings } from '../flags/snapshot-options.ts';

/** Makes a member's data directory from a snapshot file. Errors: EtcdFileError, naming the file; StoreError; DiskError. */
export async function restoreSnapshot(path: string, settings: RestoreSettings): Promise<Imported> {
  const { name, dataDir, advertisePeerUrls, initialCluster, initialClusterToken } = settings;
  const config: MemberConfig = {
    name,
    dataDir,
    listenPeerAddresses: [],
    advertisePeerUrls,
    advertiseClientUrls: [],
    initialCluster,
    initialClusterState: 'new',
    initialClusterToken,
    serverVersion: ETCD_SERVER_VERSION,
  };
  const doors = {
    clock: nodeClock,
    random: nodeRandom,
    disk: nodeDisk,
    network: nodeNetwork,
    backends: rocksStore(nodeDisk),
  };
  try {
    return await restoreEtcdFile(config, doors, { path, ...settings });
  } catch (error) {
    throw error instanceof EtcdFileError ? error.in(path) : error;
  }
}

/** What was restored, and what to type next. */
export function restoredText({ name, dataDir }: RestoreSettings, restored: Imported): string {
  const { revision, compactRevision, revisions, leases } = restored;
  const compacted = compactRevision === 0 ? 'nothing compacted' : `compacted at ${compactRevision}`;
  return `Restored into ${dataDir}: revision ${revision}, ${compacted}, ${revisions} revisions of keys, ${leases} leases.
Restore the other members of its cluster from the same file, then start each:
  keelson member --name ${name} --data-dir ${dataDir} ...
`;
}
