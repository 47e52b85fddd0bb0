/**
 * Finding one value in JSON bytes without decoding the rest. The bytes are well-formed JSON without spaces between tokens (what
 * JSON.stringify writes); positions are byte offsets.
 */

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const COMMA = 0x2c;

export interface Span {
  readonly start: number;
  readonly end: number;
}

/** The value of property `name` of the object that starts at `start`; undefined when it has none. */
export function findProperty(bytes: Buffer, start: number, name: string): Span | undefined {
  let position = start + 1;
  while (bytes[position] === QUOTE) {
    const keyEnd = skipString(bytes, position);
    const found = keyEnd - position - 2 === name.length && bytes.toString('latin1', position + 1, keyEnd - 1) === name;
    const valueStart = keyEnd + 1;
    const valueEnd = skipValue(bytes, valueStart);
    if (found) return { start: valueStart, end: valueEnd };
    position = bytes[valueEnd] === COMMA ? valueEnd + 1 : valueEnd;
  }
  return undefined;
}

/** The offset after the value that starts at `start`. */
export function skipValue(bytes: Buffer, start: number): number {
  const first = bytes[start];
  if (first === QUOTE) return skipString(bytes, start);
  if (first !== OPEN_OBJECT && first !== OPEN_ARRAY) return skipScalar(bytes, start);
  let depth = 0;
  for (let position = start; position < bytes.length; position++) {
    const byte = bytes[position];
    if (byte === QUOTE) position = skipString(bytes, position) - 1;
    else if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) depth++;
    else if ((byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) && --depth === 0) return position + 1;
  }
  return bytes.length;
}

function skipString(bytes: Buffer, start: number): number {
  for (let end = bytes.indexOf(QUOTE, start + 1); end >= 0; end = bytes.indexOf(QUOTE, end + 1)) {
    let backslashes = 0;
    while (bytes[end - 1 - backslashes] === BACKSLASH) backslashes++;
    if (backslashes % 2 === 0) return end + 1;
  }
  return bytes.length;
}

function skipScalar(bytes: Buffer, start: number): number {
  let end = start;
  for (; end < bytes.length; end++) {
    const byte = bytes[end];
    if (byte === COMMA || byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) break;
  }
  return end;
}
