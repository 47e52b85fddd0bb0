import { StoreError } from '../../base/store-error.ts';
import type { CallCredentials } from '../../client/kv-client.ts';
import type { Identity } from '../../proto/gen/command.ts';
import type { AuthStore } from '../../storage/auth/auth-store.ts';
import { NOBODY, type Rights } from '../../storage/auth/authorize.ts';
import type { Deadline } from '../deadline.ts';
import { TOKEN_LIMITS } from '../limits.ts';
import type { TokenProvider } from './token-provider.ts';

/** Looks at the rights of whoever calls; returns the refusal. */
export type RightsCheck = (rights: Rights) => StoreError | undefined;

/** What is done in somebody's name (undefined: the store's own), and who may. */
export interface Guarded<T> {
  check(rights: Rights): StoreError | undefined;
  work(identity: Identity | undefined): Promise<T>;
}

export interface AuthGateOptions {
  /** The users and roles as they are now: another object after a snapshot was installed. */
  readonly auth: () => AuthStore;
  readonly tokens: TokenProvider;
  /** Resolves when this member's state is at least as new as the cluster's was at the call. */
  readonly barrier: (deadline: Deadline) => Promise<void>;
}

/** Finds out who calls, and whether they may. */
export class AuthGate {
  readonly #options: AuthGateOptions;

  constructor(options: AuthGateOptions) {
    this.#options = options;
  }

  /**
   * Who calls. Answers at once nearly always: only a token that was never seen here takes time. While authentication is disabled nobody is
   * asked, and whoever comes is NOBODY. Errors: AUTH_INVALID_TOKEN, AUTH_OLD_REVISION; those of a read barrier.
   */
  identify(credentials: CallCredentials | undefined, deadline: Deadline): Identity | Promise<Identity> {
    const auth = this.#options.auth();
    if (!auth.enabled) return NOBODY;
    const { token, certificateName = '' } = credentials ?? {};
    if (token === undefined) {
      return certificateName === '' ? NOBODY : { user: certificateName, authRevision: auth.revision };
    }
    const known = token.length > TOKEN_LIMITS.maxTokenBytes ? undefined : this.#identifyToken(token);
    if (known === 'later') return this.#identifyLater(token, deadline);
    return known instanceof Promise ? known.then((identity) => this.#current(identity)) : this.#current(known);
  }

  /**
   * Passes whoever may do what `check` looks for, and resolves with who it is. A refusal is looked at again when this member is known to be
   * up to date: it may have missed what was granted at another one. Errors: those of `identify` and of `check`.
   */
  async authorize(credentials: CallCredentials | undefined, deadline: Deadline, check: RightsCheck): Promise<Identity> {
    const identity = await this.identify(credentials, deadline);
    const refusal = check({ auth: this.#options.auth(), identity });
    if (refusal === undefined) return identity;
    await this.#options.barrier(deadline);
    const again = await this.identify(credentials, deadline);
    const error = check({ auth: this.#options.auth(), identity: again });
    if (error !== undefined) throw error;
    return again;
  }

  /**
   * Runs `work` in the name of a caller whom `check` passes, and again when users and roles have changed before it was applied.
   * Errors: as `authorize`, and those of `work`.
   */
  run<T>(credentials: CallCredentials | undefined, deadline: Deadline, guarded: Guarded<T>): Promise<T> {
    // Nobody is asked who they are, and nobody has said: nothing is found out that could be old later.
    const isOpen = credentials === undefined && !this.#options.auth().enabled;
    return isOpen ? guarded.work(NOBODY) : this.#runNamed(credentials, deadline, guarded);
  }

  async #runNamed<T>(credentials: CallCredentials | undefined, deadline: Deadline, guarded: Guarded<T>): Promise<T> {
    for (let tries = 1; ; tries++) {
      const identity = await this.authorize(credentials, deadline, (rights) => guarded.check(rights));
      try {
        return await guarded.work(identity);
      } catch (error) {
        if (tries >= TOKEN_LIMITS.maxTries || !isStale(error, credentials)) throw error;
      }
      await this.#options.barrier(deadline);
    }
  }

  #identifyToken(token: string): ReturnType<TokenProvider['identify']> {
    return this.#options.tokens.identify(token, this.#options.auth().revision);
  }

  async #identifyLater(token: string, deadline: Deadline): Promise<Identity> {
    await this.#options.barrier(deadline);
    const known = await this.#identifyToken(token);
    return this.#current(known === 'later' ? undefined : known);
  }

  /** Rights that were given to a token of before the last change are not given any more, to anybody. */
  #current(identity: Identity | undefined): Identity {
    if (identity === undefined) throw new StoreError('AUTH_INVALID_TOKEN');
    if (identity.authRevision < this.#options.auth().revision) throw new StoreError('AUTH_OLD_REVISION');
    return identity;
  }
}

/** What was found out about the caller before it went through the log was old: nothing was done. */
function isStale(error: unknown, credentials: CallCredentials = {}): boolean {
  if (!(error instanceof StoreError)) return false;
  if (error.code === 'AUTH_OLD_REVISION') return true;
  const isNamed = credentials.token !== undefined || credentials.certificateName !== undefined;
  return error.code === 'AUTH_USER_EMPTY' && isNamed;
}
