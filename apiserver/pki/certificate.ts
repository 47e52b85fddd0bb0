import {
  createHash,
  createPrivateKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  sign,
  X509Certificate,
} from 'node:crypto';
import { isIP } from 'node:net';
import {
  bitString,
  boolean,
  explicit,
  implicit,
  objectIdentifier,
  octetString,
  sequence,
  set,
  time,
  unsignedInteger,
  utf8String,
} from './der.ts';

/** Who a certificate is for: its subject. */
export interface Subject {
  readonly commonName?: string;
  readonly organizations?: readonly string[];
}

/** A key with its certificate, PEM. */
export interface KeyPair {
  readonly certificatePem: string;
  readonly keyPem: string;
}

const DAY_MS = 86_400_000;
export const CA_VALIDITY_MS = 3650 * DAY_MS;
/** How long serving and client certificates are good for; they are issued anew when less than a tenth is left. */
export const LEAF_VALIDITY_MS = 365 * DAY_MS;
/** Certificates begin in the past so that a clock which lags a little accepts them. */
const BACKDATE_MS = 5 * 60_000;

const OID = {
  commonName: '2.5.4.3',
  organization: '2.5.4.10',
  ecdsaWithSha256: '1.2.840.10045.4.3.2',
  sha256WithRsa: '1.2.840.113549.1.1.11',
  subjectKeyIdentifier: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  authorityKeyIdentifier: '2.5.29.35',
  extendedKeyUsage: '2.5.29.37',
  serverAuth: '1.3.6.1.5.5.7.3.1',
  clientAuth: '1.3.6.1.5.5.7.3.2',
} as const;

/** A certificate authority of our own: ECDSA P-256, good for ten years from `nowMs`. */
export function createCa(commonName: string, nowMs: number): KeyPair {
  const { publicKey, privateKey } = newKey();
  const name = nameOf({ commonName });
  const keyId = keyIdentifier(publicKey);
  const certificate = signed(
    {
      issuer: name,
      subject: name,
      publicKey,
      notBeforeMs: nowMs - BACKDATE_MS,
      notAfterMs: nowMs + CA_VALIDITY_MS,
      extensions: [
        extension(OID.basicConstraints, sequence(boolean(true)), true),
        extension(OID.keyUsage, bitString(Buffer.from([0b1000_0110]), 1), true), // digitalSignature, keyCertSign, cRLSign
        extension(OID.subjectKeyIdentifier, octetString(keyId)),
      ],
    },
    privateKey,
  );
  return { certificatePem: pem('CERTIFICATE', certificate), keyPem: keyPem(privateKey) };
}

/** A certificate for a server that is reached under `hosts` (DNS names and IP addresses). */
export function issueServing(ca: KeyPair, subject: Subject, hosts: readonly string[], nowMs: number): KeyPair {
  return issue(ca, subject, OID.serverAuth, [extension(OID.subjectAltName, alternativeNames(hosts))], nowMs);
}

/** A certificate by which a client says who it is: CN the user, O its groups. */
export function issueClient(ca: KeyPair, subject: Subject, nowMs: number): KeyPair {
  return issue(ca, subject, OID.clientAuth, [], nowMs);
}

/** A certificate that nobody else has signed, for servers and clients alike, as etcd's --auto-tls makes it. */
export function selfSigned(
  hosts: readonly string[],
  { nowMs, validityYears }: { readonly nowMs: number; readonly validityYears: number },
): KeyPair {
  const { publicKey, privateKey } = newKey();
  const name = nameOf({ organizations: ['etcd'] });
  const certificate = signed(
    {
      issuer: name,
      subject: name,
      publicKey,
      notBeforeMs: nowMs - BACKDATE_MS,
      notAfterMs: nowMs + validityYears * 365 * DAY_MS,
      extensions: [
        extension(OID.keyUsage, bitString(Buffer.from([0b1000_0000]), 7), true),
        extension(OID.extendedKeyUsage, sequence(objectIdentifier(OID.serverAuth), objectIdentifier(OID.clientAuth))),
        extension(OID.basicConstraints, sequence(), true),
        extension(OID.subjectKeyIdentifier, octetString(keyIdentifier(publicKey))),
        extension(OID.subjectAltName, alternativeNames(hosts)),
      ],
    },
    privateKey,
  );
  return { certificatePem: pem('CERTIFICATE', certificate), keyPem: keyPem(privateKey) };
}

function issue(ca: KeyPair, subject: Subject, usage: string, more: readonly Buffer[], nowMs: number): KeyPair {
  const { publicKey, privateKey } = newKey();
  const caKey = createPrivateKey(ca.keyPem);
  const caCertificate = new X509Certificate(ca.certificatePem);
  const certificate = signed(
    {
      issuer: subjectDer(caCertificate),
      subject: nameOf(subject),
      publicKey,
      notBeforeMs: nowMs - BACKDATE_MS,
      notAfterMs: Math.min(nowMs + LEAF_VALIDITY_MS, Date.parse(caCertificate.validTo)),
      extensions: [
        extension(OID.keyUsage, bitString(Buffer.from([0b1000_0000]), 7), true),
        extension(OID.extendedKeyUsage, sequence(objectIdentifier(usage))),
        extension(OID.basicConstraints, sequence(), true),
        extension(OID.subjectKeyIdentifier, octetString(keyIdentifier(publicKey))),
        extension(OID.authorityKeyIdentifier, sequence(implicit(0, keyIdentifier(caCertificate.publicKey)))),
        ...more,
      ],
    },
    caKey,
  );
  return { certificatePem: pem('CERTIFICATE', certificate), keyPem: keyPem(privateKey) };
}

