import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { HpackDecoder } from '../../../http2/hpack-decoder.ts';
import { huffmanDecode } from '../../../http2/huffman.ts';
import { ConnectionError } from '../../../http2/protocol.ts';
import { H2_LIMITS } from '../../../rpc/h2/limits.ts';
import { ResponseHeaders } from '../../../rpc/h2/response-headers.ts';
import { integer } from './frames.ts';

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');

function decoded(decoder: HpackDecoder, block: Uint8Array): string[] {
  decoder.decode(block, 0, block.length);
  return decoder.fields.slice(0, decoder.count).map(({ name, value }) => `${name}: ${value}`);
}

const FIRST = [':method: GET', ':scheme: http', ':path: /', ':authority: www.example.com'];
const SECOND = [...FIRST, 'cache-control: no-cache'];
const THIRD = [
  ':method: GET',
  ':scheme: https',
  ':path: /index.html',
  ':authority: www.example.com',
  'custom-key: custom-value',
];
const ANSWERS = [
  [
    ':status: 302',
    'cache-control: private',
    'date: Mon, 21 Oct 2013 20:13:21 GMT',
    'location: https://www.example.com',
  ],
  [
    ':status: 307',
    'cache-control: private',
    'date: Mon, 21 Oct 2013 20:13:21 GMT',
    'location: https://www.example.com',
  ],
  [
    ':status: 200',
    'cache-control: private',
    'date: Mon, 21 Oct 2013 20:13:22 GMT',
    'location: https://www.example.com',
    'content-encoding: gzip',
    'set-cookie: foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1',
  ],
];

suite('HPACK: the examples of RFC 7541 Appendix C', () => {
  const single: readonly (readonly [string, string, string])[] = [
    ['C.2.1', '400a 6375 7374 6f6d 2d6b 6579 0d63 7573 746f 6d2d 6865 6164 6572', 'custom-key: custom-header'],
    ['C.2.2', '040c 2f73 616d 706c 652f 7061 7468', ':path: /sample/path'],
    ['C.2.3', '1008 7061 7373 776f 7264 0673 6563 7265 74', 'password: secret'],
    ['C.2.4', '82', ':method: GET'],
  ];
  for (const [name, block, field] of single) {
    test(name, () => assert.deepEqual(decoded(new HpackDecoder(), hex(block)), [field]));
  }

  const sequences: readonly (readonly [string, readonly string[], readonly (readonly string[])[]])[] = [
    [
      'C.3: requests without Huffman codes',
      [
        '8286 8441 0f77 7777 2e65 7861 6d70 6c65 2e63 6f6d',
        '8286 84be 5808 6e6f 2d63 6163 6865',
        '8287 85bf 400a 6375 7374 6f6d 2d6b 6579 0c63 7573 746f 6d2d 7661 6c75 65',
      ],
      [FIRST, SECOND, THIRD],
    ],
    [
      'C.4: requests with Huffman codes',
      [
        '8286 8441 8cf1 e3c2 e5f2 3a6b a0ab 90f4 ff',
        '8286 84be 5886 a8eb 1064 9cbf',
        '8287 85bf 4088 25a8 49e9 5ba9 7d7f 8925 a849 e95b b8e8 b4bf',
      ],
      [FIRST, SECOND, THIRD],
    ],
    [
      'C.5: answers without Huffman codes, in a table of 256 bytes',
      [
        `3fe1 01 4803 3330 3258 0770 7269 7661 7465 611d 4d6f 6e2c 2032 3120 4f63 7420 3230 3133 2032 303a 3133 3a32 3120
         474d 546e 1768 7474 7073 3a2f 2f77 7777 2e65 7861 6d70 6c65 2e63 6f6d`,
        '4803 3330 37c1 c0bf',
        `88c1 611d 4d6f 6e2c 2032 3120 4f63 7420 3230 3133 2032 303a 3133 3a32 3220 474d 54c0 5a04 677a 6970 7738 666f
         6f3d 4153 444a 4b48 514b 425a 584f 5157 454f 5049 5541 5851 5745 4f49 553b 206d 6178 2d61 6765 3d33 3630 303b
         2076 6572 7369 6f6e 3d31`,
      ],
      ANSWERS,
    ],
    [
      'C.6: answers with Huffman codes, in a table of 256 bytes',
      [
        `3fe1 01 4882 6402 5885 aec3 771a 4b61 96d0 7abe 9410 54d4 44a8 2005 9504 0b81 66e0 82a6 2d1b ff6e 919d 29ad 1718
         63c7 8f0b 97c8 e9ae 82ae 43d3`,
        '4883 640e ffc1 c0bf',
        `88c1 6196 d07a be94 1054 d444 a820 0595 040b 8166 e084 a62d 1bff c05a 839b d9ab 77ad 94e7 821d d7f2 e6c7 b335
         dfdf cd5b 3960 d5af 2708 7f36 72c1 ab27 0fb5 291f 9587 3160 65c0 03ed 4ee5 b106 3d50 07`,
      ],
      ANSWERS,
    ],
  ];
  for (const [name, blocks, lists] of sequences) {
    test(name, () => {
      const decoder = new HpackDecoder();
      blocks.forEach((block, i) => {
        assert.deepEqual(decoded(decoder, hex(block.replaceAll(/\s/g, ''))), lists[i]);
      });
    });
  }
});

