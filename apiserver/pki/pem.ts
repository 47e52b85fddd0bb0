import { createPrivateKey, createPublicKey, X509Certificate } from 'node:crypto';
import type { KeyPair } from './certificate.ts';

/** A PEM file given by a flag that cannot be used; `message` is one line for the person who gave it. */
export class PemError extends Error {
  override readonly name = 'PemError';
}

/** Checks the text of a file that must hold certificates, one or a bundle, and returns it. Errors: PemError. */
export function certificatesOf(text: string, path: string, flag: string): string {
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  if (blocks.length === 0) throw new PemError(`${flag}: ${path} holds no PEM certificate`);
  for (const block of blocks) {
    try {
      new X509Certificate(block);
    } catch {
      throw new PemError(`${flag}: ${path} holds a certificate that cannot be read`);
    }
  }
  return text;
}

/** Checks the text of a file that must hold a private key and returns it. Errors: PemError. */
export function privateKeyOf(text: string, path: string, flag: string): string {
  try {
    createPrivateKey(text);
    return text;
  } catch {
    throw new PemError(`${flag}: ${path} holds no PEM private key that can be read`);
  }
}

/** The public keys of a file: public keys, certificates, or private keys whose public half is meant, as kube-apiserver has it. Errors: PemError. */
export function publicKeysOf(text: string, path: string, flag: string): readonly string[] {
  const blocks = text.match(/-----BEGIN [A-Z0-9 ]+-----[^-]+-----END [A-Z0-9 ]+-----/g) ?? [];
  const keys: string[] = [];
  for (const block of blocks) {
    if (block.includes('EC PARAMETERS')) continue;
    try {
      const key = createPublicKey(block);
      const fits = key.asymmetricKeyType === 'rsa' || key.asymmetricKeyType === 'ec';
      if (fits) keys.push(key.export({ type: 'spki', format: 'pem' }).toString());
    } catch {
      throw new PemError(`${flag}: ${path} holds a key that cannot be read`);
    }
  }
  if (keys.length === 0) throw new PemError(`${flag}: ${path} holds no RSA or EC key`);
  return keys;
}

/** Errors: PemError when the key is not the certificate's. */
export function checkKeyPair(pair: KeyPair, flags: string): void {
  if (!new X509Certificate(pair.certificatePem).checkPrivateKey(createPrivateKey(pair.keyPem))) {
    throw new PemError(`${flags}: the private key is not the certificate's`);
  }
}