interface ToBeSigned {
  readonly issuer: Buffer;
  readonly subject: Buffer;
  readonly publicKey: KeyObject;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
  readonly extensions: readonly Buffer[];
}

function signed(certificate: ToBeSigned, key: KeyObject): Buffer {
  const algorithm = sequence(
    objectIdentifier(key.asymmetricKeyType === 'rsa' ? OID.sha256WithRsa : OID.ecdsaWithSha256),
    ...(key.asymmetricKeyType === 'rsa' ? [Buffer.from([0x05, 0x00])] : []),
  );
  const body = sequence(
    explicit(0, unsignedInteger(Buffer.from([2]))),
    unsignedInteger(serialNumber()),
    algorithm,
    certificate.issuer,
    sequence(time(certificate.notBeforeMs), time(certificate.notAfterMs)),
    certificate.subject,
    certificate.publicKey.export({ type: 'spki', format: 'der' }),
    explicit(3, sequence(...certificate.extensions)),
  );
  return sequence(body, algorithm, bitString(sign('sha256', body, key)));
}

/** 127 random bits: positive, and never zero (RFC 5280 §4.1.2.2). */
function serialNumber(): Buffer {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  return bytes;
}

const newKey = (): { publicKey: KeyObject; privateKey: KeyObject } =>
  generateKeyPairSync('ec', { namedCurve: 'prime256v1' });

function nameOf(subject: Subject): Buffer {
  const part = (oid: string, value: string): Buffer => set(sequence(objectIdentifier(oid), utf8String(value)));
  return sequence(
    ...(subject.organizations ?? []).map((organization) => part(OID.organization, organization)),
    ...(subject.commonName === undefined ? [] : [part(OID.commonName, subject.commonName)]),
  );
}

const extension = (oid: string, value: Buffer, critical = false): Buffer =>
  sequence(objectIdentifier(oid), ...(critical ? [boolean(true)] : []), octetString(value));

function alternativeNames(hosts: readonly string[]): Buffer {
  return sequence(
    ...hosts.map((host) =>
      isIP(host) === 0 ? implicit(2, Buffer.from(host, 'ascii')) : implicit(7, addressBytes(host)),
    ),
  );
}

/** The 4 or 16 bytes of an IP address. */
export function addressBytes(address: string): Buffer {
  if (isIP(address) === 4) return Buffer.from(address.split('.').map(Number));
  const dotted = /^(.*:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(address);
  const pair = (high: string | undefined, low: string | undefined): string =>
    ((Number(high) << 8) | Number(low)).toString(16);
  const text = dotted === null ? address : `${dotted[1]}${pair(dotted[2], dotted[3])}:${pair(dotted[4], dotted[5])}`;
  const [left = '', right] = text.split('::');
  const groups = (part: string): number[] =>
    part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16));
  const head = groups(left);
  const tail = right === undefined ? [] : groups(right);
  const all = [...head, ...new Array<number>(8 - head.length - tail.length).fill(0), ...tail];
  return Buffer.from(all.flatMap((group) => [group >> 8, group & 0xff]));
}

/** SHA-1 of the public key's bits (RFC 5280 §4.2.1.2, method 1 in spirit: of the whole SubjectPublicKeyInfo). */
function keyIdentifier(key: KeyObject): Buffer {
  return createHash('sha1')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest();
}

/** The subject of a certificate as it is encoded there: an issuer name must repeat it byte for byte. */
function subjectDer(certificate: X509Certificate): Buffer {
  const [body] = children(certificate.raw, 0);
  const fields = children(certificate.raw, body?.start ?? 0);
  const hasVersion = certificate.raw[fields[0]?.start ?? 0] === 0xa0 ? 1 : 0;
  const subject = fields[hasVersion + 4]; // serial, signature, issuer, validity, subject
  return Buffer.from(certificate.raw.subarray(subject?.start, subject?.end));
}

interface Span {
  readonly start: number;
  readonly end: number;
}

/** The elements inside the constructed element that starts at `offset`. Only for DER that OpenSSL has parsed already. */
function children(bytes: Buffer, offset: number): readonly Span[] {
  const outer = header(bytes, offset);
  const found: Span[] = [];
  for (let at = outer.content; at < outer.end; at = header(bytes, at).end)
    found.push({ start: at, end: header(bytes, at).end });
  return found;
}

function header(bytes: Buffer, offset: number): { readonly content: number; readonly end: number } {
  const first = bytes[offset + 1] ?? 0;
  if (first < 0x80) return { content: offset + 2, end: offset + 2 + first };
  const sizeBytes = first & 0x7f;
  const size = bytes.readUIntBE(offset + 2, sizeBytes);
  return { content: offset + 2 + sizeBytes, end: offset + 2 + sizeBytes + size };
}

const keyPem = (key: KeyObject): string => key.export({ type: 'pkcs8', format: 'pem' }).toString();

/** DER as a PEM block. */
export function pem(label: string, bytes: Uint8Array): string {
  const lines =
    Buffer.from(bytes)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}
