import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { GrowthRow } from '../growth/row.ts';
import type { GeneratorCheck } from '../limits/generator.ts';
import { type Comparison, nameOf } from '../report.ts';
import type { Machine, Stamp } from './machine.ts';
import { page } from './page.ts';
import { picture } from './picture.ts';

/** Everything that was measured on one machine: what docs/benchmarks/results.json holds. */
export interface Results {
  readonly machine: Machine;
  readonly generator: readonly GeneratorCheck[];
  readonly loads: readonly (Comparison & Stamp)[];
  readonly growth: readonly (GrowthRow & Stamp)[];
}

/** `newer` in place of the rows of `older` with the same names; what was measured on another machine is not kept beside it. */
export function merged(older: Results | undefined, newer: Results): Results {
  if (older === undefined || JSON.stringify(older.machine) !== JSON.stringify(newer.machine)) return newer;
  return {
    machine: newer.machine,
    generator: newer.generator.length > 0 ? newer.generator : older.generator,
    loads: replaced(older.loads, newer.loads, nameOf),
    growth: replaced(older.growth, newer.growth, (row) => `${row.name} ${row.keys}`),
  };
}

function replaced<T>(older: readonly T[], newer: readonly T[], keyOf: (row: T) => string): readonly T[] {
  const byKey = new Map(newer.map((row) => [keyOf(row), row]));
  const kept = older.map((row) => {
    const key = keyOf(row);
    const replacement = byKey.get(key) ?? row;
    byKey.delete(key);
    return replacement;
  });
  return [...kept, ...byKey.values()];
}

/** Merges into `folder`: results.json, results.md for reading, results.svg. Returns what is there now. */
export function save(folder: string, newer: Results): Results {
  const path = join(folder, 'results.json');
  const older = existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Results) : undefined;
  const results = merged(older, newer);
  mkdirSync(folder, { recursive: true });
  writeFileSync(path, jsonOf(results));
  writeFileSync(join(folder, 'results.md'), page(results));
  writeFileSync(join(folder, 'results.svg'), picture(results));
  return results;
}

/** With fractions of six digits: more would only be noise in a diff. */
export function jsonOf(value: unknown): string {
  const rounded = (_: string, v: unknown): unknown =>
    typeof v === 'number' && !Number.isInteger(v) ? Number(v.toPrecision(6)) : v;
  return `${JSON.stringify(value, rounded, 1)}\n`;
}
