import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { describe, it } from 'node:test';
import { authenticatorChain } from '../../../apiserver/authn/chain.ts';
import { oidcDocuments } from '../../../apiserver/authn/oidc-discovery.ts';
import { reviewToken } from '../../../apiserver/authn/reviews.ts';
import { TokenFileError, tokenFileAuthenticator } from '../../../apiserver/authn/token-file.ts';
import { signingKey, verifyingKey } from '../../../apiserver/authn/token-keys.ts';
import { createToken, type TokenIssuer } from '../../../apiserver/authn/token-request.ts';
import { x509Authenticator } from '../../../apiserver/authn/x509.ts';
import { ApiError } from '../../../apiserver/errors.ts';
import { at, type KubeObject, textAt } from '../../../apiserver/scheme/json.ts';
import { FewObjects } from './objects.ts';

const TOKENS = tokenFileAuthenticator('# people\ns3cret,jane,7,"dev,ops"\r\n\nplain,joe,8\n', 'tokens.csv');
const NOBODY = { bearerToken: undefined, clientCertificate: undefined, headers: {} };
const bearer = (bearerToken: string) => ({ ...NOBODY, bearerToken });
const certificate = (commonName: string, organizations: readonly string[]) => ({
  ...NOBODY,
  clientCertificate: { commonName, organizations, raw: new Uint8Array() },
});

describe('the chain', () => {
  const chain = authenticatorChain([x509Authenticator, TOKENS], { anonymous: true });
  const closed = authenticatorChain([x509Authenticator, TOKENS], { anonymous: false });
  const rows = [
    ['nobody', chain, NOBODY, 'system:anonymous', ['system:unauthenticated']],
    ['nobody, and anonymous is off', closed, NOBODY, undefined, []],
    ['a token', chain, bearer('s3cret'), 'jane', ['dev', 'ops', 'system:authenticated']],
    ['a token without groups', chain, bearer('plain'), 'joe', ['system:authenticated']],
    ['an unknown token is nobody, not anonymous', chain, bearer('s3cre'), undefined, []],
    ['an empty token', chain, bearer(''), undefined, []],
    [
      'a certificate',
      chain,
      certificate('kubernetes-admin', ['system:masters']),
      'kubernetes-admin',
      ['system:masters', 'system:authenticated'],
    ],
    [
      'a certificate that names the group itself',
      chain,
      certificate('x', ['system:authenticated', 'a']),
      'x',
      ['system:authenticated', 'a'],
    ],
    [
      'a certificate without a name',
      chain,
      certificate('', ['system:masters']),
      'system:anonymous',
      ['system:unauthenticated'],
    ],
  ] as const;
  for (const [name, by, credentials, user, groups] of rows) {
    it(name, async () => {
      const result = await by.authenticate(credentials, []);
      assert.equal(result.type === 'user' ? result.user.name : undefined, user);
      if (result.type === 'user') assert.deepEqual(result.user.groups, groups);
    });
  }
});

describe('a token file', () => {
  const rows: readonly (readonly [string, RegExp])[] = [
    ['a,b', /must have at least 3 columns \(token, user name, user uid\), found 2 in record 1/],
    [',b,c', /record 1 has an empty token/],
    ['t,a,1\nt,b,2', /record 2 repeats a token/],
    ['t,"a,1', /line 1 is not CSV/],
  ];
  for (const [csv, text] of rows) {
    it(`is refused: ${JSON.stringify(csv)}`, () => {
      assert.throws(
        () => tokenFileAuthenticator(csv, 'f'),
        (error: unknown) => error instanceof TokenFileError && text.test(error.message),
      );
    });
  }
  it('is for the API server, not for others', async () => {
    const by = tokenFileAuthenticator('t,a,1', 'f', ['api']);
    assert.equal((await by.authenticate(bearer('t'), ['vault'])).type, 'none');
    assert.equal((await by.authenticate(bearer('t'), ['vault', 'api'])).type, 'user');
  });
  it('keeps what is quoted', async () => {
    const result = await tokenFileAuthenticator('t,"Doe, ""J""",1', 'f').authenticate(bearer('t'), []);
    assert.equal(result.type === 'user' && result.user.name, 'Doe, "J"');
  });
});

