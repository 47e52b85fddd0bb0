import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { selfSigned } from '../../apiserver/pki/certificate.ts';
import { writePrivate } from '../../apiserver/pki/store.ts';
import { type TlsFact, TlsSource } from '../../io/node/tls/source.ts';
import type { TlsChoice } from '../flags/tls-options.ts';
import type { Logger } from '../log.ts';

/** TLS of one side of a member, ready for handshakes; a self-signed certificate is made in the data directory when it is not there. */
export async function openTls(
  choice: TlsChoice | undefined,
  side: 'client' | 'peer',
  { dataDir, logger }: { readonly dataDir: string; readonly logger: Logger },
): Promise<TlsSource | undefined> {
  if (choice === undefined) return undefined;
  const onFact = (fact: TlsFact): void => {
    if (fact.type === 'reloaded') logger.info({ side, files: fact.files }, 'certificates have been read again');
    else logger.warn({ side, error: fact.reason }, 'new certificates cannot be used; the old ones still are');
  };
  if (choice.type === 'files') return new TlsSource(choice.settings, onFact);
  const files = await ensureSelfSigned(join(dataDir, 'fixtures', side), choice, logger);
  // Nobody has signed it, so nobody can be asked to: as etcd's --auto-tls it keeps eavesdroppers out, and no one else.
  return new TlsSource({ ...files, ...choice.versions, requireClientCertificate: false, trustAnyServer: true }, onFact);
}

/** Where etcd has it, and kept as etcd keeps it: also when it has run out. Source: etcd transport.SelfCert. */
async function ensureSelfSigned(
  folder: string,
  { hosts, validityYears }: Extract<TlsChoice, { type: 'auto' }>,
  logger: Logger,
): Promise<{ readonly certFile: string; readonly keyFile: string }> {
  const files = { certFile: join(folder, 'cert.pem'), keyFile: join(folder, 'key.pem') };
  const isThere = await Promise.all([readFile(files.certFile), readFile(files.keyFile)]).then(
    () => true,
    () => false,
  );
  if (isThere) return files;
  const { certificatePem, keyPem } = selfSigned(hosts, { nowMs: Date.now(), validityYears });
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await writePrivate(files.keyFile, keyPem);
  await writeFile(files.certFile, certificatePem, { mode: 0o644 });
  logger.warn({ path: dirname(files.certFile), years: validityYears }, 'automatically generate certificates');
  return files;
}
