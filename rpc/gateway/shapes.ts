import { JSON_ENUMS, JSON_MESSAGES } from '../../proto/gen/etcd-json.ts';
import type { JsonField } from '../../proto/json-fields.ts';

/** A field with what the mapping looks up once. */
export interface Field extends JsonField {
  /** `rangeEnd` for range_end. */
  readonly jsonName: string;
  /** Where it stands in its message: the order of the output. */
  readonly index: number;
  readonly numberOf: (name: string) => number | undefined;
  readonly nameOf: (number: number) => string | undefined;
}

/** A message's fields by what each side knows of them. */
export interface Shape {
  readonly name: string;
  readonly byName: ReadonlyMap<string, Field>;
  readonly byNumber: ReadonlyMap<number, Field>;
  readonly numbers: ReadonlySet<number>;
}

/** The shape of a message of the public API. A name that is not in the tables is a mistake of ours. */
export function shapeOf(name: string): Shape {
  const shape = SHAPES.get(name);
  if (shape === undefined) throw new TypeError(`no message ${name}`);
  return shape;
}

const ENUMS: ReadonlyMap<string, Pick<Field, 'numberOf' | 'nameOf'>> = new Map(
  Object.entries(JSON_ENUMS).map(([name, values]) => {
    const numbers = new Map(Object.entries(values));
    const names = new Map(Object.entries(values).map(([value, number]) => [number, value]));
    return [name, { numberOf: (value: string) => numbers.get(value), nameOf: (number: number) => names.get(number) }];
  }),
);

const NO_ENUM: Pick<Field, 'numberOf' | 'nameOf'> = { numberOf: () => undefined, nameOf: () => undefined };

const SHAPES: ReadonlyMap<string, Shape> = new Map(
  Object.entries(JSON_MESSAGES).map(([name, rows]) => {
    const fields = rows.map((row, index): Field => {
      const jsonName = row.name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
      const { numberOf, nameOf } = ENUMS.get(row.of ?? '') ?? NO_ENUM;
      return { ...row, index, jsonName, numberOf, nameOf };
    });
    return [
      name,
      {
        name,
        byName: new Map([
          ...fields.map((field) => [field.name, field] as const),
          ...fields.map((field) => [field.jsonName, field] as const),
        ]),
        byNumber: new Map(fields.map((field) => [field.number, field])),
        numbers: new Set(fields.map(({ number }) => number)),
      },
    ];
  }),
);
