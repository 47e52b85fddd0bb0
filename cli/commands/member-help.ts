import type { Flag } from '../flags/flag.ts';
import { MEMBER_SECTIONS } from '../flags/member-flags.ts';

/** What `--help` says; `name`: what it was called as. */
export function memberHelp(name: string): string {
  const sections = MEMBER_SECTIONS.map(({ title, flags }) => `${title}:\n${flags.map(helpOf).join('')}\n`).join('');
  return `Usage: ${name} [flags]

Runs one member of the store. It speaks the etcd v3 API: any etcd client works, etcdctl and kube-apiserver included.
Flags are those of etcd; each may also come as ETCD_NAME in the environment, or in --config-file. Flags of etcd that are not
listed are taken and have no effect, or are refused: docs/operating/flags.md has them all.

${sections}Examples:
  keelson member --name m1 --data-dir ./m1
  keelson member --name m1 --data-dir ./m1 \\
    --listen-client-urls http://127.0.0.1:2379 --advertise-client-urls http://127.0.0.1:2379 \\
    --listen-peer-urls http://127.0.0.1:2380 --initial-advertise-peer-urls http://127.0.0.1:2380 \\
    --initial-cluster m1=http://127.0.0.1:2380,m2=http://127.0.0.1:2390,m3=http://127.0.0.1:2400
`;
}

function helpOf(flag: Flag): string {
  const usual = flag.default === undefined ? '' : ` (default: ${flag.default})`;
  return `  --${flag.name}${flag.value === undefined ? '' : ` ${flag.value}`}\n      ${flag.help}${usual}\n`;
}
