import assert from 'node:assert/strict';
import { test } from 'node:test';
import { utf8Bytes } from '../../base/bytes.ts';
import { crc32c } from '../../base/crc32c.ts';

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
