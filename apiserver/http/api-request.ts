import type { IncomingHttpHeaders } from 'node:http';
import type { CancelSignal } from '../../base/cancel.ts';
import type { Credentials } from '../authn/authenticator.ts';

/** One request as it came, whatever the protocol. */
export interface ApiRequest {
  readonly method: string;
  /** Path and query as sent. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  /** Names and values in turn, as they came: headers may repeat. */
  readonly rawHeaders: readonly string[];
  readonly clientCertificate: Credentials['clientCertificate'];
  /** A client certificate was shown that does not verify: the request is nobody's unless a token says whose. */
  readonly badCertificate: boolean;
  /** host:port the client came to. */
  readonly serverAddress: string;
  /** Aborted when the client is gone. */
  readonly signal: CancelSignal;
  /** The whole body. Errors: ApiError 413, 400. */
  body(): Promise<Buffer>;
}
