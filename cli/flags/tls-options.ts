import { cipherOf } from '../../io/node/tls/cipher-suites.ts';
import { loadTlsMaterial } from '../../io/node/tls/material.ts';
import { TlsFileError, type TlsFileRole, type TlsSettings, type TlsVersion } from '../../io/node/tls/settings.ts';
import { UsageError } from '../usage-error.ts';
import type { FlagReader } from './flag.ts';

/** How one side of a member speaks TLS. `auto`: its certificate is made when the member starts, for these hosts. */
export type TlsChoice =
  | { readonly type: 'files'; readonly settings: TlsSettings }
  | {
      readonly type: 'auto';
      readonly hosts: readonly string[];
      readonly validityYears: number;
      readonly versions: TlsVersions;
    };

/** What is said once for both sides. */
export type TlsVersions = Pick<TlsSettings, 'minVersion' | 'maxVersion' | 'ciphers'>;

/** TLS for clients: undefined when no URL is https. Every file is read and checked. Errors: UsageError that names the flag. */
export function clientTls(flags: FlagReader, urls: readonly string[]): TlsChoice | undefined {
  const versions = versionsOf(flags);
  if (!urls.some((url) => url.startsWith('https:'))) {
    if (flags.bool('client-cert-auth'))
      throw new UsageError('--client-cert-auth needs an https URL in --listen-client-urls');
    return undefined;
  }
  const own = ['cert-file', 'key-file'];
  if (flags.bool('auto-tls') && !own.some((name) => flags.has(name))) return auto(flags, urls, 'auto-tls', CLIENT);
  needs(flags, own, '--listen-client-urls has https URLs: --cert-file and --key-file are needed (or --auto-tls)');
  if (flags.bool('client-cert-auth') && !flags.has('trusted-ca-file'))
    throw new UsageError('--client-cert-auth needs --trusted-ca-file');
  const allowedHostnames = flags.list('client-cert-allowed-hostname');
  if (allowedHostnames.length + (flags.has('client-crl-file') ? 1 : 0) > 0 && !flags.has('trusted-ca-file'))
    throw new UsageError('--client-cert-allowed-hostname and --client-crl-file need --trusted-ca-file');
  const settings: TlsSettings = {
    ...filesOf(flags, CLIENT),
    // As with etcd, a CA is enough.
    requireClientCertificate: flags.has('trusted-ca-file'),
    allowedHostnames,
    ...versions,
  };
  return checked(settings, CLIENT);
}

/** TLS between members: undefined when the URLs are http. Errors: UsageError that names the flag. */
export function peerTls(flags: FlagReader, urls: readonly string[]): TlsChoice | undefined {
  const versions = versionsOf(flags);
  if (!urls.some((url) => url.startsWith('https:'))) {
    if (flags.bool('peer-client-cert-auth'))
      throw new UsageError('--peer-client-cert-auth needs https in --listen-peer-urls');
    return undefined;
  }
  if (!urls.every((url) => url.startsWith('https:')))
    throw new UsageError('--listen-peer-urls and --initial-advertise-peer-urls must be all http or all https');
  const own = ['peer-cert-file', 'peer-key-file'];
  if (flags.bool('peer-auto-tls') && !own.some((name) => flags.has(name)))
    return auto(flags, urls, 'peer-auto-tls', PEER);
  for (const name of [...own, 'peer-trusted-ca-file'])
    needs(flags, [name], `--listen-peer-urls has https URLs: --${name} is needed (or --peer-auto-tls)`);
  const [allowedNames, allowedHostnames] = [
    flags.list('peer-cert-allowed-cn'),
    flags.list('peer-cert-allowed-hostname'),
  ];
  if (allowedNames.length > 0 && allowedHostnames.length > 0)
    throw new UsageError('--peer-cert-allowed-cn and --peer-cert-allowed-hostname are mutually exclusive');
  const settings: TlsSettings = {
    ...filesOf(flags, PEER),
    requireClientCertificate: true,
    allowedNames,
    allowedHostnames,
    checkRemoteAddress: !flags.bool('peer-skip-client-san-verification'),
    ...versions,
  };
  return checked(settings, PEER);
}

type FlagOf = Readonly<Record<TlsFileRole, string>>;

