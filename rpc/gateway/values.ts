import type { Field } from './shapes.ts';

const RANGES = {
  int32: [-(2n ** 31n), 2n ** 31n - 1n],
  uint32: [0n, 2n ** 32n - 1n],
  int64: [-(2n ** 63n), 2n ** 63n - 1n],
  uint64: [0n, 2n ** 64n - 1n],
} as const;

const NUMBER = /^(-?)(0|[1-9][0-9]*)(?:\.([0-9]+))?(?:[eE]([+-]?[0-9]+))?$/;

/** More digits than any of 64 bits has: an exponent beyond it is not even looked at. */
const MAX_DIGITS = 20;

/** The integer that a JSON number stands for (`1.50e1` is 15); undefined when it is none, or not of the type. */
export function integerOf(type: keyof typeof RANGES, text: string): bigint | undefined {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = NUMBER.exec(text) ?? [];
  if (whole === '') return undefined;
  const digits = (whole + fraction).replace(/^0+/, '');
  const significant = digits.replace(/0+$/, '');
  const zeros = digits.length - significant.length - fraction.length + Number(exponent);
  if (significant === '') return 0n;
  if (zeros < 0 || significant.length + zeros > MAX_DIGITS) return undefined;
  const value = BigInt(`${sign}${significant}${'0'.repeat(zeros)}`);
  const [min, max] = RANGES[type];
  return value >= min && value <= max ? value : undefined;
}

/** The bytes of base64, either alphabet, padded or not; undefined when it is neither. */
export function base64Of(text: string): Uint8Array | undefined {
  const digits = /[\r\n]/.test(text) ? text.replace(/[\r\n]/g, '') : text;
  const alphabet = /[-_]/.test(digits) ? /[^A-Za-z0-9_-]/ : /[^A-Za-z0-9+/]/;
  let end = digits.length;
  if (text.length % 4 === 0) {
    if (digits.length % 4 !== 0) return undefined;
    if (digits.endsWith('==')) end -= 2;
    else if (digits.endsWith('=')) end -= 1;
  }
  if (end % 4 === 1 || alphabet.test(digits.slice(0, end))) return undefined;
  return Buffer.from(digits, 'base64');
}

/** The number of an enum's value by name or number. A name that is not known stands for nothing. */
export function enumOf(field: Field, kind: string, text: string): number | 'unknown name' | undefined {
  if (kind === 'string') return field.numberOf(text) ?? 'unknown name';
  if (kind !== 'number') return undefined;
  const number = integerOf('int32', text);
  return number === undefined ? undefined : Number(number);
}
