import { assert } from '../base/assert.ts';
import { byteStringAt } from '../base/bytes.ts';
import { HeaderField, STATIC_TABLE } from './header-field.ts';
import { huffmanDecode } from './huffman.ts';
import { HTTP2_LIMITS } from './limits.ts';
import { ConnectionError, ErrorCode } from './protocol.ts';

/** No entry is smaller than its overhead of 32 bytes, so the table never has more. A power of two: places wrap by a mask. */
const MAX_ENTRIES = HTTP2_LIMITS.headerTableBytes / 32;
const WRAP = MAX_ENTRIES - 1;
const STATIC_ENTRIES = STATIC_TABLE.length;

/**
 * The decoding half of HPACK for one connection (RFC 7541). Indexed fields are the table's own objects, so a request whose
 * headers the client has sent before costs no strings.
 */
export class HpackDecoder {
  /** The fields of the block that was decoded last: the first `count` are valid. */
  readonly fields: HeaderField[] = [];
  count = 0;
  /** The last block was longer than maxHeaderListBytes: the fields beyond that are missing, the table is right. */
  isTooLarge = false;

  readonly #entries: (HeaderField | undefined)[] = new Array(MAX_ENTRIES).fill(undefined);
  /** Where the newest entry is, and how many there are. */
  #newest = 0;
  #length = 0;
  #sizeBytes = 0;
  #maxSizeBytes: number = HTTP2_LIMITS.headerTableBytes;

  #bytes: Uint8Array = new Uint8Array(0);
  #at = 0;
  #end = 0;
  #listBytes = 0;

  /** Decodes one whole header block. Errors: ConnectionError COMPRESSION_ERROR, after which the connection is lost. */
  decode(bytes: Uint8Array, start: number, end: number): void {
    this.#bytes = bytes;
    this.#at = start;
    this.#end = end;
    this.count = 0;
    this.isTooLarge = false;
    this.#listBytes = 0;
    while (this.#at < end) {
      const first = bytes[this.#at] as number;
      if (first >= 0x80) this.#emit(this.#entry(this.#integer(0x7f)));
      else if (first >= 0x40) this.#emit(this.#insert(this.#literal(0x3f)));
      else if (first >= 0x20) this.#resize();
      else this.#emit(this.#literal(0x0f));
    }
  }

  #emit(field: HeaderField): void {
    this.#listBytes += field.sizeBytes;
    if (this.#listBytes > HTTP2_LIMITS.maxHeaderListBytes) this.isTooLarge = true;
    else this.fields[this.count++] = field;
  }

  #entry(index: number): HeaderField {
    if (index > STATIC_ENTRIES) {
      const back = index - STATIC_ENTRIES - 1;
      if (back >= this.#length) throw compressionError('an index beyond the table');
      return this.#entries[(this.#newest - back) & WRAP] as HeaderField;
    }
    if (index === 0) throw compressionError('index 0');
    return STATIC_TABLE[index - 1] as HeaderField;
  }

  #literal(mask: number): HeaderField {
    const index = this.#integer(mask);
    const name = index === 0 ? this.#string() : this.#entry(index).name;
    return new HeaderField(name, this.#string());
  }

  #insert(field: HeaderField): HeaderField {
    // An entry that is larger than the table empties it (RFC 7541 §4.4).
    this.#evictDownTo(this.#maxSizeBytes - field.sizeBytes);
    if (field.sizeBytes <= this.#maxSizeBytes) {
      this.#newest = (this.#newest + 1) & WRAP;
      this.#entries[this.#newest] = field;
      this.#length++;
      this.#sizeBytes += field.sizeBytes;
      assert(this.#length <= MAX_ENTRIES, 'entries are at least as large as their overhead');
    }
    return field;
  }

  #resize(): void {
    if (this.count > 0 || this.isTooLarge) throw compressionError('a table size update after a field');
    const sizeBytes = this.#integer(0x1f);
    if (sizeBytes > HTTP2_LIMITS.headerTableBytes) throw compressionError('a table larger than allowed');
    this.#maxSizeBytes = sizeBytes;
    this.#evictDownTo(sizeBytes);
  }

  #evictDownTo(sizeBytes: number): void {
    while (this.#length > 0 && this.#sizeBytes > sizeBytes) {
      const oldest = (this.#newest - this.#length + 1) & WRAP;
      this.#sizeBytes -= (this.#entries[oldest] as HeaderField).sizeBytes;
      this.#entries[oldest] = undefined;
      this.#length--;
    }
  }

  /** An integer whose first bits fill `mask` (RFC 7541 §5.1). What does not fit 28 bits is of no use here. */
  #integer(mask: number): number {
    const bytes = this.#bytes;
    let value = (bytes[this.#at++] as number) & mask;
    if (value < mask) return value;
    for (let shift = 0; ; shift += 7) {
      if (this.#at >= this.#end) throw compressionError('a truncated integer');
      if (shift > 21) throw compressionError('an integer too large');
      const byte = bytes[this.#at++] as number;
      value += (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  }

  #string(): string {
    if (this.#at >= this.#end) throw compressionError('a truncated field');
    const isHuffman = (this.#bytes[this.#at] as number) >= 0x80;
    const length = this.#integer(0x7f);
    const start = this.#at;
    const end = start + length;
    if (end > this.#end) throw compressionError('a truncated string');
    this.#at = end;
    if (!isHuffman) return byteStringAt(this.#bytes, start, end);
    const text = huffmanDecode(this.#bytes, start, end);
    if (text === undefined) throw compressionError('a malformed Huffman code');
    return text;
  }
}

function compressionError(what: string): ConnectionError {
  return new ConnectionError(ErrorCode.COMPRESSION_ERROR, `HPACK: ${what}`);
}
