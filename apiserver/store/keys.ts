import { byteString, bytesOf, utf8Bytes, utf8Text } from '../../base/bytes.ts';
import type { ResourceDefinition } from '../registry/definition.ts';

/** The part of a definition that says where its objects lie. */
export type Stored = Pick<ResourceDefinition, 'storagePath' | 'scope'>;

/** Where an object lies below its resource: `<namespace>/<name>`, or `<name>` when it has no namespace. */
export const objectPath = (namespace: string, name: string): string =>
  namespace === '' ? name : `${namespace}/${name}`;

/** Byte string of the prefix of all objects of a resource, or of one of its namespaces: `/registry/configmaps/`, `/registry/configmaps/default/`. */
export function resourcePrefix(prefix: string, stored: Stored, namespace = ''): string {
  const root = `${prefix}/${stored.storagePath}/`;
  return namespace === '' ? root : `${root}${toKey(namespace)}/`;
}

export function objectKey(prefix: string, stored: Stored, namespace: string, name: string): string {
  return resourcePrefix(prefix, stored) + toKey(objectPath(namespace, name));
}

/** What a key below a resource's prefix names. */
export function parseObjectPath(stored: Stored, path: string): { readonly namespace: string; readonly name: string } {
  const text = fromKey(path);
  const slash = stored.scope === 'Namespaced' ? text.indexOf('/') : -1;
  return slash < 0 ? { namespace: '', name: text } : { namespace: text.slice(0, slash), name: text.slice(slash + 1) };
}

const ASCII = /^[\0-\x7f]*$/;
const toKey = (text: string): string => (ASCII.test(text) ? text : byteString(utf8Bytes(text)));
const fromKey = (key: string): string => (ASCII.test(key) ? key : utf8Text(bytesOf(key)));
