/** A version of TLS, in etcd's words. */
export type TlsVersion = 'TLS1.2' | 'TLS1.3';

/** Where certificates and keys lie (PEM), and who is let in by them. The files are read again when they change. */
export interface TlsSettings {
  readonly certFile: string;
  readonly keyFile: string;
  /** What is shown when this side connects; `certFile` and `keyFile` unless given. */
  readonly dialCertFile?: string;
  readonly dialKeyFile?: string;
  /** Who signs the certificates of others; the roots that Node brings unless given. */
  readonly trustedCaFile?: string;
  /** Certificates that count no more, by serial number; PEM or DER. */
  readonly crlFile?: string;
  /** Whoever connects must show a certificate of the trusted CA. */
  readonly requireClientCertificate: boolean;
  /** Common names, of which a certificate must have one; any when empty. */
  readonly allowedNames?: readonly string[];
  /** Host names or addresses, for one of which a certificate must be good; any when empty. */
  readonly allowedHostnames?: readonly string[];
  /** The addresses or names in a certificate must be those of who connects. Source: etcd listener_tls.go, checkSAN. */
  readonly checkRemoteAddress?: boolean;
  /** Takes any certificate of the server it connects to: self-signed ones have no CA. */
  readonly trustAnyServer?: boolean;
  readonly minVersion: TlsVersion;
  readonly maxVersion?: TlsVersion;
  /** For TLS 1.2, in OpenSSL's words (`cipher-suites.ts`); OpenSSL's own unless given. */
  readonly ciphers?: string;
}

/** The files of settings, by what they are for. */
export type TlsFileRole = 'certFile' | 'keyFile' | 'dialCertFile' | 'dialKeyFile' | 'trustedCaFile' | 'crlFile';

/** A file of certificates or keys that cannot be used. `message` is one line without the file's content. */
export class TlsFileError extends Error {
  override readonly name = 'TlsFileError';
  readonly role: TlsFileRole;
  constructor(role: TlsFileRole, path: string, detail: string) {
    super(`${path}: ${detail}`);
    this.role = role;
  }
}
