import type { IncomingMessage } from 'node:http';
import { TLSSocket } from 'node:tls';

/**
 * The text for a request that asks a host name which is not ours, as a page does whose name was made to resolve to this server (DNS rebinding,
 * CVE-2018-5702); undefined when it may pass. TLS is beyond that: the certificate says who we are. Source: etcd embed/serve.go, accessController.
 */
export function foreignHostText(hosts: readonly string[] | undefined, request: IncomingMessage): string | undefined {
  if (hosts === undefined || request.socket instanceof TLSSocket) return undefined;
  const host = hostnameOf(request.headers.host ?? '');
  if (hosts.includes(host)) return undefined;
  return `
etcd received your request, but the Host header was unrecognized.

To fix this, choose one of the following options:
- Enable TLS, then any HTTPS request will be allowed.
- Add the hostname you want to use to the whitelist in settings.
  - e.g. etcd --host-whitelist ${JSON.stringify(host)}

This requirement has been added to help prevent "DNS Rebinding" attacks (CVE-2018-5702).

`;
}

/** Without the port; an address of IPv6 without its brackets. What is neither is taken whole. */
function hostnameOf(host: string): string {
  const [, bracketed, plain] = /^(?:\[([^\]]*)\]|([^:]*)):[^:]*$/.exec(host) ?? [];
  return bracketed ?? plain ?? host;
}
