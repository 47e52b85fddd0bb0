import assert from 'node:assert/strict';
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { memberOptions } from '../../cli/flags/member-options.ts';
import { UsageError } from '../../cli/usage-error.ts';
import { DEFAULT_AUTH, type MemberAuthConfig } from '../../member/config.ts';

const folder = mkdtempSync(join(tmpdir(), 'keelson-auth-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const file = (name: string, content: string): string => {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
};
const auth = (flags: Readonly<Record<string, string>>): MemberAuthConfig | undefined =>
  memberOptions(new Map(Object.entries(flags))).config.auth;

const pemOf = ({ privateKey, publicKey }: { privateKey: KeyObject; publicKey: KeyObject }) => ({
  privateKey: String(privateKey.export({ type: 'pkcs8', format: 'pem' })),
  publicKey: String(publicKey.export({ type: 'spki', format: 'pem' })),
});
const newEc = () => pemOf(generateKeyPairSync('ec', { namedCurve: 'P-256' }));
const rsa = pemOf(generateKeyPairSync('rsa', { modulusLength: 2048 }));
const ec = newEc();
const rsaKey = file('rsa.pem', rsa.privateKey);
const rsaPublic = file('rsa.pub', rsa.publicKey);
const ecKey = file('ec.pem', ec.privateKey);
const ecPublic = file('ec.pub', ec.publicKey);
const edKey = file('ed.pem', pemOf(generateKeyPairSync('ed25519')).privateKey);
const secret = file('secret', 'a secret of some length that is shared');

test('without flags: simple tokens for five minutes', () => assert.deepEqual(auth({}), DEFAULT_AUTH));

test('simple tokens that live longer, and a dearer hash', () => {
  assert.deepEqual(auth({ 'auth-token': 'simple', 'auth-token-ttl': '60', 'bcrypt-cost': '12' }), {
    tokens: { type: 'simple', ttlMs: 60_000 },
    bcryptCost: 12,
  });
  assert.equal(auth({ 'bcrypt-cost': '99' })?.bcryptCost, 10, "a cost that bcrypt does not have is etcd's default");
});

const SIGNED: readonly (readonly [string, boolean, number])[] = [
  [`jwt,priv-key=${rsaKey},sign-method=RS256`, true, 300_000],
  [`jwt,pub-key=${rsaPublic},priv-key=${rsaKey},sign-method=PS512,ttl=10m`, true, 600_000],
  [`jwt,pub-key=${rsaPublic},sign-method=RS256`, false, 300_000],
  [`jwt,priv-key=${ecKey},sign-method=ES256,ttl=1m30s`, true, 90_000],
  [`jwt,priv-key=${edKey},sign-method=EdDSA`, true, 300_000],
  [`jwt,priv-key=${secret},sign-method=HS256`, true, 300_000],
];
for (const [flag, signs, ttlMs] of SIGNED) {
  test(flag.replaceAll(folder, ''), () => {
    const tokens = auth({ 'auth-token': flag })?.tokens;
    assert.equal(tokens?.type, 'jwt');
    assert.equal(tokens?.type === 'jwt' && tokens.signKey !== undefined, signs);
    assert.equal(tokens?.ttlMs, ttlMs);
  });
}

const REFUSED: readonly (readonly [Readonly<Record<string, string>>, RegExp])[] = [
  [{ 'auth-token': 'magic' }, /"magic" for --auth-token: must be simple, or jwt/],
  [{ 'auth-token': 'simple,ttl=5' }, /must be simple, or jwt/],
  [{ 'auth-token': 'jwt' }, /sign-method must be one such as/],
  [{ 'auth-token': 'jwt,sign-method=none' }, /sign-method must be one such as/],
  [{ 'auth-token': 'jwt,sign-method=RS256' }, /needs priv-key=FILE/],
  [{ 'auth-token': 'jwt,sign-method=HS256' }, /needs priv-key=FILE with the shared secret/],
  [{ 'auth-token': `jwt,sign-method=RS256,priv-key=${ecKey}` }, /is a key for ec, which the sign-method does not take/],
  [{ 'auth-token': `jwt,sign-method=ES256,priv-key=${ecKey},pub-key=${rsaPublic}` }, /is a key for rsa/],
  [{ 'auth-token': `jwt,sign-method=RS256,priv-key=${folder}/none` }, /cannot be read: ENOENT/],
  [{ 'auth-token': `jwt,sign-method=RS256,priv-key=${secret}` }, /is no key in PEM/],
  [{ 'auth-token': `jwt,sign-method=ES256,priv-key=${ecKey},ttl=soon` }, /ttl must be a duration/],
  [{ 'auth-token': `jwt,sign-method=ES256,priv-key=${ecKey},color=red` }, /has no option "color"/],
  [{ 'auth-token': `jwt,sign-method=ES256,priv-key=${ecKey},priv-key=${ecKey}` }, /each once/],
  [
    {
      'auth-token': `jwt,sign-method=ES256,priv-key=${ecKey},pub-key=${file('other.pub', newEc().publicKey)}`,
    },
    /pub-key and priv-key don't match/,
  ],
  [{ 'auth-token-ttl': '0' }, /--auth-token-ttl/],
  [{ 'bcrypt-cost': 'high' }, /--bcrypt-cost/],
];
for (const [flags, text] of REFUSED) {
  test(`refused: ${JSON.stringify(flags).replaceAll(folder, '')}`, () => {
    assert.throws(
      () => auth(flags),
      (error: unknown) => error instanceof UsageError && text.test(error.message) && !error.message.includes('\n'),
    );
  });
}

test('the public half of the pair is fine', () => {
  assert.equal(
    auth({ 'auth-token': `jwt,sign-method=ES256,priv-key=${ecKey},pub-key=${ecPublic}` })?.tokens.type,
    'jwt',
  );
});
