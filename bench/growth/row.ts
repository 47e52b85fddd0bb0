import { turns } from '../compare.ts';
import type { Side } from '../servers.ts';

/** One thing that was measured at one number of keys, on both sides in turn. Less is better. */
export interface GrowthRow {
  readonly name: string;
  readonly keys: number;
  readonly unit: 'ms' | 'us' | 'us CPU' | 's' | 'MB' | 'x';
  readonly keelson: readonly number[];
  readonly etcd: readonly number[];
  /** The greatest ratio of ours to theirs that will do; for the unit `x` the greatest value of ours. */
  readonly target?: number;
}

/** Two sides of one member each that hold `keys` keys and nothing else, but for what was measured before. */
export interface Stage {
  readonly sides: readonly Side[];
  readonly keys: number;
  readonly rounds: number;
  readonly log: (line: string) => void;
}

/** What is taken, by its name and unit. */
export type Taken = Pick<GrowthRow, 'name' | 'unit' | 'target'>;

/** Takes measures of both sides in turn, several at once: those of the names of `what`. One row for each. */
export async function takeAll<K extends string>(
  stage: Stage,
  what: Readonly<Record<K, Taken>>,
  measure: (side: Side) => Promise<Readonly<Record<K, number>>>,
): Promise<Readonly<Record<K, GrowthRow>>> {
  const names = Object.keys(what) as K[];
  const values = names.map((): Record<Side['name'], number[]> => ({ keelson: [], etcd: [] }));
  for (const { side, round } of turns(stage.sides, stage.rounds)) {
    const measured = await measure(side);
    for (const [i, name] of names.entries()) {
      values[i]?.[side.name].push(measured[name]);
      const text = `${Number(measured[name].toPrecision(3))} ${what[name].unit}`;
      stage.log(`${what[name].name}, ${stage.keys} keys, round ${round} ${side.name}: ${text}`);
    }
  }
  const rows = names.map((name, i) => [name, { ...what[name], keys: stage.keys, keelson: [], etcd: [], ...values[i] }]);
  return Object.fromEntries(rows) as Record<K, GrowthRow>;
}

/** Takes one measure of both sides in turn. */
export async function take(stage: Stage, what: Taken, measure: (side: Side) => Promise<number>): Promise<GrowthRow> {
  const { one } = await takeAll(stage, { one: what }, async (side) => ({ one: await measure(side) }));
  return one;
}
