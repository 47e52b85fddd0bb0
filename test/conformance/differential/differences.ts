import { ETCD_CLUSTER_VERSION, ETCD_SERVER_VERSION } from '../../../client/etcd-version.ts';
import type { Answer } from './side.ts';

/** Where we mean to answer otherwise than the etcd that we are compared with. */
export interface Difference {
  readonly id: string;
  readonly area: Area;
  readonly etcd: string;
  readonly keelson: string;
  readonly why: string;
  /** What we must answer, given etcd's answer; `is` is our answer where a part of it may be anything. */
  readonly ours: (theirs: Answer, is: Answer) => Answer;
  /** The etcd that we are compared with does not survive the request: it is not asked. */
  readonly endsEtcd?: true;
}

/** The parts of the page, in its order. */
export const AREAS = [
  'Version',
  'KV',
  'Watch',
  'Lease',
  'Cluster',
  'Maintenance',
  'Locks and elections',
  'Wire',
] as const;

export type Area = (typeof AREAS)[number];

/** A refusal with nothing else. */
const refuses = (code: number, text: string) => (): Answer => ({ code, text, messages: [] });

export const INVALID_SORT: Difference = {
  id: 'invalid-sort',
  area: 'KV',
  etcd: '3.5 reads a sort order or target that does not exist as none, or as by key.',
  keelson: 'InvalidArgument, `etcdserver: invalid sort option`.',
  why: 'etcd 3.6 and later refuse it so.',
  ours: refuses(3, 'etcdserver: invalid sort option'),
};

export const INVALID_SORT_TARGET: Difference = {
  id: 'invalid-sort-target',
  area: 'KV',
  etcd: '3.5 ends with a segmentation fault at a sort target that does not exist (`sort_target: 5`), whoever asks.',
  keelson: 'InvalidArgument, `etcdserver: invalid sort option`.',
  why: 'etcd 3.6 and later refuse it so.',
  ours: refuses(3, 'etcdserver: invalid sort option'),
  endsEtcd: true,
};

export const NEGATIVE_WATCH: Difference = {
  id: 'negative-watch-revision',
  area: 'Watch',
  etcd: '3.5 creates a watcher from a negative revision, and cancels it a moment later once there was a compaction.',
  keelson:
    'Created and canceled in one response with watch id -1 and the reason `etcdserver: mvcc: required revision has been compacted`.',
  why: 'etcd 3.6 and later answer so.',
  ours: (theirs) => {
    const [created] = theirs.messages as readonly { readonly header: object }[];
    const cancelReason = 'etcdserver: mvcc: required revision has been compacted';
    return { ...theirs, messages: [{ ...created, watchId: -1, canceled: true, cancelReason }] };
  },
};

export const MALFORMED: Difference = {
  id: 'malformed-words',
  area: 'Wire',
  etcd: 'Names the Go field or message in which a request is malformed (`proto: wrong wireType = 0 for field Key`).',
  keelson: 'The same code and the same beginning, up to `proto: `; then words of its own.',
  why: 'The words are those of a protobuf library: etcd 3.7 has others than 3.6. No client can act on them.',
  ours: (theirs, is) => {
    const beginning = theirs.text.slice(0, theirs.text.indexOf('proto: '));
    return is.text.startsWith(`${beginning}proto: `) ? { ...theirs, text: is.text } : theirs;
  },
};

export const FIELD_NUMBER: Difference = {
  id: 'field-number',
  area: 'Wire',
  etcd: '3.5 passes over fields whose number protobuf does not allow (2^29 and above).',
  keelson: 'The request is malformed (Internal).',
  why: 'The protobuf library of etcd 3.7 refuses them, as the format says.',
  ours: refuses(13, 'grpc: error unmarshalling request: proto: illegal tag: field number too large'),
};

export const UTF8: Difference = {
  id: 'utf-8',
  area: 'Wire',
  etcd: '3.5 takes any bytes for a `string`.',
  keelson: 'The request is malformed (Internal).',
  why: 'The protobuf library of etcd 3.7 refuses what is not UTF-8. Keys and values are `bytes` and may be anything.',
  ours: refuses(13, 'grpc: error unmarshalling request: string field contains invalid UTF-8'),
};

export const CLIENT_VERSION: Difference = {
  id: 'client-version',
  area: 'Wire',
  etcd: '3.5.16 ends with a panic at metadata `client-api-version` that is not UTF-8, whoever asks.',
  keelson: 'InvalidArgument, `etcdserver: invalid client api version`.',
  why: 'Later releases refuse it so.',
  ours: refuses(3, 'etcdserver: invalid client api version'),
  endsEtcd: true,
};

/** The first message with other fields. */
function but(theirs: Answer, fields: (message: Fields) => Fields): Answer {
  const [first, ...rest] = theirs.messages as readonly Fields[];
  return first === undefined ? theirs : { ...theirs, messages: [{ ...first, ...fields(first) }, ...rest] };
}

type Fields = Readonly<Record<string, unknown>>;

