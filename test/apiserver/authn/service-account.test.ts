import assert from 'node:assert/strict';
import { createHmac, generateKeyPairSync } from 'node:crypto';
import { beforeEach, describe, it } from 'node:test';
import { SignJWT } from 'jose';
import { serviceAccountAuthenticator } from '../../../apiserver/authn/service-account.ts';
import { issueToken, type TokenSpec, TokenVerifier } from '../../../apiserver/authn/service-account-token.ts';
import { signingKey, type VerifyingKey, verifyingKey } from '../../../apiserver/authn/token-keys.ts';
import { FewObjects } from './objects.ts';

const ISSUER = 'https://issuer.example';
const OTHER = 'https://old.example';
const AUDIENCE = 'https://api.example';
const NOW = Date.parse('2026-05-05T10:00:00Z');

function pair(kind: 'ec' | 'rsa'): {
  readonly pem: string;
  readonly publicPem: string;
  readonly sign: VerifyingKey;
  readonly verify: VerifyingKey;
} {
  const { privateKey, publicKey } =
    kind === 'ec'
      ? generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
      : generateKeyPairSync('rsa', { modulusLength: 2048 });
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const publicPem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
  const [sign, verify] = [signingKey(pem), verifyingKey(publicPem)];
  assert.ok(sign && verify);
  return { pem, publicPem, sign, verify };
}

const EC = pair('ec');
const RSA = pair('rsa');
const STRANGER = pair('ec');
const SPEC: TokenSpec = {
  namespace: 'default',
  serviceAccount: { name: 'robot', uid: 'u1' },
  audiences: [AUDIENCE],
  expirationSeconds: 3600,
};

let cluster: FewObjects;
let atMs = NOW;
beforeEach(() => {
  cluster = new FewObjects().put('serviceaccounts', 'default', 'robot', 'u1');
  atMs = NOW;
});

function authenticator() {
  const verifier = new TokenVerifier([EC.verify, RSA.verify], [ISSUER, OTHER]);
  return serviceAccountAuthenticator({ verifier, lookup: cluster, apiAudiences: [AUDIENCE], nowMs: () => atMs });
}
const authenticate = (bearerToken: string, audiences: readonly string[] = [], by = authenticator()) =>
  by.authenticate({ bearerToken, clientCertificate: undefined, headers: {} }, audiences);
const issue = async (spec: Partial<TokenSpec> = {}, key = EC.sign, issuer = ISSUER): Promise<string> =>
  (await issueToken({ ...SPEC, ...spec }, { key, issuer }, NOW)).token;

describe('a good service-account token', () => {
  for (const [name, keys, issuer] of [
    ['ES256', EC, ISSUER],
    ['RS256', RSA, ISSUER],
    ['an older issuer', EC, OTHER],
  ] as const) {
    it(`is known: ${name}`, async () => {
      const result = await authenticate(await issue({}, keys.sign, issuer));
      assert.equal(result.type, 'user');
      if (result.type !== 'user') return;
      assert.equal(result.user.name, 'system:serviceaccount:default:robot');
      assert.equal(result.user.uid, 'u1');
      assert.deepEqual(result.user.groups, ['system:serviceaccounts', 'system:serviceaccounts:default']);
      assert.match(result.user.extra['authentication.kubernetes.io/credential-id']?.[0] ?? '', /^JTI=/);
      assert.deepEqual(result.audiences, [AUDIENCE]);
    });
  }

  it('tells the pod and the node it is bound to', async () => {
    cluster.put('pods', 'default', 'p', 'pu').put('nodes', '', 'n', 'nu');
    const result = await authenticate(await issue({ pod: { name: 'p', uid: 'pu' }, node: { name: 'n', uid: 'nu' } }));
    assert.equal(result.type, 'user');
    if (result.type !== 'user') return;
    assert.deepEqual(result.user.extra['authentication.kubernetes.io/pod-name'], ['p']);
    assert.deepEqual(result.user.extra['authentication.kubernetes.io/node-uid'], ['nu']);
  });

  it('is for the audiences that were asked for', async () => {
    const token = await issue({ audiences: ['vault', AUDIENCE] });
    const result = await authenticate(token, ['vault', 'other']);
    assert.deepEqual(result.type === 'user' && result.audiences, ['vault']);
  });
});

const b64 = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const claims = (over: Record<string, unknown> = {}) => ({
  iss: ISSUER,
  sub: 'system:serviceaccount:default:robot',
  aud: [AUDIENCE],
  exp: NOW / 1000 + 3600,
  nbf: NOW / 1000,
  'kubernetes.io': { namespace: 'default', serviceaccount: { name: 'robot', uid: 'u1' } },
  ...over,
});
const signed = (over: Record<string, unknown>): Promise<string> =>
  new SignJWT(claims(over)).setProtectedHeader({ alg: 'ES256', kid: EC.verify.keyId }).sign(EC.sign.key);
const hmac = (alg: string, secret: string): string => {
  const head = `${b64({ alg, kid: EC.verify.keyId })}.${b64(claims())}`;
  return `${head}.${createHmac('sha256', secret).update(head).digest('base64url')}`;
};
async function tampered(): Promise<string> {
  const [head = '', , signature = ''] = (await issue()).split('.');
  return `${head}.${b64(claims({ sub: 'system:serviceaccount:kube-system:admin' }))}.${signature}`;
}

