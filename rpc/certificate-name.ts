import type { Duplex } from 'node:stream';
import { type PeerCertificate, TLSSocket } from 'node:tls';

/** The common name in the certificate that the other side has shown and that was verified; undefined when there is none. */
export function certificateNameOf(socket: Duplex): string | undefined {
  if (!(socket instanceof TLSSocket) || !socket.authorized) return undefined;
  return commonNameIn(socket.getPeerCertificate());
}

/** The common name in a certificate; one that has several names has none. */
export function commonNameIn(certificate: Partial<PeerCertificate> | undefined): string | undefined {
  const name: unknown = certificate?.subject?.CN;
  return typeof name === 'string' && name !== '' ? name : undefined;
}
