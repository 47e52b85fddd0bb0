import type { Socket } from 'node:net';
import { type PeerCertificate, TLSSocket } from 'node:tls';
import type { Credentials } from '../authn/authenticator.ts';

export interface ClientIdentity {
  readonly certificate: Credentials['clientCertificate'];
  /** A certificate was shown that the client CA does not vouch for. */
  readonly bad: boolean;
}

const NOBODY: ClientIdentity = { certificate: undefined, bad: false };
const known = new WeakMap<object, ClientIdentity>();

/** What TLS says of the client; read once per connection. */
export function clientIdentity(socket: Socket): ClientIdentity {
  let identity = known.get(socket);
  if (identity === undefined) {
    identity = identify(socket);
    known.set(socket, identity);
  }
  return identity;
}

function identify(socket: Socket): ClientIdentity {
  if (!(socket instanceof TLSSocket)) return NOBODY;
  const certificate = socket.getPeerCertificate();
  if (certificate === null || Object.keys(certificate).length === 0) return NOBODY;
  if (!socket.authorized) return { certificate: undefined, bad: true };
  const { CN, O } = certificate.subject as PeerCertificate['subject'] & {
    CN?: string | string[];
    O?: string | string[];
  };
  return {
    bad: false,
    certificate: { commonName: listOf(CN)[0] ?? '', organizations: listOf(O), raw: certificate.raw },
  };
}

const listOf = (value: string | string[] | undefined): string[] =>
  value === undefined ? [] : Array.isArray(value) ? value : [value];
