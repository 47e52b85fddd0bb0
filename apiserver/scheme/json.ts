export type Json = null | boolean | number | string | Json[] | JsonObject;
/** A JSON object; the value of an absent property is `undefined`. */
export interface JsonObject {
  [property: string]: Json | undefined;
}

/** An API object: what has apiVersion, kind and metadata. */
export type KubeObject = JsonObject & { apiVersion?: string; kind?: string; metadata?: JsonObject };

export const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
export const isArray = (value: Json | undefined): value is Json[] => Array.isArray(value);
export const isString = (value: Json | undefined): value is string => typeof value === 'string';

/** The value at a path of property names, undefined as soon as one is missing. */
export function at(value: Json | undefined, ...path: readonly string[]): Json | undefined {
  let current = value;
  for (const name of path) {
    if (!isObject(current)) return undefined;
    current = current[name];
  }
  return current;
}

/** The text at a path, '' when it is missing or no text. */
export function textAt(value: Json | undefined, ...path: readonly string[]): string {
  const found = at(value, ...path);
  return typeof found === 'string' ? found : '';
}
