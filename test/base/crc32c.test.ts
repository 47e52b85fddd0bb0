import assert from 'node:assert/strict';
import { test } from 'node:test';
import { utf8Bytes } from '../../base/bytes.ts';
import { crc32c, joinCrc32c } from '../../base/crc32c.ts';
import { Prng } from '../../base/prng.ts';

const rows: readonly { readonly name: string; readonly bytes: Uint8Array; readonly crc: number }[] = [
  { name: 'nothing', bytes: new Uint8Array(0), crc: 0 },
  { name: 'the check value', bytes: utf8Bytes('123456789'), crc: 0xe3069283 },
  { name: '32 zeros (RFC 3720 B.4)', bytes: new Uint8Array(32), crc: 0x8a9136aa },
  { name: '32 ones (RFC 3720 B.4)', bytes: new Uint8Array(32).fill(0xff), crc: 0x62a8ab43 },
  { name: '0 to 31 (RFC 3720 B.4)', bytes: Uint8Array.from({ length: 32 }, (_, i) => i), crc: 0x46dd794e },
  { name: '31 to 0 (RFC 3720 B.4)', bytes: Uint8Array.from({ length: 32 }, (_, i) => 31 - i), crc: 0x113fdb5c },
];

for (const { name, bytes, crc } of rows) {
  test(`crc32c of ${name}`, () => {
    assert.equal(crc32c(bytes), crc);
    for (let cut = 0; cut <= bytes.length; cut++) {
      assert.equal(crc32c(bytes.subarray(cut), crc32c(bytes.subarray(0, cut))), crc, `cut at ${cut}`);
    }
  });
}

test('checksums that are joined are those of the whole', () => {
  const prng = new Prng(9);
  const lengths = [0, 1, 2, 3, 7, 8, 255, 256, 257, 1000, 65_535, 65_536, 1_500_001];
  for (const length of lengths) {
    const a = Uint8Array.from({ length: prng.between(0, 40) }, () => prng.between(0, 255));
    const b = new Uint8Array(length).fill(prng.between(0, 255));
    if (length > 0) b[prng.between(0, length - 1)] = prng.between(0, 255);
    assert.equal(joinCrc32c(crc32c(a), crc32c(b), length), crc32c(b, crc32c(a)), `${length} bytes`);
    assert.equal(joinCrc32c(0xdeadbeef, crc32c(b), length), crc32c(b, 0xdeadbeef), `${length} bytes after a seed`);
  }
});
