import { byteString, utf8Bytes } from '../../base/bytes.ts';

/** Names of users and roles, each once, in the order of their UTF-8 bytes: the order of etcd's buckets. */
export function sortedNames(names: Iterable<string>): readonly string[] {
  return [...new Set(names)]
    .map((name) => ({ name, bytes: byteString(utf8Bytes(name)) }))
    .sort((a, b) => byName(a.bytes, b.bytes))
    .map(({ name }) => name);
}

/** The order of two byte strings. */
export function byName(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
