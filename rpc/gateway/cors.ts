import type { IncomingMessage, ServerResponse } from 'node:http';

/** Which origins browsers may call from: `*` for all, none for all as well. Source: etcd --cors. */
export type CorsOrigins = readonly string[];

export const ANY_ORIGIN: CorsOrigins = ['*'];

/** Puts the headers there that let a browser call. Source: etcd embed/serve.go, addCORSHeader. */
export function allowOrigin(origins: CorsOrigins, request: IncomingMessage, response: ServerResponse): void {
  const isAny = origins.length === 0 || origins.includes('*');
  const origin = isAny ? '*' : request.headers.origin;
  if (origin === undefined || !(isAny || origins.includes(origin))) return;
  response.setHeader('Access-Control-Allow-Headers', 'accept, content-type, authorization');
  response.setHeader('Access-Control-Allow-Methods', 'POST, GET, OPTIONS, PUT, DELETE');
  response.setHeader('Access-Control-Allow-Origin', origin);
}
