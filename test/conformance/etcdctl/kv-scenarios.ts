import type { Scenario } from './scenario.ts';

/** put, get, del, txn, compaction: every flag, every format, and what is refused. */

const FORMATS = ['simple', 'json', 'fields', 'protobuf', 'table'] as const;

const GETS: readonly (readonly string[])[] = [
  ['get', 'k/b'],
  ['get', 'k/b', 'k/d'],
  ['get', 'none'],
  ['get', 'k/', '--prefix'],
  ['get', 'k/', '--prefix', '--keys-only'],
  ['get', 'k/', '--prefix', '--print-value-only'],
  ['get', 'k/', '--prefix', '--limit=2'],
  ['get', 'k/', '--prefix', '--order=DESCEND'],
  ['get', 'k/', '--prefix', '--sort-by=CREATE'],
  ['get', 'k/', '--prefix', '--sort-by=MODIFY', '--order=DESCEND', '--limit=1'],
  ['get', 'k/', '--prefix', '--sort-by=VALUE', '--order=ASCEND'],
  ['get', 'k/', '--prefix', '--sort-by=VERSION', '--order=DESCEND'],
  ['get', 'k/', '--prefix', '--sort-by=KEY'],
  ['get', 'k/c', '--from-key'],
  ['get', '', '--from-key', '--keys-only'],
  ['get', '', '--prefix', '--limit=1'],
  ['get', 'k/a', '--rev=2'],
  ['get', 'k/', '--prefix', '--rev=4'],
  ['get', 'k/a', '--consistency=s'],
  ['get', 'k/', '--prefix', '--hex'],
  ['get', 'k/a', '--rev=100000'],
  ['get', 'k/a', '--rev=-1'],
  ['get', ''],
  ['get'],
  ['get', 'k/a', '--prefix', '--from-key'],
  ['get', 'k/a', '--sort-by=SIZE'],
  ['get', 'k/a', '--order=SIDEWAYS'],
  ['get', 'k/a', '--consistency=x'],
  ['get', 'k/d', 'k/a'],
];

const fill: Scenario = async (ctl) => {
  for (const [key, value] of [['a', '3'], ['b', '1'], ['c', '2'], ['b', '4'], ['d', 'two\nlines'], ['a', '0']] as const) // biome-ignore format: a table
    await ctl.run(['put', `k/${key}`, value]);
};

