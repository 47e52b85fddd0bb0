import { createHash } from 'node:crypto';
import { byteString } from '../../base/bytes.ts';
import type { Clock, Random } from '../../io/doors.ts';
import type { CommandBody } from '../../proto/command.ts';
import type { Identity } from '../../proto/gen/command.ts';
import type { Applied, AuthFact } from '../../storage/machine/machine.ts';
import type { Deadline } from '../deadline.ts';
import { TOKEN_LIMITS } from '../limits.ts';
import type { TokenProvider } from './token-provider.ts';

export interface SimpleTokensOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly ttlMs: number;
  /** The last entry that this member has applied. */
  readonly appliedIndex: () => number;
  /** Errors: those of the outcome and of a proposal. */
  readonly propose: (body: CommandBody, deadline: Deadline) => Promise<Applied>;
}

interface Known {
  readonly user: string;
  readonly index: number;
  untilMs: number;
}

const LETTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';
const SECRET_LETTERS = 16;
const TOKEN = /^([a-zA-Z]{16})\.([0-9]{1,16})$/;

/**
 * Tokens `SECRET.INDEX`: 16 random letters, and the entry of the log that made them known to every member. The log carries a digest of the
 * secret, so that neither it nor anything on disk can be used to log in. A token lives for `ttlMs` after its last use at this member; a
 * member that starts again knows only those that it applies again. Source of form and lifetime: etcd server/auth/simple_token.go.
 */
export class SimpleTokens implements TokenProvider {
  readonly #options: SimpleTokensOptions;
  /** By digest. Invariant: in the order of last use, which is that of `untilMs`. */
  readonly #tokens = new Map<string, Known>();

  constructor(options: SimpleTokensOptions) {
    this.#options = options;
  }

  /** How many are known. */
  get size(): number {
    return this.#tokens.size;
  }

  identify(token: string, authRevision: number): Identity | 'later' | undefined {
    const match = TOKEN.exec(token);
    if (match === null) return undefined;
    this.#dropExpired();
    const [, secret = '', index = ''] = match;
    const digest = digestOf(secret);
    const known = this.#tokens.get(digest);
    if (known === undefined) return Number(index) > this.#options.appliedIndex() ? 'later' : undefined;
    if (known.index !== Number(index)) return undefined;
    this.#use(digest, known);
    return { user: known.user, authRevision };
  }

  async issue(user: string, authRevision: number, deadline: Deadline): Promise<string> {
    const secret = this.#secret();
    const tokenDigest = createHash('sha256').update(secret).digest();
    const authenticate = { user, authRevision, tokenDigest };
    const body: CommandBody = { case: 'auth', auth: { change: { case: 'authenticate', authenticate } } };
    const { index } = await this.#options.propose(body, deadline);
    return `${secret}.${index}`;
  }

  applied(fact: AuthFact, index: number): void {
    switch (fact.type) {
      case 'token':
        this.#use(fact.digest, { user: fact.user, index, untilMs: 0 });
        break;
      case 'tokensVoid':
        for (const [digest, { user }] of this.#tokens) if (user === fact.user) this.#tokens.delete(digest);
        break;
      case 'disabled':
        this.reset();
        break;
    }
  }

  reset(): void {
    this.#tokens.clear();
  }

  #use(digest: string, known: Known): void {
    known.untilMs = this.#options.clock.nowMs() + this.#options.ttlMs;
    this.#tokens.delete(digest);
    this.#tokens.set(digest, known);
    const oldest = this.#tokens.keys().next();
    if (this.#tokens.size > TOKEN_LIMITS.maxSimpleTokens && !oldest.done) this.#tokens.delete(oldest.value);
  }

  #dropExpired(): void {
    const nowMs = this.#options.clock.nowMs();
    for (const [digest, { untilMs }] of this.#tokens) {
      if (untilMs > nowMs) return;
      this.#tokens.delete(digest);
    }
  }

  #secret(): string {
    let secret = '';
    while (secret.length < SECRET_LETTERS) {
      for (const byte of this.#options.random.bytes(SECRET_LETTERS)) {
        // Bytes beyond the last whole multiple would make some letters likelier than others.
        if (byte < 4 * LETTERS.length && secret.length < SECRET_LETTERS) secret += LETTERS[byte % LETTERS.length];
      }
    }
    return secret;
  }
}

function digestOf(secret: string): string {
  return byteString(createHash('sha256').update(secret).digest());
}
