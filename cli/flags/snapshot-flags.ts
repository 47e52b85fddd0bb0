import type { Flag } from './flag.ts';

/** The flags of `keelson snapshot save`: names of etcdctl. */
export const SAVE_FLAGS: readonly Flag[] = [
  {
    name: 'endpoints',
    value: 'URL',
    help: 'the member to save, of Keelson or of etcd',
    default: 'http://127.0.0.1:2379',
  },
  { name: 'cacert', value: 'FILE', help: "CA of the member's certificate" },
  { name: 'cert', value: 'FILE', help: 'certificate to show' },
  { name: 'key', value: 'FILE', help: 'its private key' },
  { name: 'insecure-skip-tls-verify', help: "take any certificate of the member's" },
  { name: 'user', value: 'NAME:PASSWORD', help: 'for a cluster with authentication' },
];

/** What a restore adds to the newest revision unless told otherwise: more than a store comes to between two backups. */
export const DEFAULT_BUMP = '1000000000';

/** The flags of `keelson snapshot restore`: names of etcdutl. */
export const RESTORE_FLAGS: readonly Flag[] = [
  { name: 'name', value: 'NAME', help: 'name of the new member', default: 'default' },
  {
    name: 'data-dir',
    value: 'DIR',
    help: 'its data directory, which must not be there or be empty (default: NAME.etcd)',
  },
  {
    name: 'initial-advertise-peer-urls',
    value: 'URLS',
    help: 'its peer URLs, as --initial-cluster has them',
    default: 'http://localhost:2380',
  },
  { name: 'initial-cluster', value: 'NAME=URL,...', help: 'all members of the new cluster (default: this one)' },
  { name: 'initial-cluster-token', value: 'TEXT', help: 'keeps clusters apart', default: 'etcd-cluster' },
  { name: 'skip-hash-check', help: 'take a file without its SHA-256: a database copied from a data directory' },
  {
    name: 'bump-revision',
    value: 'N',
    help: 'how much to raise the newest revision; 0: revisions stay as they are, with all their history',
    default: DEFAULT_BUMP,
  },
  { name: 'mark-compacted', help: 'make the raised revision the compact revision; always so unless --bump-revision 0' },
  { name: 'drop-auth', help: 'leave users and roles out: the new cluster is open to every client' },
  { name: 'wal-dir', value: 'DIR', help: '', only: [] },
  { name: 'initial-memory-map-size', value: 'BYTES', help: '', idle: true },
];
