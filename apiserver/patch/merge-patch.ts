import { isObject, type Json, type JsonObject } from '../scheme/json.ts';

/** Applies a JSON merge patch (RFC 7386). Neither argument is changed; the result shares what the patch did not touch. */
export function applyMergePatch(target: Json | undefined, patch: Json): Json {
  if (!isObject(patch)) return patch;
  const result: JsonObject = isObject(target) ? { ...target } : {};
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) delete result[name];
    else if (value !== undefined) setOwn(result, name, applyMergePatch(ownOf(result, name), value));
  }
  return result;
}

/** A property that is the object's own: `constructor` of an empty object is undefined. */
export function ownOf(object: JsonObject, name: string): Json | undefined {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}

/** Sets a property even when it is called `__proto__`. */
export function setOwn(object: JsonObject, name: string, value: Json): void {
  if (name === '__proto__') {
    Object.defineProperty(object, name, { value, enumerable: true, configurable: true, writable: true });
  } else object[name] = value;
}
