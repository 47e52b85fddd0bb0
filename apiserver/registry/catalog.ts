import type { ResourceDefinition } from './definition.ts';

/**
 * Everything that is served now. Built-ins are put in at start; CRDs come and go. `generation` grows with every change: discovery and
 * OpenAPI documents are cached by it.
 */
export class Catalog {
  #byPath = new Map<string, ResourceDefinition>();
  #listeners = new Set<() => void>();
  #generation = 0;

  get generation(): number {
    return this.#generation;
  }

  /** The definition served at /apis/<group>/<version>/<plural> ('' is the core group). */
  lookup(group: string, version: string, plural: string): ResourceDefinition | undefined {
    return this.#byPath.get(`${group}/${version}/${plural}`);
  }

  lookupKind(group: string, version: string, kind: string): ResourceDefinition | undefined {
    for (const definition of this.#byPath.values()) {
      if (definition.group === group && definition.version === version && definition.kind === kind) return definition;
    }
    return undefined;
  }

  /** In the order they were put in. */
  all(): readonly ResourceDefinition[] {
    return [...this.#byPath.values()];
  }

  /** All served versions of a resource. */
  versionsOf(group: string, plural: string): readonly ResourceDefinition[] {
    return this.all().filter((d) => d.group === group && d.plural === plural);
  }

  /** Replaces what `before` put in by `after`; one generation. */
  replace(before: readonly ResourceDefinition[], after: readonly ResourceDefinition[]): void {
    for (const d of before) this.#byPath.delete(`${d.group}/${d.version}/${d.plural}`);
    for (const d of after) this.#byPath.set(`${d.group}/${d.version}/${d.plural}`, d);
    this.#generation++;
    for (const listener of this.#listeners) listener();
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