const CLIENT: FlagOf = {
  certFile: 'cert-file',
  keyFile: 'key-file',
  dialCertFile: 'client-cert-file',
  dialKeyFile: 'client-key-file',
  trustedCaFile: 'trusted-ca-file',
  crlFile: 'client-crl-file',
};
const PEER: FlagOf = {
  certFile: 'peer-cert-file',
  keyFile: 'peer-key-file',
  dialCertFile: 'peer-client-cert-file',
  dialKeyFile: 'peer-client-key-file',
  trustedCaFile: 'peer-trusted-ca-file',
  crlFile: 'peer-crl-file',
};

function filesOf(
  flags: FlagReader,
  names: FlagOf,
): Pick<TlsSettings, 'certFile' | 'keyFile' | 'dialCertFile' | 'dialKeyFile' | 'trustedCaFile' | 'crlFile'> {
  if (flags.has(names.dialCertFile) !== flags.has(names.dialKeyFile))
    throw new UsageError(`--${names.dialCertFile} and --${names.dialKeyFile} go together`);
  const optional = (['dialCertFile', 'dialKeyFile', 'trustedCaFile', 'crlFile'] as const).filter((role) =>
    flags.has(names[role]),
  );
  return {
    certFile: flags.text(names.certFile),
    keyFile: flags.text(names.keyFile),
    ...Object.fromEntries(optional.map((role) => [role, flags.text(names[role])])),
  };
}

/** A certificate that nobody has signed says nothing about who may come in: what demands more is refused, where etcd would drop it. */
function auto(flags: FlagReader, urls: readonly string[], flag: string, names: FlagOf): TlsChoice {
  const others = [names.trustedCaFile, names.crlFile].filter((name) => flags.has(name));
  const demanded = names === CLIENT ? 'client-cert-auth' : 'peer-client-cert-auth';
  if (flags.bool(demanded)) others.push(demanded);
  if (others.length > 0) throw new UsageError(`--${flag} and --${others.join(', --')} exclude each other`);
  return {
    type: 'auto',
    hosts: [...new Set(urls.map((url) => new URL(url).hostname.replace(/^\[|\]$/g, '')))],
    validityYears: flags.integer('self-signed-cert-validity', 1, 100),
    versions: versionsOf(flags),
  };
}

function checked(settings: TlsSettings, names: FlagOf): TlsChoice {
  try {
    loadTlsMaterial(settings);
  } catch (error) {
    if (error instanceof TlsFileError) throw new UsageError(`--${names[error.role]}: ${error.message}`);
    throw new UsageError(
      `--${names.certFile}: it cannot be used: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
  return { type: 'files', settings };
}

function needs(flags: FlagReader, names: readonly string[], otherwise: string): void {
  if (!names.every((name) => flags.has(name))) throw new UsageError(otherwise);
}

/** Source: etcd embed/config.go, Validate; client/pkg/tlsutil. */
function versionsOf(flags: FlagReader): TlsVersions {
  const minVersion = versionOf(flags, 'tls-min-version') ?? 'TLS1.2';
  const maxVersion = versionOf(flags, 'tls-max-version');
  if (maxVersion !== undefined && minVersion > maxVersion)
    throw new UsageError(`--tls-min-version: min version (${minVersion}) is greater than max version (${maxVersion})`);
  const ciphers = flags.list('cipher-suites').map((name) => {
    const found = cipherOf(name);
    if ('fault' in found) throw new UsageError(`--cipher-suites: ${found.fault}`);
    return found.cipher;
  });
  if (minVersion === 'TLS1.3' && ciphers.length > 0)
    throw new UsageError('--cipher-suites: cipher suites cannot be configured when only TLS1.3 is enabled');
  return {
    minVersion,
    ...(maxVersion === undefined ? {} : { maxVersion }),
    ...(ciphers.length === 0 ? {} : { ciphers: ciphers.join(':') }),
  };
}

function versionOf(flags: FlagReader, name: string): TlsVersion | undefined {
  const text = flags.text(name);
  if (text === '') return undefined;
  if (text === 'TLS1.2' || text === 'TLS1.3') return text;
  throw new UsageError(`--${name}: unexpected TLS version "${text}" (must be one of: TLS1.2, TLS1.3)`);
}
