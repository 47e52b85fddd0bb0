import { connect as connectPlain, isIP, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { ErrorCode } from '../http2/protocol.ts';
import { Session } from '../http2/session.ts';
import type { Sessions } from '../http2/session-group.ts';
import { CLIENT_LIMITS } from './limits.ts';

/** Certificates as PEM. Without `ca` the system's roots are trusted. */
export interface ClientTls {
  readonly ca?: Uint8Array;
  readonly cert?: Uint8Array;
  readonly key?: Uint8Array;
  /** Takes any server certificate. */
  readonly insecureSkipVerify?: boolean;
  /** The name to expect in the server's certificate instead of the endpoint's host. */
  readonly serverName?: string;
}

/** Where a server is and how it is spoken to. */
export interface Target {
  readonly to: { readonly host: string; readonly port: number } | { readonly path: string };
  /** Of requests. */
  readonly authority: string;
  /** Undefined: in plain text. */
  readonly tls: ClientTls | undefined;
}

/** Who waits for a connection. */
export interface Waiter {
  /** There is one with room for a stream. */
  onReady(session: Session): void;
  /** There is none to be had now. */
  onRefused(why: string): void;
}

/** idle: nobody has asked. failed: the last attempt failed and the next waits for its time. */
export type ChannelState = 'idle' | 'connecting' | 'ready' | 'failed';

/**
 * The connection to one server: made when first needed, made again after a growing pause while that fails. Who comes while it fails is
 * refused at once, who comes while it is made waits.
 */
export class Channel {
  readonly target: Target;
  readonly #sessions: Sessions;
  #state: ChannelState = 'idle';
  #session: Session | undefined;
  #socket: Socket | undefined;
  #waiting: Waiter[] = [];
  /** Those who are about to be told. */
  readonly #refused = new Set<Waiter>();
  #backoffMs: number = CLIENT_LIMITS.reconnectFirstMs;
  #retry: NodeJS.Timeout | undefined;
  #lastProblem = '';
  #isClosed = false;

  constructor(target: Target, sessions: Sessions) {
    this.target = target;
    this.#sessions = sessions;
  }

  get state(): ChannelState {
    return this.#state;
  }

  /** Begins to connect, if nothing has begun. */
  connect(): void {
    if (this.#state === 'idle' && !this.#isClosed) this.#connect();
  }

  /** Hands a session with room to `waiter`, now or when there is one. */
  enter(waiter: Waiter): void {
    this.connect();
    const session = this.#session;
    if (session?.hasRoom && this.#waiting.length === 0) waiter.onReady(session);
    else if (this.#state === 'failed' || this.#isClosed) this.#refuse(waiter, this.#problem());
    else if (this.#waiting.length >= CLIENT_LIMITS.maxWaitingCalls)
      this.#refuse(waiter, 'too many calls wait for a connection');
    else this.#waiting.push(waiter);
  }

  /** A waiter waits no more. */
  leave(waiter: Waiter): void {
    this.#refused.delete(waiter);
    const at = this.#waiting.indexOf(waiter);
    if (at >= 0) this.#waiting.splice(at, 1);
  }

  /** In a turn of its own: who comes again at once would otherwise keep everything else from running, the next attempt to connect included. */
  #refuse(waiter: Waiter, why: string): void {
    this.#refused.add(waiter);
    setImmediate(() => {
      if (this.#refused.delete(waiter)) waiter.onRefused(why);
    });
  }

  /** A stream of the session has ended: one who waits may have its place. */
  onRoom(): void {
    if (this.#waiting.length > 0) this.#admit();
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#retry);
    this.#socket?.destroy();
    this.#session?.destroy();
    this.#refuseAll();
  }

  #problem(): string {
    return `No connection established. Last error: ${this.#lastProblem}`;
  }

  #connect(): void {
    this.#state = 'connecting';
    const socket = open(this.target);
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.setTimeout(CLIENT_LIMITS.connectTimeoutMs, () =>
      socket.destroy(new Error('the connection was not made in time')),
    );
    const onError = (error: Error): void => {
      this.#lastProblem = error.message;
    };
    const onClose = (): void => this.#failed();
    socket.on('error', onError);
    socket.once('close', onClose);
    socket.once(this.target.tls === undefined ? 'connect' : 'secureConnect', () => {
      socket.setTimeout(0);
      const isHttp2 = this.target.tls === undefined || (socket as TLSSocket).alpnProtocol === 'h2';
      if (!isHttp2) {
        socket.destroy(new Error('the server does not speak HTTP/2'));
        return;
      }
      socket.off('close', onClose);
      this.#opened(socket);
    });
  }

  #opened(socket: Socket): void {
    this.#socket = undefined;
    const session: Session = new Session(
      socket,
      {
        role: 'client',
        maxStreams: 0,
        streamWindowBytes: CLIENT_LIMITS.flowControlWindowBytes,
        keepalive: {
          timeMs: CLIENT_LIMITS.keepaliveTimeMs,
          timeoutMs: CLIENT_LIMITS.keepaliveTimeoutMs,
          onlyInUse: true,
        },
        onSettings: () => this.#ready(session),
        onGoAway: () => this.#lost(session),
        onClosed: () => {
          this.#sessions.remove(session);
          this.#lost(session);
        },
        // The connection is lost with it, and everybody on it hears so.
        onDefect: (error) => {
          this.#lastProblem = String(error);
        },
      },
      this.#sessions,
    );
    this.#session = session;
    this.#sessions.add(session);
  }

  /** The server has told its settings: it speaks HTTP/2, and how many streams it takes is known. */
  #ready(session: Session): void {
    if (session !== this.#session) return;
    this.#state = 'ready';
    this.#backoffMs = CLIENT_LIMITS.reconnectFirstMs;
    this.#admit();
  }

  #admit(): void {
    while (this.#waiting.length > 0 && this.#state === 'ready' && this.#session?.hasRoom) {
      this.#waiting.shift()?.onReady(this.#session);
    }
  }

  /** The session takes no new streams; what is open on it goes on as long as it can. */
  #lost(session: Session): void {
    if (session !== this.#session) return;
    this.#session = undefined;
    if (this.#state !== 'ready') {
      this.#lastProblem ||= 'the server closed the connection';
      this.#failed();
      return;
    }
    this.#state = 'idle';
    if (this.#waiting.length > 0) this.connect();
  }

  #failed(): void {
    this.#socket = undefined;
    if (this.#isClosed) return;
    this.#state = 'failed';
    this.#refuseAll();
    // A part of the pause is chance, so that the clients of a server do not come back all at once.
    const pauseMs = this.#backoffMs * (0.8 + Math.random() * 0.4);
    this.#backoffMs = Math.min(this.#backoffMs * 2, CLIENT_LIMITS.reconnectMaxMs);
    this.#retry = setTimeout(() => this.#again(), pauseMs).unref();
  }

  /** Another attempt; who comes meanwhile is still refused at once. */
  #again(): void {
    if (this.#isClosed) return;
    this.#connect();
    this.#state = 'failed';
  }

  #refuseAll(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const waiter of waiting) waiter.onRefused(this.#problem());
  }
}

function open({ to, tls }: Target): Socket {
  if (tls === undefined) return connectPlain(to);
  const { ca, cert, key, serverName, insecureSkipVerify } = tls;
  const name = serverName ?? ('host' in to && isIP(to.host) === 0 ? to.host : undefined);
  return connectTls({
    ...to,
    ALPNProtocols: ['h2'],
    rejectUnauthorized: insecureSkipVerify !== true,
    ...(name === undefined ? {} : { servername: name }),
    ...(ca === undefined ? {} : { ca: Buffer.from(ca) }),
    ...(cert === undefined ? {} : { cert: Buffer.from(cert) }),
    ...(key === undefined ? {} : { key: Buffer.from(key) }),
  });
}

/** Where `http://host:port`, `https://host:port`, `unix://path` or `host:port` (TLS when `tls` is given) is. */
export function targetOf(url: string, tls: ClientTls | undefined): Target {
  const match = /^(?:(https?|unixs?):\/\/)?(.+?)\/*$/.exec(url);
  const scheme = match?.[1];
  const address = match?.[2] ?? url;
  const isSecure = scheme === 'https' || scheme === 'unixs' || (scheme === undefined && tls !== undefined);
  const used = isSecure ? (tls ?? {}) : undefined;
  if (scheme?.startsWith('unix'))
    return { to: { path: address }, authority: tls?.serverName ?? 'localhost', tls: used };
  const { hostname, port } = new URL(`http://${address}`);
  const host = hostname.replace(/^\[|\]$/g, '');
  const to = { host, port: port === '' ? (isSecure ? 443 : 80) : Number(port) };
  return { to, authority: tls?.serverName ?? address, tls: used };
}

/** True when a stream that ended so was not looked at by the server: it is safe to send its request again. */
export const isUnprocessed = (code: ErrorCode): boolean => code === ErrorCode.REFUSED_STREAM;
