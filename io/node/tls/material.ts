import { constants, createHash, createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createSecureContext, type SecureContext, type SecureContextOptions, type SecureVersion } from 'node:tls';
import { TLS13_CIPHERS } from './cipher-suites.ts';
import { revokedSerials } from './revocation.ts';
import { TlsFileError, type TlsFileRole, type TlsSettings, type TlsVersion } from './settings.ts';

/** What the files of settings held when they were read. */
export interface TlsMaterial {
  /** For those who connect to us. */
  readonly server: SecureContextOptions;
  /** For connecting to others. */
  readonly client: SecureContext;
  /** Serial numbers, as `serialOf` has them; undefined when nothing is revoked. */
  readonly revoked: ReadonlySet<string> | undefined;
  /** Of all of it: the same files have the same. */
  readonly digest: string;
}

/** Reads the files and makes sure that they fit together. Errors: TlsFileError. */
export function loadTlsMaterial(settings: TlsSettings): TlsMaterial {
  const { certFile, keyFile, dialCertFile, dialKeyFile, trustedCaFile, crlFile } = settings;
  const shared: SecureContextOptions & { ca?: Buffer } = {
    ...(trustedCaFile === undefined ? {} : { ca: certificatesIn('trustedCaFile', trustedCaFile) }),
    minVersion: versionOf(settings.minVersion),
    ...(settings.maxVersion === undefined ? {} : { maxVersion: versionOf(settings.maxVersion) }),
    ...(settings.ciphers === undefined ? {} : { ciphers: `${TLS13_CIPHERS.join(':')}:${settings.ciphers}` }),
    // Every connection is judged by the certificates of now: none is resumed, and none negotiates anew.
    secureOptions: constants.SSL_OP_NO_TICKET | constants.SSL_OP_NO_RENEGOTIATION,
  };
  const own = pairIn(['certFile', certFile], ['keyFile', keyFile]);
  const shown =
    dialCertFile === undefined || dialKeyFile === undefined
      ? own
      : pairIn(['dialCertFile', dialCertFile], ['dialKeyFile', dialKeyFile]);
  const server = { ...shared, ...own };
  createSecureContext(server); // fails here, not at the first handshake
  const revoked = crlFile === undefined ? undefined : revokedIn(crlFile);
  const digest = createHash('sha256');
  for (const part of [own.cert, own.key, shown.cert, shown.key, shared.ca ?? '', [...(revoked ?? [])].join()])
    digest.update(part).update('\0');
  return { server, client: createSecureContext({ ...shared, ...shown }), revoked, digest: digest.digest('hex') };
}

type NamedFile = readonly [role: TlsFileRole, path: string];

function pairIn(cert: NamedFile, key: NamedFile): { readonly cert: Buffer; readonly key: Buffer } {
  const certPem = certificatesIn(...cert);
  const keyPem = read(...key);
  let isPair: boolean;
  try {
    isPair = new X509Certificate(certPem).checkPrivateKey(createPrivateKey(keyPem));
  } catch {
    throw new TlsFileError(...key, 'holds no PEM private key that can be read');
  }
  if (!isPair) throw new TlsFileError(...key, `the private key is not the certificate's of ${cert[1]}`);
  return { cert: certPem, key: keyPem };
}

function certificatesIn(role: TlsFileRole, path: string): Buffer {
  const pem = read(role, path);
  const blocks = pem.toString('latin1').match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  if (blocks.length === 0) throw new TlsFileError(role, path, 'holds no PEM certificate');
  for (const block of blocks) {
    try {
      new X509Certificate(block);
    } catch {
      throw new TlsFileError(role, path, 'holds a certificate that cannot be read');
    }
  }
  return pem;
}

function revokedIn(path: string): ReadonlySet<string> {
  const revoked = revokedSerials(read('crlFile', path));
  if (revoked === undefined) throw new TlsFileError('crlFile', path, 'is no certificate revocation list, PEM or DER');
  return revoked;
}

function read(role: TlsFileRole, path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new TlsFileError(role, path, `cannot be read: ${(error as NodeJS.ErrnoException).code ?? 'unknown error'}`);
  }
}

const versionOf = (version: TlsVersion): SecureVersion => (version === 'TLS1.3' ? 'TLSv1.3' : 'TLSv1.2');