suite('HPACK: what is not right', () => {
  const rows: readonly (readonly [string, string])[] = [
    ['index 0', '80'],
    ['an index beyond the tables', 'be'],
    ['an index far beyond', 'ff ff ff ff 0f'],
    ['an integer that does not end', 'ff 80 80'],
    ['an integer of more than 32 bits', 'ff 80 80 80 80 80 80 01'],
    ['a string longer than the block', '00 05 61 62'],
    ['a field without its value', '00 01 61'],
    ['a table larger than allowed', '3f e2 1f'],
    ['a table size update after a field', '82 20'],
    ['Huffman padding of more than seven bits', '00 82 1f ff 00'],
    ['Huffman padding that is not ones', '00 81 18 00'],
    ['EOS within a string', '00 84 ff ff ff ff 00'],
  ];
  for (const [name, block] of rows) {
    test(name, () => {
      const decoder = new HpackDecoder();
      assert.throws(() => decoder.decode(hex(block), 0, hex(block).length), { name: 'ConnectionError', code: 9 });
    });
  }

  test('a header list that is too long is cut, and the table is right afterwards', () => {
    const decoder = new HpackDecoder();
    const insert = Buffer.concat([hex('40 01 61'), integer(2_000, 7), Buffer.alloc(2_000, 'x')]);
    decoder.decode(insert, 0, insert.length);
    const bomb = Buffer.alloc(10_000, 0xbe);
    decoder.decode(bomb, 0, bomb.length);
    assert.equal(decoder.isTooLarge, true);
    assert.ok(decoder.count * 2_033 <= H2_LIMITS.maxHeaderListBytes);
    assert.deepEqual(decoded(decoder, hex('be')), [`a: ${'x'.repeat(2_000)}`]);
    assert.equal(decoder.isTooLarge, false);
  });

  test('noise is a list of fields or a ConnectionError', () => {
    const decoder = new HpackDecoder();
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (noise) => {
        try {
          decoder.decode(noise, 0, noise.length);
        } catch (error) {
          assert.ok(error instanceof ConnectionError);
        }
        const text = huffmanDecode(noise, 0, noise.length);
        assert.ok(text === undefined || text.length <= (noise.length * 8) / 5);
      }),
      { numRuns: 2_000 },
    );
  });
});

suite('HPACK: the headers of our answers', () => {
  const begin = (encoder: ResponseHeaders): Buffer => {
    const out = Buffer.alloc(256);
    return out.subarray(0, encoder.begin(out, 0));
  };
  const endOk = (encoder: ResponseHeaders): Buffer => {
    const out = Buffer.alloc(256);
    return out.subarray(0, encoder.endOk(out, 0));
  };
  const BEGIN = [':status: 200', 'content-type: application/grpc'];
  const END = ['grpc-status: 0'];

  test('are three bytes once the client knows them', () => {
    const [encoder, decoder] = [new ResponseHeaders(), new HpackDecoder()];
    for (let i = 0; i < 3; i++) {
      assert.deepEqual(decoded(decoder, begin(encoder)), BEGIN);
      assert.deepEqual(decoded(decoder, endOk(encoder)), END);
    }
    assert.equal(begin(encoder).length + endOk(encoder).length, 3);
  });

  test("follow the size of the client's table", () => {
    const [encoder, decoder] = [new ResponseHeaders(), new HpackDecoder()];
    for (const tableBytes of [4_096, 0, 50, 4_096, 104, 103, 1_000_000]) {
      encoder.resize(tableBytes);
      for (let i = 0; i < 2; i++) {
        assert.deepEqual(decoded(decoder, begin(encoder)), BEGIN);
        assert.deepEqual(decoded(decoder, endOk(encoder)), END);
      }
    }
  });

  test('carry any status text', () => {
    const [encoder, decoder] = [new ResponseHeaders(), new HpackDecoder()];
    const end = encoder.end({ code: 13, text: 'ab%\n é€😀' });
    assert.deepEqual(decoded(decoder, end), ['grpc-status: 13', 'grpc-message: ab%25%0A %C3%A9%E2%82%AC%F0%9F%98%80']);
    const refusal = encoder.refuse(415, { code: 3, text: '' }, { acceptEncoding: true });
    assert.deepEqual(decoded(decoder, refusal), [
      ':status: 415',
      'content-type: application/grpc',
      'grpc-accept-encoding: gzip',
      'grpc-status: 3',
    ]);
  });
});
