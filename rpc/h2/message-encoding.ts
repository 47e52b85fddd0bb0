import { gunzip } from 'node:zlib';
import { GrpcCode } from '../../client/status.ts';
import { RpcError } from '../errors.ts';
import type { ReceivedMessage } from './request-queue.ts';

const PLAIN = 0;
const COMPRESSED = 1;

/** True for the values of grpc-encoding that `plainMessage` understands; empty is none. */
export function isKnownEncoding(encoding: string): boolean {
  return encoding === '' || encoding === 'gzip';
}

/** The message without its compression. Errors: RpcError, as grpc-go has them. */
export function plainMessage(
  { bytes, flag }: ReceivedMessage,
  encoding: string,
  maxBytes: number,
): Uint8Array | Promise<Uint8Array> {
  if (flag === PLAIN) return bytes;
  if (flag !== COMPRESSED) {
    throw new RpcError(GrpcCode.INTERNAL, `grpc: received unexpected payload format ${flag}`);
  }
  if (encoding === '') {
    throw new RpcError(GrpcCode.INTERNAL, 'grpc: compressed flag set with identity or empty encoding');
  }
  return inflated(bytes, maxBytes);
}

function inflated(bytes: Uint8Array, max: number): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    gunzip(bytes, { maxOutputLength: max }, (error, plain) => {
      if (error === null) resolve(plain);
      else if ('code' in error && error.code === 'ERR_BUFFER_TOO_LARGE') {
        const text = `grpc: received message after decompression larger than max (${max + 1} vs. ${max})`;
        reject(new RpcError(GrpcCode.RESOURCE_EXHAUSTED, text));
      } else {
        reject(new RpcError(GrpcCode.INTERNAL, `grpc: failed to decompress the received message: ${error.message}`));
      }
    });
  });
}
