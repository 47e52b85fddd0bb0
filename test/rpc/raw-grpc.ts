import { type ClientHttp2Session, type ClientHttp2Stream, connect } from 'node:http2';

/** How a raw call ended. */
export interface RawResult {
  readonly httpStatus: number | undefined;
  readonly code: number | undefined;
  readonly text: string;
  /** The messages that came, without their framing. */
  readonly messages: readonly Buffer[];
}

/** A connection that speaks gRPC by hand, well or badly. */
export class RawGrpc {
  readonly session: ClientHttp2Session;

  constructor(url: string) {
    this.session = connect(url);
    this.session.on('error', () => undefined);
  }

  /** Opens a call; `headers` over the usual ones. */
  open(path: string, headers: Readonly<Record<string, string>> = {}): ClientHttp2Stream {
    const stream = this.session.request({
      ':method': 'POST',
      ':path': path,
      'content-type': 'application/grpc',
      te: 'trailers',
      ...headers,
    });
    stream.on('error', () => undefined);
    return stream;
  }

  /** Sends `body` as it is, half-closes, and waits for the end. */
  call(path: string, body: Uint8Array, headers: Readonly<Record<string, string>> = {}): Promise<RawResult> {
    const stream = this.open(path, headers);
    const result = resultOf(stream);
    stream.end(body);
    return result;
  }

  close(): void {
    this.session.destroy();
  }
}

/** Collects a call until it ends. */
export function resultOf(stream: ClientHttp2Stream): Promise<RawResult> {
  return new Promise((resolve) => {
    let httpStatus: number | undefined;
    let code: number | undefined;
    let text = '';
    const chunks: Buffer[] = [];
    const look = (headers: Record<string, unknown>): void => {
      if (headers[':status'] !== undefined) httpStatus = Number(headers[':status']);
      if (headers['grpc-status'] !== undefined) code = Number(headers['grpc-status']);
      if (headers['grpc-message'] !== undefined) text = decodeURIComponent(String(headers['grpc-message']));
    };
    stream.on('response', look);
    stream.on('trailers', look);
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.on('close', () => resolve({ httpStatus, code, text, messages: unframed(Buffer.concat(chunks)) }));
  });
}

/** One message with gRPC's five bytes before it. */
export function framed(message: Uint8Array): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}

function unframed(bytes: Buffer): Buffer[] {
  const messages: Buffer[] = [];
  for (let at = 0; at + 5 <= bytes.length; ) {
    const end = at + 5 + bytes.readUInt32BE(at + 1);
    messages.push(bytes.subarray(at + 5, end));
    at = end;
  }
  return messages;
}
