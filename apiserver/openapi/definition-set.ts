import type { JsonObject } from '../scheme/json.ts';
import type { Schema } from '../scheme/schema.ts';
import { type Dialect, definitionJson, refTo } from './schema-json.ts';

/** The named shapes that a document refers to, and those that these refer to. */
export class DefinitionSet {
  readonly #dialect: Dialect;
  readonly #known = new Map<string, Schema>();
  readonly #written = new Map<string, JsonObject>();

  constructor(dialect: Dialect) {
    this.#dialect = dialect;
  }

  /** A reference to a named shape, which becomes part of the document. */
  refer(schema: Schema): JsonObject {
    this.#add(schema);
    return refTo(schema.name ?? '', this.#dialect);
  }

  /** All of them, by name. */
  json(): JsonObject {
    // Writing one down may bring further ones.
    for (const [name, schema] of this.#known) {
      if (!this.#written.has(name))
        this.#written.set(
          name,
          definitionJson(schema, this.#dialect, (one) => this.#add(one)),
        );
    }
    return Object.fromEntries([...this.#written].sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  #add(schema: Schema): void {
    if (schema.name !== undefined && !this.#known.has(schema.name)) this.#known.set(schema.name, schema);
  }
}
