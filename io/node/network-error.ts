import { NetworkError, type NetworkErrorCode } from '../doors.ts';
import { errnoOf } from './disk-error.ts';

const CODE_OF: Readonly<Record<string, NetworkErrorCode>> = {
  ECONNREFUSED: 'REFUSED',
  ETIMEDOUT: 'TIMEOUT',
  EHOSTUNREACH: 'UNREACHABLE',
  ENETUNREACH: 'UNREACHABLE',
  ENETDOWN: 'UNREACHABLE',
  EADDRINUSE: 'ADDRESS_IN_USE',
  EADDRNOTAVAIL: 'BAD_ADDRESS',
  ENOTFOUND: 'BAD_ADDRESS',
  EAI_AGAIN: 'UNREACHABLE',
  EACCES: 'PERMISSION',
};

/** A NetworkError for what node:net or node:tls failed with; a NetworkError passes unchanged. */
export function toNetworkError(error: Error, address: string): NetworkError {
  if (error instanceof NetworkError) return error;
  const errno = errnoOf(error) ?? '';
  const known = CODE_OF[errno];
  if (known !== undefined) return new NetworkError(known, address, error.message);
  const isTls = /^(ERR_(TLS|SSL)|CERT_|UNABLE_TO|DEPTH_ZERO|SELF_SIGNED)/.test(errno);
  return new NetworkError(isTls ? 'TLS' : 'IO', address, error.message);
}
