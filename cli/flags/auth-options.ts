import { createPrivateKey, createPublicKey, createSecretKey, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { MemberAuthConfig, TokenConfig } from '../../member/config.ts';
import { UsageError } from '../usage-error.ts';
import { durationMs, type FlagReader } from './flag.ts';

/** The kind of key that a signing method needs. */
const KEY_TYPES: Readonly<Record<string, readonly string[]>> = {
  HS: ['secret'],
  RS: ['rsa'],
  PS: ['rsa', 'rsa-pss'],
  ES: ['ec'],
  Ed: ['ed25519'],
};
const METHODS = /^(?:(HS|RS|PS|ES)(?:256|384|512)|(Ed)DSA)$/;
const DEFAULT_JWT_TTL_MS = 300_000;
/** bcrypt's own bounds. */
const BCRYPT_COST = { least: 4, most: 31, usual: 10 } as const;

/** How clients show who they are: --auth-token, --auth-token-ttl and --bcrypt-cost. Key files are read. Errors: UsageError. */
export function authOptions(flags: FlagReader): MemberAuthConfig {
  const [type = '', ...pairs] = flags.text('auth-token').split(',');
  // As in etcd, a cost that bcrypt does not have is the usual one.
  const asked = flags.integer('bcrypt-cost', Number.MIN_SAFE_INTEGER);
  const bcryptCost = asked < BCRYPT_COST.least || asked > BCRYPT_COST.most ? BCRYPT_COST.usual : asked;
  if (type === 'simple' && pairs.length === 0) {
    const seconds = flags.integer('auth-token-ttl', 1, 1_000_000_000);
    return { tokens: { type: 'simple', ttlMs: seconds * 1000 }, bcryptCost };
  }
  if (type === 'jwt') return { tokens: jwtOptions(pairs), bcryptCost };
  throw invalid(flags.text('auth-token'), 'must be simple, or jwt with its options');
}

function jwtOptions(pairs: readonly string[]): TokenConfig {
  const options = new Map<string, string>();
  for (const pair of pairs) {
    const [name = '', value, ...rest] = pair.split('=');
    if (value === undefined || rest.length > 0 || options.has(name))
      throw invalid(pair, 'must be NAME=VALUE, each once');
    if (!['pub-key', 'priv-key', 'sign-method', 'ttl'].includes(name)) throw invalid(pair, `has no option "${name}"`);
    options.set(name, value);
  }
  const signMethod = options.get('sign-method') ?? '';
  const [, family = '', edwards = ''] = METHODS.exec(signMethod) ?? [];
  const types = KEY_TYPES[family || edwards];
  if (types === undefined)
    throw invalid(signMethod, 'sign-method must be one such as RS256, PS512, ES256, EdDSA or HS256');
  const ttl = options.get('ttl');
  const ttlMs = ttl === undefined ? DEFAULT_JWT_TTL_MS : durationMs(ttl);
  if (ttlMs === undefined || ttlMs <= 0) throw invalid(ttl ?? '', 'ttl must be a duration such as 5m');
  return { type: 'jwt', signMethod, ttlMs, ...keysOf(options, types) };
}

/** The private key signs and verifies; the public one alone only verifies. */
function keysOf(
  options: ReadonlyMap<string, string>,
  types: readonly string[],
): { readonly verifyKey: KeyObject; readonly signKey?: KeyObject } {
  const [privateFile, publicFile] = [options.get('priv-key'), options.get('pub-key')];
  if (types.includes('secret')) {
    if (privateFile === undefined) throw invalid('jwt', 'needs priv-key=FILE with the shared secret');
    const secret = readKey(privateFile, (bytes) => createSecretKey(bytes));
    return { verifyKey: secret, signKey: secret };
  }
  const signKey =
    privateFile === undefined ? undefined : checked(privateFile, readKey(privateFile, createPrivateKey), types);
  const publicKey =
    publicFile === undefined ? undefined : checked(publicFile, readKey(publicFile, createPublicKey), types);
  if (signKey === undefined) {
    if (publicKey === undefined)
      throw invalid('jwt', 'needs priv-key=FILE, or pub-key=FILE to take tokens from elsewhere');
    return { verifyKey: publicKey };
  }
  const verifyKey = createPublicKey(signKey);
  if (publicKey !== undefined && !verifyKey.equals(publicKey)) throw invalid('jwt', "pub-key and priv-key don't match");
  return { verifyKey, signKey };
}

function readKey(path: string, parse: (bytes: Buffer) => KeyObject): KeyObject {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    throw invalid(path, `cannot be read: ${(error as NodeJS.ErrnoException).code ?? 'unknown error'}`);
  }
  try {
    if (bytes.length > 0) return parse(bytes);
  } catch {
    // The reason might quote the key.
  }
  throw invalid(path, 'is no key in PEM');
}

function checked(path: string, key: KeyObject, types: readonly string[]): KeyObject {
  const type = key.asymmetricKeyType ?? 'unknown';
  if (!types.includes(type)) throw invalid(path, `is a key for ${type}, which the sign-method does not take`);
  return key;
}

function invalid(value: string, why: string): UsageError {
  return new UsageError(`invalid value "${value}" for --auth-token: ${why}`);
}
