import { KeyRanges } from '../../base/key-ranges.ts';
import { type Permission, PermissionType } from '../../proto/gen/etcd.ts';

/** What one may do with a key. */
export type Access = 'read' | 'write';

/**
 * The union of permissions, for reading and for writing. A range is permitted when every key of it is, by however many permissions
 * together; asking takes O(log n). Permissions of kinds that are not known permit nothing.
 */
export class Permissions {
  readonly #read = new KeyRanges();
  readonly #write = new KeyRanges();

  constructor(permissions: readonly Permission[]) {
    for (const { permType, key, rangeEnd } of permissions) {
      if (permType === PermissionType.READ || permType === PermissionType.READWRITE) add(this.#read, key, rangeEnd);
      if (permType === PermissionType.WRITE || permType === PermissionType.READWRITE) add(this.#write, key, rangeEnd);
    }
  }

  /**
   * Whether all of [key, rangeEnd) is permitted. `rangeEnd` empty: that one key; a single zero byte: every key from `key` on. A range
   * without keys counts as its first key.
   */
  permits(access: Access, key: string, rangeEnd: string): boolean {
    const ranges = access === 'read' ? this.#read : this.#write;
    if (rangeEnd === '') return ranges.has(key);
    return ranges.covers(key, rangeEnd === '\0' ? undefined : rangeEnd);
  }
}

function add(ranges: KeyRanges, key: string, rangeEnd: string): void {
  if (rangeEnd === '') ranges.add(key, `${key}\0`);
  else ranges.add(key, rangeEnd === '\0' ? undefined : rangeEnd);
}