describe('TokenRequest', () => {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const key = signingKey(privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
  assert.ok(key);
  const lookup = new FewObjects()
    .put('pods', 'ns', 'mine', 'p1', { spec: { serviceAccountName: 'robot' } })
    .put('pods', 'ns', 'other', 'p2', { spec: { serviceAccountName: 'x' } })
    .put('secrets', 'ns', 's', 's1');
  const issuer: TokenIssuer = { key, issuer: 'https://i', apiAudiences: ['api'], maxExpirationSeconds: 7200, lookup };
  const account: KubeObject = { metadata: { name: 'robot', namespace: 'ns', uid: 'u1' } };
  const ask = (spec: KubeObject) => createToken({ spec }, account, issuer, Date.parse('2026-01-01T00:00:00Z'));
  const payload = (answer: KubeObject) =>
    JSON.parse(
      Buffer.from(textAt(answer, 'status', 'token').split('.')[1] ?? '', 'base64url').toString(),
    ) as KubeObject;

  it('gives the defaults', async () => {
    const answer = await ask({});
    assert.equal(at(answer, 'spec', 'expirationSeconds'), 3600);
    assert.equal(textAt(answer, 'status', 'expirationTimestamp'), '2026-01-01T01:00:00Z');
    assert.deepEqual(payload(answer)['aud'], ['api']);
    assert.equal(payload(answer)['sub'], 'system:serviceaccount:ns:robot');
  });
  it('cuts a life that is too long', async () => {
    assert.equal(
      textAt(await ask({ expirationSeconds: 99_999 }), 'status', 'expirationTimestamp'),
      '2026-01-01T02:00:00Z',
    );
  });
  it('binds to a pod', async () => {
    const answer = await ask({ boundObjectRef: { kind: 'Pod', apiVersion: 'v1', name: 'mine', uid: 'p1' } });
    assert.deepEqual(at(payload(answer), 'kubernetes.io', 'pod'), { name: 'mine', uid: 'p1' });
  });
  const refusals: readonly (readonly [string, KubeObject, number, RegExp])[] = [
    [
      'too short',
      { expirationSeconds: 599 },
      422,
      /^TokenRequest.authentication.k8s.io "" is invalid: spec.expirationSeconds: Invalid value: 599: may not specify a duration less than 10 minutes$/,
    ],
    ['too long', { expirationSeconds: 2 ** 32 + 1 }, 422, /may not specify a duration larger than 2\^32 seconds/],
    [
      'another kind',
      { boundObjectRef: { kind: 'ConfigMap', apiVersion: 'v1', name: 'x' } },
      400,
      /cannot bind token to object of type \/v1, Kind=ConfigMap/,
    ],
    [
      'a pod of another account',
      { boundObjectRef: { kind: 'Pod', apiVersion: 'v1', name: 'other' } },
      400,
      /cannot bind token for serviceaccount "robot" to pod running with different serviceaccount name\./,
    ],
    [
      'a pod that is not there',
      { boundObjectRef: { kind: 'Pod', apiVersion: 'v1', name: 'nope' } },
      404,
      /pods "nope" not found/,
    ],
    [
      'another uid',
      { boundObjectRef: { kind: 'Secret', apiVersion: 'v1', name: 's', uid: 'zz' } },
      409,
      /the UID in the bound object reference \(zz\) does not match the UID in record/,
    ],
  ];
  for (const [name, spec, code, text] of refusals) {
    it(`is refused: ${name}`, () =>
      assert.rejects(
        ask(spec),
        (error: unknown) => error instanceof ApiError && error.code === code && text.test(error.message),
      ));
  }
});

describe('TokenReview', () => {
  const chain = authenticatorChain([TOKENS], { anonymous: false });
  it('tells the user', async () => {
    const answer = await reviewToken({ kind: 'TokenReview', spec: { token: 's3cret' } }, chain, ['api']);
    assert.deepEqual(answer['status'], {
      authenticated: true,
      user: { username: 'jane', uid: '7', groups: ['dev', 'ops', 'system:authenticated'] },
      audiences: ['api'],
    });
  });
  it('tells that a token is bad', async () => {
    const answer = await reviewToken({ spec: { token: 'x' } }, chain, ['api']);
    assert.deepEqual(answer['status'], { user: {}, error: 'invalid bearer token' });
  });
  it('wants a token', () =>
    assert.rejects(
      reviewToken({ spec: {} }, chain, []),
      (error: unknown) => error instanceof ApiError && error.code === 400,
    ));
});

it('the discovery documents tell the public keys and nothing private', () => {
  for (const kind of ['ec', 'rsa'] as const) {
    const { publicKey } =
      kind === 'ec'
        ? generateKeyPairSync('ec', { namedCurve: 'P-384' })
        : generateKeyPairSync('rsa', { modulusLength: 2048 });
    const key = verifyingKey(publicKey.export({ type: 'spki', format: 'pem' }).toString());
    assert.ok(key);
    const { configuration, keySet } = oidcDocuments('https://i', 'https://i/openid/v1/jwks', [key]);
    assert.deepEqual(configuration['id_token_signing_alg_values_supported'], [kind === 'ec' ? 'ES384' : 'RS256']);
    const [jwk] = keySet['keys'] as KubeObject[];
    assert.equal(jwk?.['kid'], key.keyId);
    assert.equal(jwk?.['d'], undefined);
  }
});
