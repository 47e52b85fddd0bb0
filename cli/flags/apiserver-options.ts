import { isIP } from 'node:net';
import { join, resolve } from 'node:path';
import { pluginFlagsError } from '../../apiserver/admission/known-plugins.ts';
import { TokenFileError, tokenFileAuthenticator } from '../../apiserver/authn/token-file.ts';
import type { KeyPair } from '../../apiserver/pki/certificate.ts';
import { certificatesOf, checkKeyPair, PemError, privateKeyOf, publicKeysOf } from '../../apiserver/pki/pem.ts';
import type { ClientTls } from '../../client/channel.ts';
import { UsageError } from '../usage-error.ts';
import { APISERVER_FLAGS, PREFIX_FLAG, STORE_FLAGS } from './apiserver-flags.ts';
import { readText } from './files.ts';
import { type Flag, FlagReader, type Given } from './flag.ts';
import { type LogLevel, logLevelOf } from './log-level.ts';

export type AuthorizationMode = 'RBAC' | 'AlwaysAllow' | 'AlwaysDeny' | 'Node';

/** An API server as the command line wants it; every file was read and every value checked, nothing was written. */
export interface ApiServerSettings {
  readonly bindAddress: string;
  readonly port: number;
  /** Absolute. What no flag gives is made here. */
  readonly certDir: string;
  /** Undefined: none is written. */
  readonly adminKubeconfig: string | undefined;
  /** More names and addresses of the serving certificate that is made. */
  readonly hosts: readonly string[];
  readonly serving?: KeyPair;
  readonly clientCaPem?: string;
  readonly tokenFile?: { readonly path: string; readonly csv: string };
  readonly anonymous: boolean;
  readonly serviceAccountKeys?: readonly string[];
  readonly serviceAccountSigningKey?: string;
  readonly issuers: readonly string[];
  readonly jwksUri?: string;
  readonly maxTokenSeconds: number;
  readonly apiAudiences: readonly string[];
  readonly authorizationModes: readonly AuthorizationMode[];
  readonly admission: { readonly enable: readonly string[]; readonly disable: readonly string[] };
  readonly maxReads: number;
  readonly maxWrites: number;
  readonly controllers: readonly string[];
  readonly storePrefix: string;
  readonly logLevel: LogLevel;
  /** Flags that were given and have no effect, for a line in the log. */
  readonly idle: readonly string[];
}

/** How to reach the store. */
export interface StoreSettings {
  readonly endpoints: readonly string[];
  readonly tls?: ClientTls;
}

/** What `keelson apiserver` and `keelson server` can run besides what always runs. */
export const SWITCHABLE_CONTROLLERS: readonly string[] = [
  'namespace-deletion',
  'namespace-furniture',
  'role-aggregation',
];

const ALL_FLAGS: readonly Flag[] = [...APISERVER_FLAGS, ...STORE_FLAGS, PREFIX_FLAG];

/** Reads and checks the settings of an API server. Errors: UsageError, one line that names the flag. */
export function apiServerSettings(given: Given): ApiServerSettings {
  const flags = new FlagReader(ALL_FLAGS, given);
  return asUsageErrors(() => ({
    bindAddress: bindAddress(flags),
    port: flags.port('secure-port'),
    certDir: resolve(flags.text('cert-dir')),
    adminKubeconfig: adminKubeconfig(flags),
    hosts: ['advertise-address', 'external-hostname'].map((name) => flags.text(name)).filter((host) => host !== ''),
    ...serving(flags),
    ...pemFile(flags, 'client-ca-file', 'clientCaPem', certificatesOf),
    ...tokenFile(flags),
    anonymous: flags.bool('anonymous-auth'),
    ...serviceAccountKeys(flags),
    ...pemFile(flags, 'service-account-signing-key-file', 'serviceAccountSigningKey', privateKeyOf),
    ...issuer(flags),
    authorizationModes: authorizationModes(flags),
    admission: admission(flags),
    maxReads: flags.integer('max-requests-inflight', 0),
    maxWrites: flags.integer('max-mutating-requests-inflight', 0),
    controllers: controllers(flags),
    storePrefix: storePrefix(flags),
    logLevel: logLevelOf(flags.text('log-level')),
    idle: flags.idle(),
  }));
}

/** Reads where the store is. Errors: UsageError. */
export function storeSettings(given: Given): StoreSettings {
  const flags = new FlagReader(ALL_FLAGS, given);
  if (!flags.has('etcd-servers')) throw new UsageError('--etcd-servers must be specified');
  const endpoints = flags.urls('etcd-servers');
  if (flags.has('etcd-certfile') !== flags.has('etcd-keyfile'))
    throw new UsageError('--etcd-certfile and --etcd-keyfile go together');
  const file = (name: string): Buffer => Buffer.from(readText(flags.text(name), `--${name}`));
  const tls: ClientTls = {
    ...(flags.has('etcd-cafile') ? { ca: file('etcd-cafile') } : {}),
    ...(flags.has('etcd-certfile') ? { cert: file('etcd-certfile'), key: file('etcd-keyfile') } : {}),
  };
  return { endpoints, ...(Object.keys(tls).length === 0 ? {} : { tls }) };
}

function asUsageErrors<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof PemError || error instanceof TokenFileError) throw new UsageError(error.message);
    throw error;
  }
}

