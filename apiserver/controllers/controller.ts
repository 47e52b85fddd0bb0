import { ApiError } from '../errors.ts';
import type { Catalog } from '../registry/catalog.ts';
import type { ResourceDefinition } from '../registry/definition.ts';
import type { Registry } from '../registry/registry.ts';

/** Something that keeps the cluster as it should be. `start` resolves when it works; what it returns stops it. */
export interface Controller {
  readonly name: string;
  start(): Promise<() => Promise<void>>;
}

/** What every controller needs. */
export interface ControllerServices {
  readonly registry: Registry;
  readonly catalog: Catalog;
  /** Told of failures; the work is tried again by itself. */
  readonly onTrouble: (what: string, error: unknown) => void;
}

/** A built-in resource, undefined when this server does not serve it. */
export const builtIn = (
  catalog: Catalog,
  group: string,
  version: string,
  plural: string,
): ResourceDefinition | undefined => catalog.lookup(group, version, plural);

export const isNotFound = (error: unknown): boolean => error instanceof ApiError && error.code === 404;
export const isConflict = (error: unknown): boolean => error instanceof ApiError && error.reason === 'Conflict';
export const isAlreadyThere = (error: unknown): boolean =>
  error instanceof ApiError && error.reason === 'AlreadyExists';

/** Waits for `work`; an error that `passes` takes counts as done. */
export async function unless<T>(work: Promise<T>, passes: (error: unknown) => boolean): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (passes(error)) return undefined;
    throw error;
  }
}

/** Runs `work` on every item, at most `concurrency` at once; the first failure is thrown when all have ended. */
export async function forEachBounded<T>(
  items: readonly T[],
  concurrency: number,
  work: (item: T) => Promise<unknown>,
): Promise<void> {
  let next = 0;
  const failures: unknown[] = [];
  const worker = async (): Promise<void> => {
    for (let i = next++; i < items.length; i = next++) {
      try {
        await work(items[i] as T);
      } catch (error) {
        failures.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, items.length) }, worker));
  if (failures.length > 0) throw failures[0];
}

/** Metadata timestamps: whole seconds, RFC 3339. */
export const timestamp = (atMs: number = Date.now()): string => `${new Date(atMs).toISOString().slice(0, 19)}Z`;
