import type { IncomingHttpHeaders } from 'node:http';
import type { AccessAttributes, Authorizer } from '../authz/authorizer.ts';
import { denial } from '../authz/denial.ts';
import { badRequest } from '../errors.ts';
import type { UserInfo } from '../request.ts';
import { FILTER_LIMITS } from './limits.ts';

const EXTRA_PREFIX = 'impersonate-extra-';
const SERVICE_ACCOUNT = /^system:serviceaccount:([^:]+):([^:]+)$/;

interface Wish {
  readonly name: string;
  readonly uid: string;
  readonly groups: readonly string[];
  readonly extra: Readonly<Record<string, readonly string[]>>;
}

/**
 * Who the request acts as: its user, or whom the Impersonate-* headers name when the user may. `rawHeaders` as Node gives them: groups may repeat.
 * Errors: ApiError 403 for what is not allowed, 400 for headers that do not go together.
 * Source: apiserver endpoints/filters/impersonation.go.
 */
export async function impersonate(
  user: UserInfo,
  headers: IncomingHttpHeaders,
  rawHeaders: readonly string[],
  authorizer: Authorizer,
): Promise<UserInfo> {
  const wish = wishOf(headers, rawHeaders);
  if (wish === undefined) return user;
  const account = SERVICE_ACCOUNT.exec(wish.name);
  if (account !== null) {
    await allow(authorizer, user, {
      resource: 'serviceaccounts',
      namespace: account[1] as string,
      name: account[2] as string,
    });
  } else await allow(authorizer, user, { resource: 'users', name: wish.name });
  for (const group of wish.groups) await allow(authorizer, user, { resource: 'groups', name: group });
  for (const [key, values] of Object.entries(wish.extra)) {
    for (const name of values) {
      await allow(authorizer, user, { group: AUTHENTICATION, resource: 'userextras', subresource: key, name });
    }
  }
  if (wish.uid !== '') await allow(authorizer, user, { group: AUTHENTICATION, resource: 'uids', name: wish.uid });
  return { name: wish.name, uid: wish.uid, groups: groupsOf(wish, account?.[1]), extra: wish.extra };
}

const AUTHENTICATION = 'authentication.k8s.io';

function groupsOf({ name, groups }: Wish, accountNamespace: string | undefined): readonly string[] {
  const all = [...groups];
  if (accountNamespace !== undefined && groups.length === 0) {
    all.push('system:serviceaccounts', `system:serviceaccounts:${accountNamespace}`);
  }
  if (name === 'system:anonymous') {
    if (!all.includes('system:unauthenticated')) all.push('system:unauthenticated');
  } else if (!all.includes('system:authenticated') && !all.includes('system:unauthenticated')) {
    all.push('system:authenticated');
  }
  return all;
}

function wishOf(headers: IncomingHttpHeaders, rawHeaders: readonly string[]): Wish | undefined {
  const name = headers['impersonate-user'];
  const groups = valuesOf(rawHeaders, 'impersonate-group');
  const uid = headers['impersonate-uid'];
  const extra: Record<string, string[]> = {};
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const header = (rawHeaders[i] as string).toLowerCase();
    if (!header.startsWith(EXTRA_PREFIX)) continue;
    (extra[unescaped(header.slice(EXTRA_PREFIX.length))] ??= []).push(rawHeaders[i + 1] as string);
  }
  const others = groups.length + Object.keys(extra).length;
  if (typeof name !== 'string' || name === '') {
    if (others > 0 || uid !== undefined) {
      throw badRequest('requested impersonation without an impersonated user: the Impersonate-User header is missing');
    }
    return undefined;
  }
  if (others > FILTER_LIMITS.maxImpersonatedValues) throw badRequest('too many impersonated groups and extra values');
  return { name, uid: typeof uid === 'string' ? uid : '', groups, extra };
}

function valuesOf(rawHeaders: readonly string[], name: string): readonly string[] {
  return rawHeaders.filter((_, i) => i % 2 === 1 && (rawHeaders[i - 1] as string).toLowerCase() === name);
}

/** Extra keys are percent-encoded in header names. */
function unescaped(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

async function allow(authorizer: Authorizer, user: UserInfo, what: Partial<AccessAttributes>): Promise<void> {
  const attributes: AccessAttributes = {
    user,
    verb: 'impersonate',
    resourceRequest: true,
    namespace: '',
    group: '',
    version: 'v1',
    resource: '',
    subresource: '',
    name: '',
    path: '',
    ...what,
  };
  const { decision, reason } = await authorizer.authorize(attributes);
  if (decision !== 'allow') throw denial(attributes, reason);
}