function bindAddress(flags: FlagReader): string {
  const address = flags.text('bind-address');
  if (isIP(address) === 0) throw new UsageError(`invalid value "${address}" for --bind-address: must be an IP address`);
  return address;
}

function adminKubeconfig(flags: FlagReader): string | undefined {
  const path = flags.text('admin-kubeconfig');
  if (path === 'none') return undefined;
  return resolve(path === '' ? join(flags.text('cert-dir'), 'admin.kubeconfig') : path);
}

function serving(flags: FlagReader): { readonly serving?: KeyPair } {
  const [certificate, key] = [flags.text('tls-cert-file'), flags.text('tls-private-key-file')];
  if (certificate === '' && key === '') return {};
  if (certificate === '' || key === '') throw new UsageError('--tls-cert-file and --tls-private-key-file go together');
  const pair = {
    certificatePem: certificatesOf(readText(certificate, '--tls-cert-file'), certificate, '--tls-cert-file'),
    keyPem: privateKeyOf(readText(key, '--tls-private-key-file'), key, '--tls-private-key-file'),
  };
  checkKeyPair(pair, '--tls-cert-file and --tls-private-key-file');
  return { serving: pair };
}

function pemFile<Name extends string>(
  flags: FlagReader,
  flag: string,
  name: Name,
  check: (text: string, path: string, flag: string) => string,
): { readonly [K in Name]?: string } {
  const path = flags.text(flag);
  if (path === '') return {};
  return { [name]: check(readText(path, `--${flag}`), path, `--${flag}`) } as { readonly [K in Name]?: string };
}

function tokenFile(flags: FlagReader): Pick<ApiServerSettings, 'tokenFile'> {
  const path = flags.text('token-auth-file');
  if (path === '') return {};
  const csv = readText(path, '--token-auth-file');
  tokenFileAuthenticator(csv, path); // says what is wrong with it
  return { tokenFile: { path, csv } };
}

function serviceAccountKeys(flags: FlagReader): Pick<ApiServerSettings, 'serviceAccountKeys'> {
  const paths = flags.list('service-account-key-file');
  if (paths.length === 0) return {};
  const flag = '--service-account-key-file';
  return { serviceAccountKeys: paths.flatMap((path) => publicKeysOf(readText(path, flag), path, flag)) };
}

function issuer(
  flags: FlagReader,
): Pick<ApiServerSettings, 'issuers' | 'jwksUri' | 'maxTokenSeconds' | 'apiAudiences'> {
  const issuers = flags.list('service-account-issuer');
  for (const name of issuers) {
    if (name.includes(':') && !URL.canParse(name))
      throw new UsageError(`invalid value "${name}" for --service-account-issuer: contains a ':' but is not a URL`);
  }
  const jwksUri = flags.text('service-account-jwks-uri');
  const maxTokenSeconds = flags.durationMs('service-account-max-token-expiration') / 1000;
  if (maxTokenSeconds !== 0 && maxTokenSeconds < 3600) {
    throw new UsageError('--service-account-max-token-expiration must be at least 1h');
  }
  const audiences = flags.list('api-audiences');
  return {
    issuers,
    ...(jwksUri === '' ? {} : { jwksUri }),
    maxTokenSeconds,
    apiAudiences: audiences.length === 0 ? issuers : audiences,
  };
}

function authorizationModes(flags: FlagReader): readonly AuthorizationMode[] {
  const modes = flags.list('authorization-mode');
  const isMode = (mode: string): mode is AuthorizationMode =>
    ['RBAC', 'AlwaysAllow', 'AlwaysDeny', 'Node'].includes(mode);
  for (const mode of modes) {
    if (mode === 'ABAC' || mode === 'Webhook') throw new UsageError(`--authorization-mode: "${mode}" is not supported`);
    if (!isMode(mode)) throw new UsageError(`--authorization-mode: "${mode}" is not a valid mode`);
  }
  if (new Set(modes).size < modes.length)
    throw new UsageError(`--authorization-mode: "${modes.join(',')}" has a mode more than once`);
  if (modes.length === 0) throw new UsageError('--authorization-mode: at least one mode must be passed');
  return modes.filter(isMode);
}

function admission(flags: FlagReader): ApiServerSettings['admission'] {
  const enable = flags.list('enable-admission-plugins');
  const disable = flags.list('disable-admission-plugins');
  const wrong = pluginFlagsError(enable, disable);
  if (wrong !== undefined) throw new UsageError(`--${wrong}`);
  return { enable, disable };
}

function controllers(flags: FlagReader): readonly string[] {
  const names = flags.list('controllers');
  for (const name of names) {
    if (name !== '*' && !SWITCHABLE_CONTROLLERS.includes(name.replace(/^-/, '')))
      throw new UsageError(`--controllers: "${name}" is not known`);
  }
  return SWITCHABLE_CONTROLLERS.filter(
    (name) => (names.includes('*') || names.includes(name)) && !names.includes(`-${name}`),
  );
}

function storePrefix(flags: FlagReader): string {
  const prefix = flags.text('etcd-prefix');
  if (/^\/[\x21-\x7e]*$/.test(prefix) && prefix !== '/') return prefix.replace(/\/+$/, '');
  throw new UsageError(`invalid value "${prefix}" for --etcd-prefix: must begin with / and hold no blanks`);
}
