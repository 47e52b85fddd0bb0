import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Permission, PermissionType } from '../../../proto/gen/etcd.ts';
import { type Access, Permissions } from '../../../storage/auth/permissions.ts';

const { READ, WRITE, READWRITE } = PermissionType;
const grant = (permType: number, key: string, rangeEnd = ''): Permission => ({ permType, key, rangeEnd });

const TABLE: readonly (readonly [string, readonly Permission[], Access, string, string, boolean])[] = [
  ['one key', [grant(READ, 'a')], 'read', 'a', '', true],
  ['one key, another one', [grant(READ, 'a')], 'read', 'b', '', false],
  ['one key as a range of itself', [grant(READ, 'a')], 'read', 'a', 'a\0', true],
  ['one key is not its prefix', [grant(READ, 'a')], 'read', 'a', 'b', false],
  ['one key is not all from it on', [grant(READ, 'a')], 'read', 'a', '\0', false],
  ['reading is not writing', [grant(READ, 'a')], 'write', 'a', '', false],
  ['writing is not reading', [grant(WRITE, 'a')], 'read', 'a', '', false],
  ['both', [grant(READWRITE, 'a')], 'write', 'a', '', true],
  ['the end of a range is not in it', [grant(READ, 'a', 'c')], 'read', 'c', '', false],
  ['a part of a range', [grant(READ, 'a', 'c')], 'read', 'aa', 'b', true],
  ['a range and a little more', [grant(READ, 'a', 'c')], 'read', 'a', 'c\0', false],
  ['two ranges that touch', [grant(READ, 'a', 'b'), grant(READ, 'b', 'c')], 'read', 'a', 'c', true],
  ['two ranges with a key between them', [grant(READ, 'a', 'b'), grant(READ, 'b\0', 'c')], 'read', 'a', 'c', false],
  ['the key between them', [grant(READ, 'a', 'b'), grant(READ, 'b'), grant(READ, 'b\0', 'c')], 'read', 'a', 'c', true],
  ['a range of reading and one of writing', [grant(READ, 'a', 'b'), grant(WRITE, 'b', 'c')], 'read', 'a', 'c', false],
  ['from a key on', [grant(READ, 'b', '\0')], 'read', 'zzz', '\0', true],
  ['from a key on, from one before', [grant(READ, 'b', '\0')], 'read', 'a', '\0', false],
  ['all there is', [grant(READ, '\0', '\0')], 'read', '\0', '\0', true],
  ['a kind of permission that there is not', [grant(7, 'a', '\0')], 'read', 'a', '', false],
  ['a range without keys counts as its first', [grant(READ, 'c')], 'read', 'c', 'a', true],
  ['a range without keys, elsewhere', [grant(READ, 'c')], 'read', 'b', 'a', false],
];

for (const [name, permissions, access, key, rangeEnd, expected] of TABLE) {
  test(name, () => assert.equal(new Permissions(permissions).permits(access, key, rangeEnd), expected));
}

/** Every permission is cut into pieces at all ends there are; a range is permitted when each of its pieces is. */
function permitsByPieces(permissions: readonly Permission[], key: string, rangeEnd: string): boolean {
  const last = '\uffff';
  const endOf = (start: string, end: string): string => (end === '' ? `${start}\0` : end === '\0' ? last : end);
  const wanted = { from: key, to: endOf(key, rangeEnd) };
  const ranges = permissions.map((p) => ({ from: p.key, to: endOf(p.key, p.rangeEnd) }));
  const cuts = [...new Set([...ranges, wanted].flatMap(({ from, to }) => [from, to]))].sort();
  return cuts.every((from, i) => {
    const to = cuts[i + 1];
    if (to === undefined || from < wanted.from || to > wanted.to) return true;
    return ranges.some((range) => range.from <= from && to <= range.to);
  });
}

test('whatever the permissions, a range is permitted exactly when all of its pieces are', () => {
  const key = fc.string({ unit: fc.constantFrom('\0', 'a', 'b', '\xff'), minLength: 1, maxLength: 3 });
  const end = fc.oneof(fc.constant(''), fc.constant('\0'), key);
  const range = fc.tuple(key, end).filter(([from, to]) => to === '' || to === '\0' || from < to);
  const permissions = fc.array(
    range.map(([from, to]) => grant(READ, from, to)),
    { maxLength: 8 },
  );
  fc.assert(
    fc.property(permissions, range, (granted, [from, to]) => {
      assert.equal(new Permissions(granted).permits('read', from, to), permitsByPieces(granted, from, to));
    }),
    { numRuns: 2000 },
  );
});
