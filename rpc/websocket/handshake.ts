import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';

/** What every server adds to a client's key. Source: RFC 6455 §1.3. */
const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

/** Whether a request asks to become a WebSocket. */
export function asksForWebSocket({ headers }: IncomingMessage): boolean {
  return hasToken(headers.connection, 'upgrade') && hasToken(headers.upgrade, 'websocket');
}

/** The head of the answer that makes it one, or of the refusal. A `Bearer` among the protocols is agreed to: it brings a token. */
export function handshake({ method, headers }: IncomingMessage): { readonly accepted: boolean; readonly head: string } {
  const key = headers['sec-websocket-key'] ?? '';
  if (method !== 'GET' || headers['sec-websocket-version'] !== '13' || Buffer.from(key, 'base64').length !== 16) {
    const text = 'Bad Request\n';
    const head = `HTTP/1.1 400 Bad Request\r\nSec-WebSocket-Version: 13\r\nContent-Type: text/plain; charset=utf-8\r\n`;
    return { accepted: false, head: `${head}Content-Length: ${text.length}\r\nConnection: close\r\n\r\n${text}` };
  }
  const accept = createHash('sha1')
    .update(key + GUID)
    .digest('base64');
  const protocol = headers['sec-websocket-protocol']?.startsWith('Bearer') ? 'Sec-WebSocket-Protocol: Bearer\r\n' : '';
  const head = `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n`;
  return { accepted: true, head: `${head}Sec-WebSocket-Accept: ${accept}\r\n${protocol}\r\n` };
}

/**
 * Who the client is, as the `Authorization` of the call: `Sec-WebSocket-Protocol: Bearer, TOKEN`, since a browser can set no other field,
 * or a cookie `token`. Source: grpc-websocket-proxy, which etcd uses.
 */
export function authorizationOf(headers: IncomingHttpHeaders): string | undefined {
  const cookie = /(?:^|;\s*)token=([^;]*)/.exec(headers.cookie ?? '');
  if (cookie?.[1] !== undefined) return `Bearer ${cookie[1]}`;
  const protocols = headers['sec-websocket-protocol'];
  if (protocols === undefined) return undefined;
  const [, token] = protocols.split(/Bearer,(.*)/s);
  return token === undefined ? '' : `Bearer ${token.trim()}`;
}

function hasToken(header: string | undefined, token: string): boolean {
  return (header ?? '').split(',').some((part) => part.trim().toLowerCase() === token);
}
