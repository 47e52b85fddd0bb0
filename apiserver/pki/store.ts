import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import { access, chmod, mkdir, mkdtemp, open, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { createCa, issueClient, issueServing, type KeyPair, LEAF_VALIDITY_MS } from './certificate.ts';

/** What the API servers of one data directory share. All PEM. */
export interface Pki {
  readonly ca: KeyPair;
  /** O=system:masters, CN=kubernetes-admin. */
  readonly admin: KeyPair;
  readonly serviceAccountKeyPem: string;
  readonly serviceAccountPublicPem: string;
  /** Where they lie. */
  readonly directory: string;
}

export const ADMIN = { commonName: 'kubernetes-admin', organizations: ['system:masters'] } as const;
/** The names that every API server is known by. */
export const SERVING_HOSTS: readonly string[] = [
  '127.0.0.1',
  '::1',
  'localhost',
  'kubernetes',
  'kubernetes.default',
  'kubernetes.default.svc',
  'kubernetes.default.svc.cluster.local',
];

/**
 * The PKI in `directory`, made when it is not there. Several processes may call it at once: each makes a whole set beside it and renames;
 * the first rename wins and the others read what it made, so that no half set and no mix of two is ever seen.
 */
export async function ensurePki(directory: string, nowMs: number = Date.now()): Promise<Pki> {
  await mkdir(dirname(directory), { recursive: true });
  if (!(await exists(join(directory, 'ca.crt')))) await makePki(directory, nowMs);
  return renewAdmin(await readPki(directory), nowMs);
}

async function makePki(directory: string, nowMs: number): Promise<void> {
  const scratch = await mkdtemp(`${directory}.new-`);
  try {
    const ca = createCa('keelson-ca', nowMs);
    const serviceAccount = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
    const admin = issueClient(ca, ADMIN, nowMs);
    await chmod(scratch, 0o700);
    const files: readonly (readonly [string, string])[] = [
      ['ca.crt', ca.certificatePem],
      ['ca.key', ca.keyPem],
      ['admin.crt', admin.certificatePem],
      ['admin.key', admin.keyPem],
      ['sa.key', serviceAccount.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()],
      ['sa.pub', serviceAccount.publicKey.export({ type: 'spki', format: 'pem' }).toString()],
    ];
    for (const [name, content] of files) await writePrivate(join(scratch, name), content);
    await rename(scratch, directory).catch(async (error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
    });
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

async function readPki(directory: string): Promise<Pki> {
  const read = (name: string): Promise<string> => readFile(join(directory, name), 'utf8');
  const [caCrt, caKey, adminCrt, adminKey, saKey, saPub] = await Promise.all(
    ['ca.crt', 'ca.key', 'admin.crt', 'admin.key', 'sa.key', 'sa.pub'].map(read),
  );
  return {
    ca: { certificatePem: caCrt ?? '', keyPem: caKey ?? '' },
    admin: { certificatePem: adminCrt ?? '', keyPem: adminKey ?? '' },
    serviceAccountKeyPem: saKey ?? '',
    serviceAccountPublicPem: saPub ?? '',
    directory,
  };
}

/** An administrator's certificate that is about to end is issued again; the CA and the keys stay. */
async function renewAdmin(pki: Pki, nowMs: number): Promise<Pki> {
  const left = Date.parse(new X509Certificate(pki.admin.certificatePem).validTo) - nowMs;
  if (left > LEAF_VALIDITY_MS / 10) return pki;
  const admin = issueClient(pki.ca, ADMIN, nowMs);
  await writePrivate(join(pki.directory, 'admin.key'), admin.keyPem);
  await writePrivate(join(pki.directory, 'admin.crt'), admin.certificatePem);
  return { ...pki, admin };
}

/** A fresh serving certificate of this CA for the usual names and `hosts`; made in memory at each start. */
export function servingCertificate(pki: Pki, hosts: readonly string[], nowMs: number = Date.now()): KeyPair {
  return issueServing(pki.ca, { commonName: 'kube-apiserver' }, [...new Set([...SERVING_HOSTS, ...hosts])], nowMs);
}

/** Writes `content` beside `path` with mode 0600, syncs and renames: old or new, never half, never readable by others. */
export async function writePrivate(path: string, content: string): Promise<void> {
  const scratch = `${path}.${process.pid}.${Math.random().toString(36).slice(2)}.tmp`;
  try {
    await writeFile(scratch, content, { mode: 0o600, flag: 'wx' });
    const file = await open(scratch, 'r+');
    await file.sync().finally(() => file.close());
    await rename(scratch, path);
  } finally {
    await rm(scratch, { force: true });
  }
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );
