import { badRequest } from '../errors.ts';
import { isObject, type Json } from '../scheme/json.ts';
import { STORE_LIMITS } from './limits.ts';

/** Where the next page begins. */
export interface ContinuePoint {
  /** The path below the resource's prefix of the first key that may be on the page (byte string). */
  readonly start: string;
  /** The revision of the first page; -1: as of now, the pages are then not of one snapshot ("inconsistent continue"). */
  readonly revision: number;
}

/** Source: apiserver pkg/storage/continue.go. */
export function encodeContinue({ start, revision }: ContinuePoint): string {
  const token = { v: 'meta.k8s.io/v1', rv: revision, start: Buffer.from(start, 'latin1').toString('utf8') };
  return Buffer.from(JSON.stringify(token)).toString('base64url');
}

/** Errors: ApiError 400. */
export function decodeContinue(text: string): ContinuePoint {
  const token = parse(text);
  if (token['v'] !== 'meta.k8s.io/v1') {
    throw refuse(`server does not recognize this encoded version ${JSON.stringify(token['v'] ?? '')}`);
  }
  const revision = token['rv'];
  if (typeof revision !== 'number' || !Number.isSafeInteger(revision) || revision === 0) {
    throw refuse('incorrect encoded start resourceVersion (version meta.k8s.io/v1)');
  }
  const start = token['start'];
  if (typeof start !== 'string' || start === '' || /(^|\/)\.{0,2}(\/|$)/.test(start)) throw refuse(String(start));
  return { start: Buffer.from(start, 'utf8').toString('latin1'), revision };
}

function parse(text: string): { [name: string]: Json | undefined } {
  if (text.length > STORE_LIMITS.maxContinueChars || !/^[A-Za-z0-9_-]+$/.test(text))
    throw refuse('illegal base64 data');
  try {
    const value = JSON.parse(Buffer.from(text, 'base64url').toString('utf8')) as Json;
    if (isObject(value)) return value;
  } catch {
    // Not JSON: refused below.
  }
  throw refuse('it does not hold a JSON object');
}

const refuse = (why: string) => badRequest(`invalid continue token: continue token is not valid: ${why}`);
