// Writes docs/operating/flags.md from the tables that `keelson member` reads; `--check` only says whether it is up to date.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';

const root = join(import.meta.dirname, '..');
const load = (name) => import(join(root, 'dist', 'cli', 'flags', `${name}.js`));
const [{ MEMBER_SECTIONS }, { FLAGS_WITHOUT_EFFECT, RENAMED }, { FEATURE_GATES, SERVED_GATES }] = await Promise.all([
  load('member-flags'),
  load('member-flags-without-effect'),
  load('feature-gates'),
]);

const cell = (text) => text.replaceAll('|', '\\|');
const table = (head, rows) =>
  [head, head.map(() => '---'), ...rows].map((row) => `| ${row.map(cell).join(' | ')} |`).join('\n');
const code = (text) => (text === undefined || text === '' ? '' : `\`${text}\``);
const oldNames = (name) =>
  [...RENAMED]
    .filter(([, now]) => now === name)
    .map(([old]) => `--${old}`)
    .join(', ');

const served = MEMBER_SECTIONS.map(
  ({ title, flags }) =>
    `### ${title}\n\n${table(
      ['flag', 'default', 'does'],
      flags.map(({ name, value, default: usual, help }) => [
        code(`--${name}${value ? ` ${value}` : ''}`),
        code(usual),
        help,
      ]),
    )}`,
).join('\n\n');
const idle = FLAGS_WITHOUT_EFFECT.filter((flag) => flag.idle);
const refused = FLAGS_WITHOUT_EFFECT.filter((flag) => flag.only);

const text = `# Flags of a member

Generated from the tables in \`cli/flags\` (\`npm run fix\`); every flag of etcd 3.5 and 3.6 is in one of them.

A flag is written as for Go's flag package: one dash or two, \`--flag=value\` or \`--flag value\`; a switch alone is true and takes another value
only behind \`=\`. Each flag may come as a variable instead (\`--listen-peer-urls\`: \`ETCD_LISTEN_PEER_URLS\`); a flag and its variable together are
refused, as by etcd. With \`--config-file\` (or \`ETCD_CONFIG_FILE\`) a YAML file of etcd's shape says everything, and flags and variables are ignored. Whatever is
wrong is one line on standard error and exit code 2, before anything is written. The names with \`experimental-\` of etcd 3.5 mean the same as
those without; both together are refused.

A program called \`etcd\` that is a link to \`keelson\` is \`keelson member\`: static pods, unit files and test suites that start an etcd binary need
nothing else. \`etcd --version\` says which version of etcd it speaks.

## Served

${served}

## Without effect

Taken with any value, so that manifests and scripts work unchanged. Each one that is given is named in the log with its reason.

${table(
  ['flag', 'old name', 'why'],
  idle.map(({ name, why }) => [code(`--${name}`), code(oldNames(name)), why]),
)}

Feature gates (\`--feature-gates NAME=BOOL,...\`): ${SERVED_GATES.map(code).join(' and ')} are what the flags of those names are. Known, and without effect: ${FEATURE_GATES.filter(
  (gate) => !SERVED_GATES.includes(gate),
)
  .map(code)
  .join(', ')}. An unknown one is refused.

## Refused

What would have to change what is promised. A value that asks for nothing is taken; \`unset\` means that there is none.

${table(
  ['flag', 'taken', 'why'],
  refused.map(({ name, only, why }) => [
    code(`--${name}`),
    only.map((value) => (value === '' ? 'unset' : code(value))).join(', '),
    why,
  ]),
)}

## Other than with etcd

- \`--advertise-client-urls\` may be left out when \`--listen-client-urls\` names one address; with \`0.0.0.0\` it is needed.
- \`--client-cert-auth\` without an https URL, or without \`--trusted-ca-file\`, is refused; etcd serves everybody, or whoever has a certificate of any
  public CA. \`--auto-tls\` with what asks for client certificates is refused; etcd drops the demand.
- Members with https need \`--peer-trusted-ca-file\` or \`--peer-auto-tls\`.
- \`--grpc-keepalive-interval\` is 30 s instead of 2 h, so that a client that vanished does not keep its watches for hours.
- \`--snapshot-count\` is that of etcd 3.6.
`;

const path = join(root, 'docs', 'operating', 'flags.md');
let before = '';
try {
  before = readFileSync(path, 'utf8');
} catch {
  // the first one
}
if (before === text) process.exit(0);
if (process.argv.includes('--check')) {
  process.stderr.write('  docs/operating/flags.md is not what the tables say: run `npm run fix`\n');
  process.exit(1);
}
writeFileSync(path, text);
