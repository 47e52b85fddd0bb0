import { AREAS, DIFFERENCES } from './differences.ts';

const HEAD = `# Differences from etcd

Written by \`test/conformance/differential\` (\`KEELSON_REWRITE=1 npm test -- rpc/differences\`); not edited by hand.

\`npm run acceptance -- conformance/differential\` sends the same requests to a real etcd (Debian's 3.5.16) and to Keelson, and compares status code,
text and every field of every message: some six hundred from tables (\`steps/\`), among them malformed ones and changes of members of a cluster of
three, and nine hundred by chance (\`random.ts\`; \`KEELSON_SEED=7,8,9\` for others). A difference that is not below fails it, and so does one below
that does not show any more. Not compared: ids that a cluster chose, terms, log indexes and sizes on disk (only whether they are there), the order of
a lease's keys (etcd's is that of a Go map) and of members (by id), and how many revisions come in one response to a watcher: etcd sends one for each
to who keeps up and many at once to who does not; here a batch of writes comes together. Each event names its revision in both.
`;

const TAIL = `
## Where other tests look

| | etcd | Keelson | why |
|---|---|---|---|
| Authentication | | as etcd 3.6 and 3.7, where 3.5 differs | \`test/conformance/auth-steps.ts\` says at each step |
| JSON gateway | | as etcd 3.6 and later | \`rpc/README.md\` lists them; \`test/rpc/gateway-differential.test.ts\` compares |
| Locks that wait | a campaign whose lease ended while it waited is told that it leads | it is refused | \`rpc/README.md\`; \`test/rpc/concurrency.test.ts\` |
| Metrics | | what etcd's mixin and its guide name is there, with the same types and labels | \`test/conformance/metrics.test.ts\` compares |
| A put that keeps the value of a key which the same transaction deleted | etcd ends | \`etcdserver: key not found\` | \`storage/mvcc/txn.ts\` |

Metrics of etcd that are not there: those of the Go runtime (\`go_*\`, \`etcd_server_go_version\`, \`promhttp_*\`; \`nodejs_*\` are there instead), of the store
of etcd v2 (\`etcd_debugging_store_*\`) and of its gRPC proxy, and those of steps that are done otherwise here: pages of bbolt
(\`etcd_debugging_disk_backend_commit_*\`, \`etcd_mvcc_db_open_read_transactions\`), defragmentation, snapshot files (\`etcd_snap_*\`,
\`etcd_debugging_snap_*\`), pauses for compaction (\`etcd_debugging_mvcc_*_compaction_*\`), hashes (\`etcd_mvcc_hash_*\`), writes to the log apart from its
fsync (\`etcd_disk_wal_write_*\`), \`etcd_server_apply_duration_seconds\`, \`etcd_server_slow_apply_total\`, \`etcd_server_heartbeat_send_failures_total\`.
\`os_fd_*\` are \`process_open_fds\` and \`process_max_fds\`. \`grpc_server_handling_seconds\`, which etcd has with \`--metrics extensive\`, is always there.
`;

/** The page of all differences, as Markdown. */
export function differencesPage(): string {
  const parts = AREAS.map((area) => {
    const rows = DIFFERENCES.filter((difference) => difference.area === area);
    if (rows.length === 0) return '';
    const lines = rows.map(({ id, etcd, keelson, why }) => `| ${id} | ${etcd} | ${keelson} | ${why} |`);
    return `\n## ${area}\n\n| | etcd | Keelson | why |\n|---|---|---|---|\n${lines.join('\n')}\n`;
  });
  return HEAD + parts.join('') + TAIL;
}
