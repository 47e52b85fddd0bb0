import { AuthService } from '../proto/gen/etcd.ts';
import type { Channel } from './channel.ts';
import { callUnary, deadlineOf } from './grpc-call.ts';
import type { Metadata } from './grpc-stream.ts';
import type { CallCredentials } from './kv-client.ts';
import { CLIENT_LIMITS } from './limits.ts';

/** Texts of etcd after which a new token helps. Source: etcd client/v3/retry_interceptor.go. */
const STALE_TOKEN = new Set([
  'etcdserver: invalid auth token',
  'etcdserver: revision of auth store is old',
  'etcdserver: user name is empty',
]);

interface User {
  readonly username: string;
  readonly password: string;
}

const NO_METADATA: Metadata = [];

/** The metadata of every call: nothing, or the token that name and password earn. */
export class Credentials {
  readonly #user: User | undefined;
  #token: string | undefined;

  constructor(user: User | undefined) {
    this.#user = user;
  }

  /**
   * The metadata of one call: with the token that came with it, or else with the one that name and password earn, for which the server is
   * asked on `channel` when there is none yet. Errors: CallError.
   */
  metadata(channel: Channel, call?: CallCredentials): Metadata | Promise<Metadata> {
    const token = call?.token ?? this.#token;
    if (token !== undefined) return [['token', token]];
    return this.#user === undefined ? NO_METADATA : this.#authenticate(channel, this.#user);
  }

  async #authenticate(channel: Channel, user: User): Promise<Metadata> {
    const request = { name: user.username, password: user.password };
    const response = await callUnary(channel, AuthService.Authenticate, request, {
      metadata: NO_METADATA,
      deadlineMs: deadlineOf(undefined, CLIENT_LIMITS.defaultTimeoutMs),
      signal: undefined,
    });
    this.#token = response.token;
    return [['token', response.token]];
  }

  /** True when a call that ended with `text` should be tried again with a new token. */
  forgetStale(text: string): boolean {
    if (this.#user === undefined || !STALE_TOKEN.has(text)) return false;
    this.#token = undefined;
    return true;
  }
}
