import { createHash, timingSafeEqual } from 'node:crypto';
import type { UserInfo } from '../request.ts';
import type { AuthenticationResult, Authenticator, Credentials } from './authenticator.ts';

/** A token file that cannot be used; the message is one line and holds no token. */
export class TokenFileError extends Error {
  override readonly name = 'TokenFileError';
}

interface Entry {
  readonly digest: Buffer;
  readonly user: UserInfo;
}

const digestOf = (token: string): Buffer => createHash('sha256').update(token, 'utf8').digest();

/**
 * Static tokens: lines of `token,user,uid,"group1,group2"` (CSV as kube-apiserver's --token-auth-file). Only digests are kept, and every one is
 * compared, in constant time: neither the time nor the memory of the process tells a token. A static token is good for `apiAudiences` and for no other
 * (absent: for any). Errors: TokenFileError.
 */
export function tokenFileAuthenticator(csv: string, path: string, apiAudiences?: readonly string[]): Authenticator {
  const entries = parseTokenFile(csv, path);
  return {
    name: 'token-file',
    async authenticate(credentials: Credentials, audiences: readonly string[]): Promise<AuthenticationResult> {
      if (credentials.bearerToken === undefined) return { type: 'none' };
      const digest = digestOf(credentials.bearerToken);
      let found: UserInfo | undefined;
      for (const entry of entries) if (timingSafeEqual(entry.digest, digest)) found = entry.user;
      if (found === undefined) return { type: 'none' };
      const good =
        apiAudiences === undefined ? audiences : audiences.filter((audience) => apiAudiences.includes(audience));
      if (good.length === 0 && audiences.length > 0) return { type: 'none' };
      return { type: 'user', user: found, audiences: good };
    },
  };
}

function parseTokenFile(csv: string, path: string): readonly Entry[] {
  const entries: Entry[] = [];
  const seen = new Set<string>();
  for (const [index, record] of parseCsv(csv, path).entries()) {
    if (record.length < 3) {
      throw new TokenFileError(
        `token file '${path}' must have at least 3 columns (token, user name, user uid), found ${record.length} in record ${index + 1}`,
      );
    }
    const [token = '', name = '', uid = '', groups = ''] = record;
    if (token === '' || name === '')
      throw new TokenFileError(`token file '${path}': record ${index + 1} has an empty token or user name`);
    const digest = digestOf(token);
    if (seen.has(digest.toString('hex')))
      throw new TokenFileError(`token file '${path}': record ${index + 1} repeats a token`);
    seen.add(digest.toString('hex'));
    const names = groups.split(',').map((group) => group.trim());
    entries.push({ digest, user: { name, uid, groups: names.filter((group) => group !== ''), extra: {} } });
  }
  return entries;
}

/** RFC 4180 with `#` comments; blank lines are skipped. */
function parseCsv(text: string, path: string): readonly (readonly string[])[] {
  const records: string[][] = [];
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === '' || line.startsWith('#')) continue;
    const fields: string[] = [];
    const pattern = /\s*(?:"((?:[^"]|"")*)"|([^",]*))\s*(,|$)/y;
    for (let more = true; more; ) {
      const match = pattern.exec(line);
      if (match === null) throw new TokenFileError(`token file '${path}': line ${index + 1} is not CSV`);
      fields.push(match[1]?.replaceAll('""', '"') ?? (match[2] ?? '').trim());
      more = match[3] === ',';
    }
    records.push(fields);
  }
  return records;
}
