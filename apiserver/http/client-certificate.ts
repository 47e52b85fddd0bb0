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

/** What TLS says of the client; read once per connection. `key`: an object that lives as long as the connection. */
export function clientIdentity(socket: Socket, key: object = socket): ClientIdentity {
  let identity = known.get(key);
  if (identity === undefined) {
    identity = identify(socket);
    known.set(key, identity);
  }
  return identity;
}

function identify(socket: Socket): ClientIdentity {
  // HTTP/2 hands out a proxy of the socket: what counts is what it can do.
  const tls = socket as Partial<TLSSocket>;
  if (!(socket instanceof TLSSocket) && typeof tls.getPeerCertificate !== 'function') return NOBODY;
  const certificate = (socket as TLSSocket).getPeerCertificate();
  if (certificate === null || Object.keys(certificate).length === 0) return NOBODY;
  if (!(socket as TLSSocket).authorized) return { certificate: undefined, bad: true };
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