export const kvScenarios: Readonly<Record<string, Scenario>> = {
  'put with every flag': async (ctl) => {
    await fill(ctl);
    for (const format of FORMATS) await ctl.run(['put', 'k/format', format, '-w', format]);
    for (const format of FORMATS) await ctl.run(['put', 'k/format', `again ${format}`, '--prev-kv', '-w', format]);
    await ctl.run(['put', 'k/in'], { input: 'from standard input\n' });
    await ctl.run(['put', 'k/in', '--ignore-value']);
    await ctl.run(['put', 'k/in', 'x', '--ignore-lease']);
    await ctl.run(['put', 'none', '--ignore-value']);
    await ctl.run(['put', 'none', 'x', '--ignore-lease']);
    await ctl.run(['put', 'k/in', '--', '--dashes']);
    await ctl.run(['put', 'k/in', 'x', '--lease=1234abcd']);
    await ctl.run(['put', 'k/in', 'x', '--lease=xyz']);
    await ctl.run(['put', '', 'x']);
    await ctl.run(['put', 'k/in', '']);
    await ctl.run(['put', 'k/ünï', 'ç€😀']);
    await ctl.run(['put', 'k/big'], { input: 'x'.repeat(1_700_000) });
    await ctl.run(['put']);
  },
  'get with every flag': async (ctl) => {
    await fill(ctl);
    for (const args of GETS) await ctl.run(args);
    for (const args of GETS.slice(0, 8))
      for (const format of FORMATS.slice(1, 4)) await ctl.run([...args, '-w', format]);
    await ctl.run(['get', 'k/a', '-w', 'table']);
    await ctl.run(['get', 'k/a', '-w', 'nonsense']);
    await ctl.run(['get', 'k/', '--prefix', '--hex', '-w', 'json']);
    if (ctl.minor >= 5) for (const format of ['simple', 'json', 'fields']) await ctl.run(['get', 'k/', '--prefix', '--count-only', '-w', format]); // biome-ignore format: a line
  },
  'del with every flag': async (ctl) => {
    await fill(ctl);
    await ctl.run(['del', 'none']);
    for (const format of FORMATS) {
      await ctl.run(['put', 'k/x', format]);
      await ctl.run(['del', 'k/x', '--prev-kv', '-w', format]);
    }
    await ctl.run(['del', 'k/a', 'k/c', '--prev-kv']);
    await ctl.run(['del', 'k/', '--prefix', '--prev-kv', '-w', 'json']);
    await fill(ctl);
    await ctl.run(['del', 'k/c', '--from-key']);
    await ctl.run(['del', 'k/b', 'k/a']);
    await ctl.run(['del', '']);
    await ctl.run(['del', 'k/', '--prefix', '--from-key']);
    await ctl.run(['del']);
    await ctl.run(['del', '', '--prefix', '-w', 'fields']);
  },
  txn: async (ctl) => {
    await fill(ctl);
    const txn = (input: string, ...args: string[]): Promise<string> => ctl.run(['txn', ...args], { input });
    for (const format of FORMATS.slice(0, 4)) {
      await txn(
        'value("k/a") = "0"\nver("k/b") > "1"\n\nput k/t 1\nget k/ --prefix\ndel k/none\n\nget k/a\n\n',
        '-w',
        format,
      );
      await txn('mod("k/a") < "2"\n\nput k/t 2\n\nget k/a\nput k/t 3 --prev-kv\ndel k/t2 --prev-kv\n\n', '-w', format);
    }
    await txn('create("none") = "0"\nlease("k/a") = "0"\n\nput none 1\n\n\n');
    await txn('create("none") != "0"\n\n\nget none\n\n');
    await txn('\nput a/1 x\nput a/2 y\nget a/ --prefix --keys-only\n\n\n');
    await txn('\n\n\n');
    await txn('value("k/a") = "0"\n\n\nput never 1\n\n');
    await txn('\nput k/t 1\nput k/t 2\n\n\n');
    await txn('\nput k/t 1\ndel k/ --prefix\n\n\n');
    await txn('\nget k/a --rev=100000\n\n\n');
    await txn('\nput k/t 1 --lease=77\n\n\n');
    await txn('\nput k/none --ignore-value\n\n\n');
    await txn(`\n${Array.from({ length: 129 }, (_, i) => `put many/${i} v`).join('\n')}\n\n\n`);
    await txn(`\n${Array.from({ length: 128 }, (_, i) => `put many/${i} v`).join('\n')}\n\n\n`);
    await txn('size("k/a") = "0"\n\n\n\n');
    await txn('mod("k/a") = "x"\n\n\n\n');
    await txn('\nfly k/a\n\n\n');
    await txn('value("k/a") = "0"\n\nput k/quoted "a \\"b\\" c"\nget k/quoted\n\n\n', '--interactive');
  },
  compaction: async (ctl) => {
    await fill(ctl);
    const revision = Number(/"revision":(\d+)/.exec(await ctl.run(['get', 'k/a', '-w', 'json']))?.[1]);
    await ctl.run(['compaction', String(revision - 3)]);
    await ctl.run(['compaction', String(revision - 3)]);
    await ctl.run(['get', 'k/', '--prefix', `--rev=${revision - 3}`]);
    await ctl.run(['get', 'k/', '--prefix', `--rev=${revision - 4}`]);
    await ctl.run(['watch', 'k/a', '--rev=2']);
    await ctl.run(['compaction', String(revision), '--physical']);
    await ctl.run(['compaction', String(revision + 1)]);
    await ctl.run(['compaction', '0']);
    await ctl.run(['compaction', '--', '-1']);
    await ctl.run(['compaction', 'soon']);
    await ctl.run(['endpoint', 'hashkv', '-w', 'json']);
    await ctl.run(['get', '', '--prefix', '-w', 'json']);
  },
};
