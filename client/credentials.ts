import type { Client } from '@grpc/grpc-js';
import { Metadata } from '@grpc/grpc-js';
import { AuthService } from '../proto/gen/etcd.ts';
import { callUnary, deadlineOf } from './grpc-call.ts';
import type { CallCredentials } from './kv-client.ts';
import { CLIENT_LIMITS } from './limits.ts';

/** Texts of etcd after which a new token helps. Source: etcd client/v3/retry_interceptor.go. */
const STALE_TOKEN = new Set([
  'etcdserver: invalid auth token',
  'etcdserver: revision of auth store is old',
  'etcdserver: user name is empty',
]);

/** The metadata of every call: nothing, or the token that name and password earn. */
export class Credentials {
  readonly #user: { readonly username: string; readonly password: string } | undefined;
  #token: string | undefined;

  constructor(user: { readonly username: string; readonly password: string } | undefined) {
    this.#user = user;
  }

  /**
   * The metadata of one call: with the token that came with it, or else with the one that name and password earn, for which the server is
   * asked on `channel` when there is none yet. Errors: CallError.
   */
  async metadata(channel: Client, call?: CallCredentials): Promise<Metadata> {
    if (call?.token === undefined) await this.#authenticate(channel);
    const token = call?.token ?? this.#token;
    const metadata = new Metadata();
    if (token !== undefined) metadata.set('token', token);
    return metadata;
  }

  async #authenticate(channel: Client): Promise<void> {
    if (this.#user === undefined || this.#token !== undefined) return;
    const request = { name: this.#user.username, password: this.#user.password };
    const response = await callUnary(channel, AuthService.Authenticate, request, {
      metadata: new Metadata(),
      deadline: deadlineOf(undefined, CLIENT_LIMITS.defaultTimeoutMs),
      signal: undefined,
    });
    this.#token = response.token;
  }

  /** True when a call that ended with `text` should be tried again with a new token. */
  forgetStale(text: string): boolean {
    if (this.#user === undefined || !STALE_TOKEN.has(text)) return false;
    this.#token = undefined;
    return true;
  }
}
