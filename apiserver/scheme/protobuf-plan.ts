import type { ProtoField, Schema } from './schema.ts';
import { shapeOf } from './schema.ts';

/** One field of a message. */
export interface PlannedField {
  readonly name: string;
  readonly schema: Schema;
  readonly proto: ProtoField;
  readonly required: boolean;
}

/** A shape's protobuf fields, by number and in the order they are written. */
export interface Plan {
  readonly byNumber: ReadonlyMap<number, PlannedField>;
  readonly ordered: readonly PlannedField[];
  readonly numbers: ReadonlySet<number>;
}

const plans = new WeakMap<Schema, Plan>();

/** The plan of a shape, made once. */
export function planOf(lazy: Schema): Plan {
  const schema = shapeOf(lazy);
  const known = plans.get(schema);
  if (known !== undefined) return known;
  const ordered: PlannedField[] = [];
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    if (property.proto === undefined) continue; // apiVersion and kind lie in the envelope
    ordered.push({ name, schema: property, proto: property.proto, required: schema.required?.includes(name) ?? false });
  }
  ordered.sort((a, b) => a.proto.number - b.proto.number);
  const byNumber = new Map(ordered.map((field) => [field.proto.number, field]));
  const plan = { byNumber, ordered, numbers: new Set(byNumber.keys()) };
  plans.set(schema, plan);
  return plan;
}
