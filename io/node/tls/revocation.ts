/**
 * The serial numbers in a certificate revocation list, DER or PEM, as `serialOf` has them. As etcd's, it is read for the numbers alone:
 * neither its signature nor its dates are looked at, and a number counts whoever issued the certificate. Undefined when it is no list.
 * Source: RFC 5280 §5.1; etcd listener_tls.go, checkCRL.
 */
export function revokedSerials(file: Uint8Array): ReadonlySet<string> | undefined {
  const bytes = derOf(Buffer.from(file));
  try {
    return new Set(entriesIn(bytes).map(({ start, end }) => serialOf(bytes.subarray(start, end).toString('hex'))));
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** A serial number in hexadecimal without leading zeros. */
export function serialOf(hex: string): string {
  return hex.toLowerCase().replace(/^0+/, '');
}

const Tag = { INTEGER: 0x02, UTC_TIME: 0x17, GENERALIZED_TIME: 0x18, SEQUENCE: 0x30 } as const;

function derOf(file: Buffer): Buffer {
  const block = /-----BEGIN X509 CRL-----([A-Za-z0-9+/=\s]+)-----END X509 CRL-----/.exec(file.toString('latin1'));
  return block?.[1] === undefined ? file : Buffer.from(block[1], 'base64');
}

/** Where the serial numbers lie: the first part of every entry of tbsCertList.revokedCertificates. Errors: RangeError. */
function entriesIn(bytes: Buffer): readonly Element[] {
  const list = elementAt(bytes, 0, bytes.length, Tag.SEQUENCE);
  const signed = elementAt(bytes, list.start, list.end, Tag.SEQUENCE);
  const fields = elementsIn(bytes, signed);
  // version?, signature, issuer, thisUpdate, nextUpdate?, revokedCertificates?, extensions?
  let at = fields[0]?.tag === Tag.INTEGER ? 3 : 2;
  if (!isTime(fields[at])) throw new RangeError('thisUpdate is missing');
  at++;
  if (isTime(fields[at])) at++;
  const revoked = fields[at];
  if (revoked === undefined || revoked.tag !== Tag.SEQUENCE) return [];
  return elementsIn(bytes, revoked).map((entry) => {
    if (entry.tag !== Tag.SEQUENCE) throw new RangeError('an entry is no sequence');
    return elementAt(bytes, entry.start, entry.end, Tag.INTEGER);
  });
}

const isTime = (field: Element | undefined): boolean =>
  field?.tag === Tag.UTC_TIME || field?.tag === Tag.GENERALIZED_TIME;

/** The content of one DER element. */
interface Element {
  readonly tag: number;
  readonly start: number;
  readonly end: number;
}

function elementsIn(bytes: Buffer, { start, end }: Element): readonly Element[] {
  const found: Element[] = [];
  for (let at = start; at < end; ) {
    const element = elementAt(bytes, at, end);
    found.push(element);
    at = element.end;
  }
  return found;
}

function elementAt(bytes: Buffer, at: number, limit: number, wanted?: number): Element {
  const tag = bytes.readUInt8(at);
  if (wanted !== undefined && tag !== wanted) throw new RangeError(`tag ${tag} where ${wanted} must be`);
  const first = bytes.readUInt8(at + 1);
  const lengthBytes = first < 0x80 ? 0 : first & 0x7f;
  if (lengthBytes > 4) throw new RangeError('a length of more than four bytes');
  const length = lengthBytes === 0 ? first & 0x7f : bytes.readUIntBE(at + 2, lengthBytes);
  const start = at + 2 + lengthBytes;
  if ((first & 0x80) !== 0 && lengthBytes === 0) throw new RangeError('a length without end');
  if (start + length > limit) throw new RangeError('an element that goes beyond its parent');
  return { tag, start, end: start + length };
}