/** Every way in that somebody tried somewhere; none may work. */
const ATTACKS: readonly (readonly [string, () => Promise<string> | string])[] = [
  ['no signature, alg none', () => `${b64({ alg: 'none' })}.${b64(claims())}.`],
  ['alg None in another case', () => `${b64({ alg: 'nOnE' })}.${b64(claims())}.AAAA`],
  ['HS256 with the EC public key as the secret', () => hmac('HS256', EC.publicPem)],
  ['HS256 with the RSA public key as the secret', () => hmac('HS256', RSA.publicPem)],
  ['HMAC under the name of ES256', () => hmac('ES256', EC.publicPem)],
  ['a payload changed after signing', tampered],
  ["a stranger's key", () => issue({}, STRANGER.sign)],
  [
    "a stranger's key in the header",
    () =>
      new SignJWT(claims())
        .setProtectedHeader({ alg: 'ES256', jwk: STRANGER.verify.key.export({ format: 'jwk' }) as never })
        .sign(STRANGER.sign.key),
  ],
  ['a wrong issuer', () => issue({}, EC.sign, 'https://evil.example')],
  ['a wrong audience', () => issue({ audiences: ['vault'] })],
  ['no audience', () => signed({ aud: undefined })],
  ['no expiry', () => signed({ exp: undefined })],
  ['an expiry that is a text', () => signed({ exp: '9999999999' })],
  ['not valid yet', () => signed({ nbf: NOW / 1000 + 600 })],
  ['another subject than its claim', () => signed({ sub: 'system:serviceaccount:kube-system:admin' })],
  ['a user as subject', () => signed({ sub: 'kubernetes-admin' })],
  ['no kubernetes.io claim', () => signed({ 'kubernetes.io': undefined })],
  ['a service account that does not exist', () => issue({ serviceAccount: { name: 'ghost', uid: 'u9' } })],
  ['a service account that was made anew', () => issue({ serviceAccount: { name: 'robot', uid: 'u0' } })],
  ['a pod that is gone', () => issue({ pod: { name: 'p', uid: 'pu' } })],
  ['a secret that is gone', () => issue({ secret: { name: 's', uid: 'su' } })],
  ['a node that is gone', () => issue({ node: { name: 'n', uid: 'nu' } })],
  ['two dots and nothing', () => '..'],
  ['no JWT at all', () => 'abcdef'],
  ['a very long token', () => 'x'.repeat(1_000_000)],
  ['JSON null for a payload', () => `${b64({ alg: 'ES256' })}.${b64(null)}.AAAA`],
];

describe('a bad service-account token', () => {
  for (const [name, forge] of ATTACKS) {
    it(`is refused: ${name}`, async () => {
      const result = await authenticate(await forge());
      assert.notEqual(result.type, 'user');
      if (result.type === 'rejected') assert.ok(!result.why.includes('eyJ'), 'a refusal never holds the token');
    });
  }

  it('is refused when it has expired, also right after it was good', async () => {
    const by = authenticator();
    const token = await issue();
    assert.equal((await authenticate(token, [], by)).type, 'user');
    atMs = NOW + 3_600_001;
    assert.deepEqual(await authenticate(token, [], by), { type: 'rejected', why: 'service account token has expired' });
  });

  it('is refused as soon as what it is bound to goes, also right after it was good', async () => {
    cluster.put('pods', 'default', 'p', 'pu');
    const by = authenticator();
    const token = await issue({ pod: { name: 'p', uid: 'pu' } });
    assert.equal((await authenticate(token, [], by)).type, 'user');
    cluster.objects.delete('pods default/p');
    assert.equal((await authenticate(token, [], by)).type, 'rejected');
  });

  it('is refused a minute after its pod began to go', async () => {
    const deletionTimestamp = new Date(NOW - 61_000).toISOString();
    cluster.put('pods', 'default', 'p', 'pu', { metadata: { deletionTimestamp } });
    assert.equal((await authenticate(await issue({ pod: { name: 'p', uid: 'pu' } }))).type, 'rejected');
  });
});

describe('a legacy token', () => {
  const PREFIX = 'kubernetes/serviceaccount';
  const legacy = (): Promise<string> =>
    new SignJWT({
      iss: PREFIX,
      sub: 'system:serviceaccount:default:robot',
      [`${PREFIX}/namespace`]: 'default',
      [`${PREFIX}/secret.name`]: 'robot-token',
      [`${PREFIX}/service-account.name`]: 'robot',
      [`${PREFIX}/service-account.uid`]: 'u1',
    })
      .setProtectedHeader({ alg: 'RS256' })
      .sign(RSA.sign.key);
  const secretWith = (token: string) => ({ data: { token: Buffer.from(token).toString('base64') } });

  it('is good while it lies in its secret', async () => {
    const token = await legacy();
    cluster.put('secrets', 'default', 'robot-token', 'su', secretWith(token));
    assert.equal((await authenticate(token)).type, 'user');
    cluster.put('secrets', 'default', 'robot-token', 'su', secretWith('another'));
    assert.equal((await authenticate(token)).type, 'rejected');
    cluster.objects.delete('secrets default/robot-token');
    assert.equal((await authenticate(token)).type, 'rejected');
  });
});
