import { constants } from 'node:http2';
import type { Method } from '../../proto/method.ts';
import { framed, RawGrpc, resultOf } from './raw-grpc.ts';

/** A call under way. */
export interface Pending<Response> {
  readonly answer: Promise<Response>;
  /** As a client does that goes away. */
  cancel(): void;
}

/** What a refused call rejects with. */
export class Refused extends Error {
  readonly code: number;

  constructor(code: number, text: string) {
    super(text);
    this.code = code;
  }
}

/** Calls of single methods over one connection, with nothing of the project's own client in between. */
export class MethodClient {
  readonly #raw: RawGrpc;

  constructor(url: string) {
    this.#raw = new RawGrpc(url);
  }

  start<Request, Response>(method: Method<Request, Response>, request: Request): Pending<Response> {
    const stream = this.#raw.open(method.path);
    const answer = resultOf(stream).then(({ code, text, messages: [message] }) => {
      if (code !== 0 || message === undefined) throw new Refused(code ?? -1, text);
      return method.decodeResponse(message);
    });
    answer.catch(() => undefined); // Looked at by whoever wants it.
    stream.end(framed(method.encodeRequest(request)));
    return { answer, cancel: () => stream.close(constants.NGHTTP2_CANCEL) };
  }

  call<Request, Response>(method: Method<Request, Response>, request: Request): Promise<Response> {
    return this.start(method, request).answer;
  }

  /** The messages of a stream, as they come. */
  stream<Request, Response>(
    method: Method<Request, Response>,
    request: Request,
    onMessage: (message: Response) => void,
  ): () => void {
    const stream = this.#raw.open(method.path);
    let rest = Buffer.alloc(0);
    stream.on('data', (chunk: Buffer) => {
      rest = Buffer.concat([rest, chunk]);
      while (rest.length >= 5 && rest.length >= 5 + rest.readUInt32BE(1)) {
        const end = 5 + rest.readUInt32BE(1);
        onMessage(method.decodeResponse(rest.subarray(5, end)));
        rest = rest.subarray(end);
      }
    });
    stream.end(framed(method.encodeRequest(request)));
    return () => stream.close(constants.NGHTTP2_CANCEL);
  }

  close(): void {
    this.#raw.close();
  }
}
