import { Command } from 'commander';
import { APISERVER_FLAGS, PREFIX_FLAG, STORE_FLAGS } from '../flags/apiserver-flags.ts';
import { apiServerSettings, storeSettings } from '../flags/apiserver-options.ts';
import { addFlags } from '../flags/flag.ts';

/** `keelson apiserver`: one stateless API server. */
export function apiServerCommand(exit: (code: number) => void): Command {
  const command = new Command('apiserver')
    .summary('one API server on a store; flags of kube-apiserver')
    .description(
      'Runs one API server. It is stateless: any number may run on one store, which is Keelson members or an etcd cluster.\nFlags are those of kube-apiserver.',
    );
  const given = addFlags(command, [...STORE_FLAGS, PREFIX_FLAG, ...APISERVER_FLAGS]);
  command.addHelpText(
    'after',
    `
Examples:
  keelson apiserver --etcd-servers http://127.0.0.1:2379
  keelson apiserver --etcd-servers https://10.0.0.1:2379 --etcd-cafile ca.crt --etcd-certfile client.crt --etcd-keyfile client.key \\
    --secure-port 6443 --client-ca-file ca.crt --tls-cert-file apiserver.crt --tls-private-key-file apiserver.key
  kubectl --kubeconfig keelson-pki/admin.kubeconfig get namespaces`,
  );
  return command.allowExcessArguments(false).action(async () => {
    const settings = apiServerSettings(given);
    const store = storeSettings(given);
    const [{ createLogger }, { connectKvClient }, { runApiServer }, { runUntilStopped }] = await Promise.all([
      import('../log.ts'),
      import('../../client/grpc-client.ts'),
      import('../run/apiserver.ts'),
      import('../run/shutdown.ts'),
    ]);
    const logger = createLogger(
      { level: settings.logLevel, format: 'json', outputs: ['stderr'] },
      { apiserver: `${settings.bindAddress}:${settings.port}` },
    );
    const kv = connectKvClient(store);
    const server = await runApiServer(settings, kv, logger);
    const stop = async (): Promise<void> => {
      await server.close();
      await kv.close();
    };
    exit(await runUntilStopped(stop, { logger }));
  });
}
