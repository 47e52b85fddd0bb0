import { utf8Bytes, utf8Text } from '../../base/bytes.ts';
import { StoreError } from '../../base/store-error.ts';
import { type Passwords, PasswordsBusyError } from '../../io/doors.ts';
import type { User } from '../../proto/gen/etcd.ts';
import { TOKEN_LIMITS } from '../limits.ts';

/** What follows the cost in a bcrypt hash that is nobody's: salt and digest. */
const NOBODYS_REST = `${'.'.repeat(22)}${'/'.repeat(31)}`;

/** Hashes and checks passwords. `passwords`: the door; undefined: a member that cannot. */
export class PasswordCheck {
  readonly #passwords: Passwords | undefined;
  readonly #cost: number;

  constructor(passwords: Passwords | undefined, cost: number) {
    this.#passwords = passwords;
    this.#cost = cost;
  }

  /** What is kept of a password. Errors: UNKNOWN in etcd's words for one that is too long; TOO_MANY_REQUESTS, UNIMPLEMENTED. */
  async hash(password: string): Promise<Uint8Array> {
    if (isTooLong(password)) throw new StoreError('UNKNOWN', 'bcrypt: password length exceeds 72 bytes');
    return utf8Bytes(await this.#use((passwords) => passwords.hash(password, this.#cost)));
  }

  /**
   * Whether somebody is who they say. A user that does not exist, or has no password, costs the same time as a wrong password, so that
   * nobody learns which names there are. Errors: TOO_MANY_REQUESTS, UNIMPLEMENTED.
   */
  async matches(user: User | undefined, password: string): Promise<boolean> {
    const hash = user === undefined || user.options?.noPassword === true ? '' : utf8Text(user.password);
    const isPossible = hash !== '' && !isTooLong(password);
    const nobodys = `$2b$${String(this.#cost).padStart(2, '0')}$${NOBODYS_REST}`;
    const matches = await this.#use((passwords) =>
      isPossible ? passwords.matches(password, hash) : passwords.matches('', nobodys),
    );
    return matches && isPossible;
  }

  async #use<T>(work: (passwords: Passwords) => Promise<T>): Promise<T> {
    if (this.#passwords === undefined) throw new StoreError('UNIMPLEMENTED', 'this member hashes no passwords');
    try {
      return await work(this.#passwords);
    } catch (error) {
      if (error instanceof PasswordsBusyError) throw new StoreError('TOO_MANY_REQUESTS');
      throw error;
    }
  }
}

function isTooLong(password: string): boolean {
  return utf8Bytes(password).length > TOKEN_LIMITS.maxPasswordBytes;
}
