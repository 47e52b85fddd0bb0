import assert from 'node:assert/strict';
import { test } from 'node:test';
import { utf8Bytes } from '../../base/bytes.ts';
import type { Passwords } from '../../io/doors.ts';
import { createNodePasswords } from '../../io/node/passwords.ts';
import { PasswordCheck } from '../../member/auth/password-check.ts';
import type { User } from '../../proto/gen/etcd.ts';

const COST = 4;
/** What bcrypt takes for a hash of `COST`, and so works through: anything else it refuses at once. */
const WHOLE_HASH = /^\$2[aby]\$04\$[./A-Za-z0-9]{53}$/;

const userOf = (name: string, hash: string, noPassword = false): User => ({
  name: utf8Bytes(name),
  password: utf8Bytes(hash),
  roles: [],
  options: { noPassword },
});

test('every refused login costs one comparison of the same work, whatever the reason', async () => {
  const real = createNodePasswords();
  const compared: string[] = [];
  const passwords: Passwords = {
    hash: (password, cost) => real.hash(password, cost),
    matches: (password, hash) => {
      compared.push(hash);
      return real.matches(password, hash);
    },
  };
  const check = new PasswordCheck(passwords, COST);
  const alice = userOf('alice', await real.hash('secret', COST));
  const refused: readonly (readonly [string, User | undefined, string])[] = [
    ['a wrong password', alice, 'wrong'],
    ['a password that is too long', alice, 'x'.repeat(73)],
    ['a name that there is not', undefined, 'wrong'],
    ['a name that there is not, with the password of nobody', undefined, ''],
    ['a user without a password', userOf('carl', '', true), ''],
    ['a user whose password was taken away', userOf('carl', utf8HashOf(alice), true), 'secret'],
  ];
  for (const [why, user, password] of refused) {
    compared.length = 0;
    assert.equal(await check.matches(user, password), false, why);
    assert.equal(compared.length, 1, why);
    assert.match(compared[0] ?? '', WHOLE_HASH, why);
  }
  assert.equal(await check.matches(alice, 'secret'), true);
});

const utf8HashOf = (user: User): string => Buffer.from(user.password).toString('utf8');