export const STATUS_FIELDS: Difference = {
  id: 'status-fields',
  area: 'Version',
  etcd: '3.5.16 says its own version in Status, and no storage version, quota or downgrade.',
  keelson:
    'Names the release whose behaviour it has, its storage version and quota, and that no downgrade is under way.',
  why: 'Fields of etcd 3.6 and later.',
  ours: (theirs) =>
    but(theirs, () => ({
      version: ETCD_SERVER_VERSION,
      storageVersion: ETCD_CLUSTER_VERSION,
      dbSizeQuota: 2 ** 31,
      downgradeInfo: { enabled: false, targetVersion: '' },
    })),
};

export const HASH_REVISION: Difference = {
  id: 'hash-revision',
  area: 'Maintenance',
  etcd: '3.5 does not say of which revision a HashKV is.',
  keelson: '`hash_revision` says so.',
  why: 'A field of etcd 3.6.',
  ours: (theirs, is) => but(theirs, () => ({ hashRevision: (is.messages[0] as Fields | undefined)?.['hashRevision'] })),
};

export const STORED_HASH: Difference = {
  id: 'stored-hash',
  area: 'Maintenance',
  etcd: '3.5 answers a HashKV of revision 0 or less with the hash that it stored at its first compaction.',
  keelson: 'Of revision 0: of the newest. Of a negative one: of nothing.',
  why: 'etcd 3.6 and later answer so.',
  ours: (_theirs, is) => is,
};

export const FILE_HASH: Difference = {
  id: 'file-hash',
  area: 'Maintenance',
  etcd: 'Hash is over everything in the database, who the members are and the version of its layout included.',
  keelson: 'Over the same rows, in the same way.',
  why: 'Two clusters have other members. (That the way is the same is held by the snapshot tests, which hash a file of etcd.)',
  ours: (theirs, is) => but(theirs, () => ({ hash: (is.messages[0] as Fields | undefined)?.['hash'] })),
};

export const ALARM_ACTION: Difference = {
  id: 'alarm-action',
  area: 'Maintenance',
  etcd: 'Ends with a panic at an alarm action that does not exist (3.5 to 3.7).',
  keelson: 'Unknown, `etcdserver: unknown method`.',
  why: 'As etcd refuses a downgrade action that does not exist.',
  ours: refuses(2, 'etcdserver: unknown method'),
  endsEtcd: true,
};

export const DOWNGRADE: Difference = {
  id: 'downgrade',
  area: 'Maintenance',
  etcd: 'Can be downgraded to the minor version before its own.',
  keelson: 'InvalidArgument, `etcdserver: invalid downgrade target version`, whatever the version.',
  why: 'There is no older version that reads this data. A snapshot is a way back to etcd.',
  ours: refuses(3, 'etcdserver: invalid downgrade target version'),
};

export const TXN_ERRORS: Difference = {
  id: 'txn-errors',
  area: 'KV',
  etcd: '3.5 looks at the puts of a transaction first, and then at the revisions of its reads, when several of its operations cannot be done.',
  keelson: 'The refusal is that of the first operation that cannot be done.',
  why: 'etcd 3.6 and later look in this order.',
  ours: (theirs, is) => (OF_READS.test(is.text) && OF_PUTS.test(theirs.text) ? is : theirs),
};

const OF_READS = /required revision (is a future revision|has been compacted)/;
const OF_PUTS = /(key|lease) not found/;

export const UPDATE_URL: Difference = {
  id: 'update-url',
  area: 'Cluster',
  etcd: 'MemberUpdate takes any text for a URL, and every other member ends with a panic when it applies it (3.5 to 3.7).',
  keelson: 'InvalidArgument, `etcdserver: given member URLs are invalid`.',
  why: 'As for MemberAdd.',
  ours: refuses(3, 'etcdserver: given member URLs are invalid'),
  endsEtcd: true,
};

export const UPDATED_LEARNER: Difference = {
  id: 'updated-learner',
  area: 'Cluster',
  etcd: '3.5 forgets that a member is a learner when its URLs are updated, in its list of members though not in Raft.',
  keelson: 'It stays a learner.',
  why: 'A bug of etcd (#21694).',
  ours: (theirs) =>
    but(theirs, ({ members }) => ({
      members: (members as readonly Fields[]).map((member) =>
        member['ID'] === '(id 4)' ? { ...member, isLearner: true } : member,
      ),
    })),
};

export const FUTURE_PROGRESS: Difference = {
  id: 'future-progress',
  area: 'Watch',
  etcd: '3.5 answers a request for progress though a watcher of the stream starts at a revision that is still to come.',
  keelson: 'Answers when that revision is there.',
  why: 'etcd 3.6 and later do (#20221): nobody is told of a revision before the one at which it starts.',
  ours: (theirs) => ({ ...theirs, messages: theirs.messages.slice(0, 1) }),
};

/** Every difference. A step that names one must show it, and every one must be shown by a step. */
export const DIFFERENCES: readonly Difference[] = [
  INVALID_SORT,
  INVALID_SORT_TARGET,
  TXN_ERRORS,
  NEGATIVE_WATCH,
  FUTURE_PROGRESS,
  MALFORMED,
  FIELD_NUMBER,
  UTF8,
  CLIENT_VERSION,
  STATUS_FIELDS,
  HASH_REVISION,
  STORED_HASH,
  FILE_HASH,
  ALARM_ACTION,
  DOWNGRADE,
  UPDATE_URL,
  UPDATED_LEARNER,
];
