import { X509Certificate } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  createCa,
  issueClient,
  issueServing,
  type KeyPair,
  LEAF_VALIDITY_MS,
} from '../../apiserver/pki/certificate.ts';
import { writePrivate } from '../../apiserver/pki/store.ts';

/** Certificates between API servers and the store, as files. */
export interface StorePki {
  readonly ca: string;
  /** What members show. */
  readonly server: { readonly cert: string; readonly key: string };
  /** What API servers show: common name `root`, the user that must be there before authentication can be enabled. */
  readonly root: { readonly cert: string; readonly key: string };
}

/**
 * The store's own PKI in `directory`, made or renewed where need be. Its CA is another than the API servers': whoever has a certificate of
 * Kubernetes must not be somebody in the store by its name. One process at a time.
 */
export async function ensureStorePki(directory: string, host: string, nowMs: number = Date.now()): Promise<StorePki> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const ca = await ensurePair(join(directory, 'ca'), nowMs, () => createCa('keelson-store-ca', nowMs));
  const hosts = [...new Set(['127.0.0.1', '::1', 'localhost', host])];
  await ensurePair(join(directory, 'server'), nowMs, () =>
    issueServing(ca, { commonName: 'keelson-member' }, hosts, nowMs),
  );
  await ensurePair(join(directory, 'root'), nowMs, () => issueClient(ca, { commonName: 'root' }, nowMs));
  const files = (name: string): StorePki['root'] => ({
    cert: join(directory, `${name}.crt`),
    key: join(directory, `${name}.key`),
  });
  return { ca: join(directory, 'ca.crt'), server: files('server'), root: files('root') };
}

/** The pair that lies at `path`, or a new one when there is none or it ends soon. The certificate is written last. */
async function ensurePair(path: string, nowMs: number, make: () => KeyPair): Promise<KeyPair> {
  const [certificatePem, keyPem] = await Promise.all(
    [`${path}.crt`, `${path}.key`].map((file) => readFile(file, 'utf8').catch(() => '')),
  );
  if (certificatePem && keyPem && leftMs(certificatePem, nowMs) > LEAF_VALIDITY_MS / 10)
    return { certificatePem, keyPem };
  const pair = make();
  await writePrivate(`${path}.key`, pair.keyPem);
  await writePrivate(`${path}.crt`, pair.certificatePem);
  return pair;
}

const leftMs = (certificatePem: string, nowMs: number): number =>
  Date.parse(new X509Certificate(certificatePem).validTo) - nowMs;
