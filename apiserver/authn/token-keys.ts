import { createHash, createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';

/** A public key that service-account tokens may be signed with. */
export interface VerifyingKey {
  readonly keyId: string;
  readonly algorithm: SigningAlgorithm;
  readonly key: KeyObject;
}

export type SigningAlgorithm = 'RS256' | 'ES256' | 'ES384' | 'ES512';

/** The key of a PEM public key, certificate or private key. Undefined: of a kind that no token is signed with. */
export function verifyingKey(pem: string): VerifyingKey | undefined {
  const key = createPublicKey(pem);
  const algorithm = algorithmOf(key);
  return algorithm === undefined ? undefined : { keyId: keyIdOf(key), algorithm, key };
}

/** The private key that signs, with what its public half is called. */
export function signingKey(pem: string): VerifyingKey | undefined {
  const key = createPrivateKey(pem);
  const algorithm = algorithmOf(key);
  return algorithm === undefined ? undefined : { keyId: keyIdOf(createPublicKey(key)), algorithm, key };
}

/** The one algorithm that goes with a key: never what a token's header says. */
function algorithmOf(key: KeyObject): SigningAlgorithm | undefined {
  if (key.asymmetricKeyType === 'rsa') return 'RS256';
  if (key.asymmetricKeyType !== 'ec') return undefined;
  switch (key.asymmetricKeyDetails?.namedCurve) {
    case 'prime256v1':
      return 'ES256';
    case 'secp384r1':
      return 'ES384';
    case 'secp521r1':
      return 'ES512';
    default:
      return undefined;
  }
}

/** base64url(SHA-256(SubjectPublicKeyInfo)): the `kid` kube-apiserver gives the same key. */
function keyIdOf(publicKey: KeyObject): string {
  return createHash('sha256')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest('base64url');
}
