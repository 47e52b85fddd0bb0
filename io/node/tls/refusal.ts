import { X509Certificate } from 'node:crypto';
import { lookup, lookupService } from 'node:dns/promises';
import { isIP } from 'node:net';
import type { DetailedPeerCertificate, TLSSocket } from 'node:tls';
import { serialOf } from './revocation.ts';
import type { TlsSettings } from './settings.ts';

/** What names resolve to; the system's resolver unless a test has its own. */
export interface Resolver {
  /** The names of an address; none when it has none. */
  namesOf(address: string): Promise<readonly string[]>;
  /** The addresses of a name; none when it has none. */
  addressesOf(name: string): Promise<readonly string[]>;
}

/**
 * Why the other side of a handshake that went well is not let in all the same; undefined when it is. Source: etcd listener_tls.go and
 * listener.go (CRL, allowed CN and hostname, SAN of the address).
 */
export async function refusalOf(
  socket: TLSSocket,
  settings: TlsSettings,
  { revoked, resolver = SYSTEM }: { readonly revoked: ReadonlySet<string> | undefined; readonly resolver?: Resolver },
): Promise<string | undefined> {
  const shown = shownBy(socket);
  const { allowedNames = [], allowedHostnames = [] } = settings;
  if (shown === undefined) {
    return allowedNames.length + allowedHostnames.length > 0 ? 'no certificate was shown' : undefined;
  }
  const certificate = new X509Certificate(shown.raw);
  for (const serial of serialsIn(shown)) {
    if (revoked?.has(serial) === true) return `certificate serial ${serial} revoked`;
  }
  const commonName = commonNameIn(shown);
  if (allowedNames.length > 0 && !allowedNames.includes(commonName))
    return `the common name "${commonName}" is not among those allowed`;
  if (allowedHostnames.length > 0 && !allowedHostnames.some((name) => isGoodFor(certificate, name)))
    return 'the certificate is for none of the host names allowed';
  return settings.checkRemoteAddress === true ? addressRefusal(certificate, addressOf(socket), resolver) : undefined;
}

/** Whether a certificate is for a host name or an address, by its alternative names alone, as Go has it. */
export function isGoodFor(certificate: X509Certificate, host: string): boolean {
  if (isIP(host) !== 0) return certificate.checkIP(host) !== undefined;
  return certificate.checkHost(host, { subject: 'never', partialWildcards: false }) !== undefined;
}

/** What the other side has shown; undefined when it has shown nothing. */
export function certificateOf(socket: TLSSocket): X509Certificate | undefined {
  const shown = shownBy(socket);
  return shown === undefined ? undefined : new X509Certificate(shown.raw);
}

/** Not getPeerX509Certificate(): in a client it takes the certificate out of the chain, and answers only once (Node 20). */
function shownBy(socket: TLSSocket): DetailedPeerCertificate | undefined {
  const shown: Partial<DetailedPeerCertificate> | null = socket.getPeerCertificate(true);
  return shown?.raw === undefined ? undefined : (shown as DetailedPeerCertificate);
}

/** The shown certificate and those that lead from it to the CA, which is its own issuer. */
function serialsIn(shown: DetailedPeerCertificate): readonly string[] {
  const serials: string[] = [];
  for (let one: DetailedPeerCertificate | undefined = shown; one !== undefined; one = one.issuerCertificate) {
    const serial = serialOf(one.serialNumber);
    if (serials.includes(serial)) break;
    serials.push(serial);
  }
  return serials;
}

/** Of several the last, as Go has it. */
function commonNameIn({ subject }: DetailedPeerCertificate): string {
  const name: unknown = subject?.CN;
  const last: unknown = Array.isArray(name) ? name.at(-1) : name;
  return typeof last === 'string' ? last : '';
}

/** A certificate without addresses and names is good from everywhere. */
async function addressRefusal(
  certificate: X509Certificate,
  address: string,
  resolver: Resolver,
): Promise<string | undefined> {
  const { addresses, names } = alternativeNamesIn(certificate);
  if (addresses.length + names.length === 0 || certificate.checkIP(address) !== undefined) return undefined;
  if (names.length > 0 && (await hasOneOf(address, names, resolver))) return undefined;
  return `"${address}" does not match any of ${[...addresses, ...names].map((name) => `"${name}"`).join(', ')}`;
}

/** First the names of the address, then the addresses of the names; wildcards only work the first way. */
async function hasOneOf(address: string, names: readonly string[], resolver: Resolver): Promise<boolean> {
  const own = await resolver.namesOf(address);
  const isNamed = names.some((name) =>
    name.startsWith('*.') ? own.some((each) => each.endsWith(name.slice(1))) : own.includes(name),
  );
  if (isNamed) return true;
  for (const name of names) {
    if (!name.startsWith('*.') && (await resolver.addressesOf(name)).includes(address)) return true;
  }
  return false;
}

function alternativeNamesIn({ subjectAltName = '' }: X509Certificate): {
  readonly addresses: readonly string[];
  readonly names: readonly string[];
} {
  const valuesOf = (kind: string): readonly string[] =>
    [...subjectAltName.matchAll(new RegExp(`(?:^|, )${kind}:("(?:[^"\\\\]|\\\\.)*"|[^,]*)`, 'g'))].map(
      ([, value = '']) => (value.startsWith('"') ? String(JSON.parse(value)) : value),
    );
  return { addresses: valuesOf('IP Address'), names: valuesOf('DNS') };
}

/** IPv4 as such, also on a socket that is IPv6. */
function addressOf({ remoteAddress = '' }: TLSSocket): string {
  return remoteAddress.replace(/^::ffff:(?=\d+\.)/, '');
}

const SYSTEM: Resolver = {
  namesOf: async (address) => {
    try {
      return [(await lookupService(address, 0)).hostname.replace(/\.$/, '')];
    } catch {
      return [];
    }
  },
  addressesOf: async (name) => {
    try {
      return (await lookup(name, { all: true })).map(({ address }) => address);
    } catch {
      return [];
    }
  },
};
