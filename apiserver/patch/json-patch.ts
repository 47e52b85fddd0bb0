import { badRequest, patchDoesNotFit, tooLarge } from '../errors.ts';
import { isArray, isObject, type Json } from '../scheme/json.ts';
import { PATCH_LIMITS } from './limits.ts';
import { ownOf, setOwn } from './merge-patch.ts';

interface Operation {
  readonly op: string;
  readonly path: readonly string[];
  readonly from: readonly string[];
  readonly value: Json | undefined;
}

/**
 * Applies a JSON patch (RFC 6902) to a private copy of `document`.
 * Errors: ApiError 400 for a malformed patch, 413 for too many operations, 422 when an operation (or a `test`) does not fit.
 */
export function applyJsonPatch(document: Json, patch: Json): Json {
  const operations = readOperations(patch);
  const root: { value: Json } = { value: structuredClone(document) };
  let copiedBytes = 0;
  for (const operation of operations) {
    if (operation.op === 'copy') {
      copiedBytes += JSON.stringify(find(root.value, operation.from, 'copy')).length;
      if (copiedBytes > PATCH_LIMITS.maxCopyBytes) throw patchDoesNotFit('the sum of copied bytes is too large');
    }
    applyOperation(root, operation);
  }
  return root.value;
}

function readOperations(patch: Json): readonly Operation[] {
  if (!isArray(patch)) throw badRequest('json: cannot unmarshal object into Go value of type jsonpatch.Patch');
  if (patch.length > PATCH_LIMITS.maxJsonPatchOperations) {
    throw tooLarge(
      `Request entity too large: The allowed maximum operations in a JSON patch is ${PATCH_LIMITS.maxJsonPatchOperations}, got ${patch.length}`,
    );
  }
  return patch.map((operation) => {
    if (!isObject(operation)) throw badRequest('json: a JSON patch operation must be an object');
    return {
      op: String(operation['op']),
      path: pointer(operation['path']),
      from: operation['from'] === undefined ? [] : pointer(operation['from']),
      value: operation['value'],
    };
  });
}

function pointer(text: Json | undefined): readonly string[] {
  if (typeof text !== 'string') throw patchDoesNotFit('missing path');
  if (text === '') return [];
  if (!text.startsWith('/')) throw patchDoesNotFit(`path ${JSON.stringify(text)} does not start with /`);
  return text
    .slice(1)
    .split('/')
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function applyOperation(root: { value: Json }, { op, path, from, value }: Operation): void {
  switch (op) {
    case 'add':
      add(root, path, required(value, 'add'));
      return;
    case 'replace':
      find(root.value, path, 'replace');
      put(root, path, required(value, 'replace'));
      return;
    case 'remove':
      remove(root, path);
      return;
    case 'move': {
      const moved = find(root.value, from, 'move');
      if (path.length > from.length && from.every((part, i) => path[i] === part)) {
        throw patchDoesNotFit('a value cannot be moved into itself');
      }
      remove(root, from);
      add(root, path, moved);
      return;
    }
    case 'copy':
      add(root, path, structuredClone(find(root.value, from, 'copy')));
      return;
    case 'test':
      if (!sameJson(lookup(root.value, path) ?? null, value ?? null)) {
        throw patchDoesNotFit(`testing value /${path.join('/')} failed: test failed`);
      }
      return;
    default:
      throw patchDoesNotFit(`Unexpected kind: ${op}`);
  }
}

const required = (value: Json | undefined, op: string): Json => {
  if (value === undefined) throw patchDoesNotFit(`${op} operation without a value`);
  return structuredClone(value);
};

function lookup(document: Json, path: readonly string[]): Json | undefined {
  let current: Json | undefined = document;
  for (const part of path) {
    if (isArray(current)) current = current[index(part, current.length - 1)];
    else if (isObject(current)) current = ownOf(current, part);
    else return undefined;
  }
  return current;
}

function find(document: Json, path: readonly string[], op: string): Json {
  const found = lookup(document, path);
  if (found === undefined)
    throw patchDoesNotFit(`${op} operation does not apply: doc is missing key: /${path.join('/')}`);
  return found;
}

/** The container of the last part of a path. */
function parentOf(root: { value: Json }, path: readonly string[], op: string): Json {
  return find(root.value, path.slice(0, -1), op);
}

function add(root: { value: Json }, path: readonly string[], value: Json): void {
  if (path.length === 0) {
    root.value = value;
    return;
  }
  const parent = parentOf(root, path, 'add');
  const last = path.at(-1) as string;
  if (isArray(parent)) parent.splice(last === '-' ? parent.length : index(last, parent.length), 0, value);
  else if (isObject(parent)) setOwn(parent, last, value);
  else throw patchDoesNotFit(`add operation does not apply: doc is missing path: /${path.join('/')}`);
}

function put(root: { value: Json }, path: readonly string[], value: Json): void {
  if (path.length === 0) {
    root.value = value;
    return;
  }
  const parent = parentOf(root, path, 'replace');
  const last = path.at(-1) as string;
  if (isArray(parent)) parent[index(last, parent.length - 1)] = value;
  else if (isObject(parent)) setOwn(parent, last, value);
}

function remove(root: { value: Json }, path: readonly string[]): void {
  if (path.length === 0) throw patchDoesNotFit('remove operation does not apply: the whole document cannot be removed');
  find(root.value, path, 'remove');
  const parent = parentOf(root, path, 'remove');
  const last = path.at(-1) as string;
  if (isArray(parent)) parent.splice(index(last, parent.length - 1), 1);
  else if (isObject(parent)) delete parent[last];
}

function index(part: string, highest: number): number {
  // Negative indices count from the end, as in the library that the real server uses.
  if (!/^(0|-?[1-9]\d*)$/.test(part)) throw patchDoesNotFit(`${JSON.stringify(part)} is not an index of an array`);
  const position = Number(part) < 0 ? highest + 1 + Number(part) : Number(part);
  if (position < 0 || position > highest)
    throw patchDoesNotFit(`Unable to access invalid index: ${part}: invalid index referenced`);
  return position;
}

/** Equality of JSON values; the order of properties does not count. */
export function sameJson(a: Json | undefined, b: Json | undefined): boolean {
  if (a === b) return true;
  if (isArray(a)) return isArray(b) && a.length === b.length && a.every((item, i) => sameJson(item, b[i]));
  if (!isObject(a) || !isObject(b)) return false;
  const names = Object.keys(a).filter((name) => a[name] !== undefined);
  if (names.length !== Object.keys(b).filter((name) => b[name] !== undefined).length) return false;
  return names.every((name) => Object.hasOwn(b, name) && sameJson(a[name], b[name]));
}
