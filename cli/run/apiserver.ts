import { createPublicKey, X509Certificate } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { signingKey, type VerifyingKey, verifyingKey } from '../../apiserver/authn/token-keys.ts';
import { writeKubeconfig } from '../../apiserver/pki/kubeconfig.ts';
import { ensurePki, type Pki, servingCertificate } from '../../apiserver/pki/store.ts';
import { type ApiServer, startApiServer } from '../../apiserver/server.ts';
import type { KvClient } from '../../client/kv-client.ts';
import type { ApiServerSettings } from '../flags/apiserver-options.ts';
import type { Logger } from '../log.ts';
import { UsageError } from '../usage-error.ts';

/** Makes what no flag gives (certificates, keys), and starts an API server on `kv` when that is there; it stays the caller's. */
export async function runApiServer(
  settings: ApiServerSettings,
  kv: KvClient | Promise<KvClient>,
  logger: Logger,
): Promise<ApiServer> {
  await mkdir(settings.certDir, { recursive: true, mode: 0o700 });
  const pki = await ensurePki(join(settings.certDir, 'pki'));
  if (settings.idle.length > 0)
    logger.warn({ flags: settings.idle }, 'flags without effect: what they are about is not served');
  const serving =
    settings.serving ??
    (await servingFromCertDir(settings)) ??
    servingCertificate(pki, [...settings.hosts, ...ownAddress(settings)]);
  const signing = settings.serviceAccountSigningKey ?? pki.serviceAccountKeyPem;
  const server = await startApiServer({
    kv: await kv,
    storePrefix: settings.storePrefix,
    bindAddress: settings.bindAddress,
    port: settings.port,
    serving,
    clientCaPem: settings.clientCaPem === undefined ? pki.ca.certificatePem : settings.clientCaPem,
    rootCaPem: settings.serving === undefined ? pki.ca.certificatePem : settings.serving.certificatePem,
    anonymous: settings.anonymous,
    ...(settings.tokenFile === undefined ? {} : { tokenFile: settings.tokenFile }),
    serviceAccounts: {
      signing: keyOf(signing, signingKey, '--service-account-signing-key-file'),
      verifying: verifyingKeys(settings, signing),
      issuers: settings.issuers,
      apiAudiences: settings.apiAudiences,
      maxTokenSeconds: settings.maxTokenSeconds,
      ...(settings.jwksUri === undefined ? {} : { jwksUri: settings.jwksUri }),
    },
    authorizationModes: settings.authorizationModes,
    admission: settings.admission,
    maxReads: settings.maxReads,
    maxWrites: settings.maxWrites,
    controllers: settings.controllers,
    logger,
  });
  await announce(settings, pki, server, logger);
  return server;
}

async function announce(settings: ApiServerSettings, pki: Pki, server: ApiServer, logger: Logger): Promise<void> {
  logger.info({ url: server.url }, 'serving the Kubernetes API');
  const usable = settings.serving === undefined && settings.clientCaPem === undefined;
  if (settings.adminKubeconfig === undefined || !usable) return;
  const address = new URL(server.url);
  if (address.hostname === '0.0.0.0' || address.hostname === '[::]') address.hostname = '127.0.0.1';
  await writeKubeconfig(settings.adminKubeconfig, address.origin, pki.ca.certificatePem, pki.admin);
  logger.info({ kubeconfig: settings.adminKubeconfig }, 'wrote a kubeconfig');
}

/** Test environments of kube-apiserver put apiserver.crt and apiserver.key into --cert-dir. */
async function servingFromCertDir({ certDir }: ApiServerSettings): Promise<ApiServerSettings['serving']> {
  const read = (name: string): Promise<string | undefined> =>
    readFile(join(certDir, name), 'utf8').catch(() => undefined);
  const [certificatePem, keyPem] = await Promise.all([read('apiserver.crt'), read('apiserver.key')]);
  if (certificatePem === undefined || keyPem === undefined) return undefined;
  return Date.parse(new X509Certificate(certificatePem).validTo) > Date.now() ? { certificatePem, keyPem } : undefined;
}

const ownAddress = ({ bindAddress }: ApiServerSettings): readonly string[] =>
  bindAddress === '0.0.0.0' || bindAddress === '::' ? [] : [bindAddress];

/** Keys of the flag; the signing key's own public half is always among them. */
function verifyingKeys(settings: ApiServerSettings, signing: string): readonly VerifyingKey[] {
  const flag = '--service-account-key-file';
  const own = keyOf(createPublicKey(signing).export({ type: 'spki', format: 'pem' }).toString(), verifyingKey, flag);
  const given = (settings.serviceAccountKeys ?? []).map((pem) => keyOf(pem, verifyingKey, flag));
  return [own, ...given.filter(({ keyId }) => keyId !== own.keyId)];
}

function keyOf(pem: string, read: (pem: string) => VerifyingKey | undefined, flag: string): VerifyingKey {
  const key = read(pem);
  if (key === undefined)
    throw new UsageError(`${flag}: only RSA keys and EC keys on P-256, P-384 and P-521 sign tokens`);
  return key;
}
