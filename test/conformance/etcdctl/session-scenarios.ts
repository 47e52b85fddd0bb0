import { eventually, type Running } from '../../kit/process.ts';
import type { Ctl, Scenario } from './scenario.ts';

/** Leases, watches, locks and elections: what goes on until somebody stops it. */

const WAIT_MS = 15_000;

async function grant(ctl: Ctl, seconds: number): Promise<string> {
  return /^lease ([0-9a-f]+)/.exec(await ctl.run(['lease', 'grant', String(seconds)]))?.[1] ?? '';
}

/** Waits for so many lines, so that both are stopped after the same ones. */
async function lines(running: Running, count: number): Promise<void> {
  await eventually(
    `${count} lines in ${JSON.stringify(running.output())} ${running.errors()}`,
    () => (running.output().split('\n').length > count ? true : undefined),
    { timeoutMs: WAIT_MS },
  );
}

async function firstRevision(ctl: Ctl): Promise<number> {
  return Number(/"revision":(\d+)/.exec(await ctl.run(['put', 'w/a', '1', '-w', 'json']))?.[1]);
}

export const sessionScenarios: Readonly<Record<string, Scenario>> = {
  leases: async (ctl) => {
    const id = await grant(ctl, 100_000);
    await ctl.run(['put', 'l/a', '1', `--lease=${id}`]);
    await ctl.run(['put', 'l/b', '1', `--lease=${id}`]);
    await ctl.run(['put', 'l/b', '2', '--ignore-lease']);
    await ctl.run(['get', 'l/', '--prefix', '-w', 'json']);
    for (const format of ['simple', 'json', 'fields', 'table']) {
      await ctl.run(['lease', 'timetolive', id, '-w', format]);
      await ctl.run(['lease', 'timetolive', id, '--keys', '-w', format]);
      await ctl.run(['lease', 'list', '-w', format]);
    }
    await ctl.run(['lease', 'keep-alive', '--once', id]);
    await ctl.run(['lease', 'keep-alive', '--once', id, '-w', 'json']);
    await ctl.run(['lease', 'keep-alive', '--once', id, '-w', 'fields']);
    await ctl.run(['lease', 'revoke', id, '-w', 'json']);
    await ctl.run(['get', 'l/', '--prefix', '-w', 'json']);
    await ctl.run(['lease', 'revoke', id]);
    await ctl.run(['lease', 'timetolive', id]);
    await ctl.run(['lease', 'timetolive', id, '-w', 'json']);
    await ctl.run(['lease', 'keep-alive', '--once', id]);
    await ctl.run(['lease', 'keep-alive', id]);
    await ctl.run(['lease', 'grant', '1']);
    await ctl.run(['lease', 'grant', '0']);
    await ctl.run(['lease', 'grant', '--', '-5']);
    await ctl.run(['lease', 'grant', '9000000000']);
    await ctl.run(['lease', 'grant', '9000000001']);
    await ctl.run(['lease', 'grant', 'long']);
    await ctl.run(['lease', 'grant', '600', '-w', 'fields']);
    await ctl.run(['lease', 'grant', '600', '-w', 'table']);
    await ctl.run(['lease', 'revoke', 'xyz']);
  },
  'keep-alive until the lease is revoked': async (ctl) => {
    const id = await grant(ctl, 3);
    const alive = ctl.start(['lease', 'keep-alive', id]);
    await lines(alive, 3);
    await ctl.run(['lease', 'revoke', id]);
    await alive.waitFor(/expired or revoked/, WAIT_MS);
    await ctl.ended(alive, 'keep-alive');
  },
  'an expired lease takes its keys': async (ctl) => {
    const id = await grant(ctl, 2);
    const put = await ctl.run(['put', 'l/short', '1', `--lease=${id}`, '-w', 'json']);
    const revision = /"revision":(\d+)/.exec(put)?.[1];
    const watch = ctl.start(['watch', 'l/', '--prefix', `--rev=${revision}`, '--prev-kv']);
    await watch.waitFor(/DELETE\nl\/short\n1\nl\/short\n/, WAIT_MS);
    await ctl.ended(watch, 'watch l/');
    await ctl.run(['lease', 'timetolive', id]);
  },
  'watch in every format': async (ctl) => {
    const revision = await firstRevision(ctl);
    await ctl.run(['put', 'w/a', '2']);
    await ctl.run(['txn'], { input: '\nput w/b 1\nput w/c 1\ndel w/a\n\n\n' });
    await ctl.run(['del', 'w/', '--prefix']);
    const from = `--rev=${revision}`;
    const WATCHES: readonly (readonly [number, readonly string[]])[] = [
      [18, ['watch', 'w/', '--prefix', from]],
      [25, ['watch', 'w/', '--prefix', from, '--prev-kv']],
      [9, ['watch', 'w/a', from]],
      [12, ['watch', 'w/b', 'w/d', from]],
      [18, ['watch', 'w/', '--prefix', from, '--hex']],
      [1, ['watch', 'w/', '--prefix', from, '-w', 'json']],
      [40, ['watch', 'w/', '--prefix', from, '--prev-kv', '-w', 'fields']],
    ];
    for (const [count, args] of WATCHES) {
      const watch = ctl.start(args);
      await lines(watch, count);
      // A store may put more events into one message or fewer: what matters is which, in which order.
      await ctl.ended(watch, args.join(' '));
    }
    for (const args of [['watch', 'w/', '-w', 'nonsense'], ['watch'], ['watch', 'w/a', '--prefix', '--from-key'], ['watch', 'b', 'a']]) // biome-ignore format: a line
      await ctl.run(args);
  },
  'watch that runs a command': async (ctl) => {
    const revision = await firstRevision(ctl);
    const print = ['sh', '-c', 'env | grep ^ETCD_WATCH_ | sort'];
    const watch = ctl.start(['watch', 'w/a', `--rev=${revision}`, '--', ...print]);
    await watch.waitFor(/ETCD_WATCH_VALUE/, WAIT_MS);
    await ctl.run(['del', 'w/a']);
    await watch.waitFor(/DELETE/, WAIT_MS);
    await lines(watch, 14);
    await ctl.ended(watch, 'watch -- env');
  },
  'interactive watch': async (ctl) => {
    const revision = await firstRevision(ctl);
    await ctl.run(['put', 'w/b', '1']);
    const watch = ctl.start(['watch', '-i']);
    watch.child.stdin?.write(`watch w/a --rev=${revision}\n`);
    await lines(watch, 3);
    watch.child.stdin?.write(`watch w/ --prefix --rev=${revision + 1}\n`);
    await lines(watch, 6);
    if (ctl.minor >= 4) {
      watch.child.stdin?.write('progress\n');
      await watch.waitFor(/progress notify: \d+/, WAIT_MS);
    }
    watch.child.stdin?.write('fly w/a\n');
    await watch.waitFor(/Invalid command|bad/, WAIT_MS);
    await ctl.ended(watch, 'watch -i');
  },
  'lock and its queue': async (ctl) => {
    await ctl.run(['lock', 'door', 'echo', 'held']);
    await ctl.run(['lock', 'door', '--ttl=30', 'sh', '-c', 'exit 7']);
    await ctl.run(['lock', 'door', '--ttl=-1', 'true']);
    const first = ctl.start(['lock', 'door']);
    await first.waitFor(/door\/[0-9a-f]+\n/, WAIT_MS);
    const second = ctl.start(['lock', 'door'], { endpoints: [1] });
    await eventually('the second waits', async () => ((await countOf(ctl, 'door/')) === 2 ? true : undefined), {
      timeoutMs: WAIT_MS,
    });
    ctl.note('the second has', second.output());
    await ctl.ended(first, 'lock door');
    await second.waitFor(/door\/[0-9a-f]+\n/, WAIT_MS);
    await ctl.ended(second, 'lock door, after the first');
    await ctl.run(['get', 'door/', '--prefix']);
  },
  'elect, observe, resign': async (ctl) => {
    const observer = ctl.start(['elect', '-l', 'seat'], { endpoints: [2] });
    const first = ctl.start(['elect', 'seat', 'red']);
    await first.waitFor(/seat\/[0-9a-f]+\nred\n/, WAIT_MS);
    const second = ctl.start(['elect', 'seat', 'blue'], { endpoints: [1] });
    await eventually('the second waits', async () => ((await countOf(ctl, 'seat/')) === 2 ? true : undefined), {
      timeoutMs: WAIT_MS,
    });
    await observer.waitFor(/red\n/, WAIT_MS);
    await ctl.ended(first, 'elect seat red');
    await second.waitFor(/seat\/[0-9a-f]+\nblue\n/, WAIT_MS);
    await observer.waitFor(/blue\n/, WAIT_MS);
    await ctl.ended(second, 'elect seat blue');
    await ctl.ended(observer, 'elect -l seat');
    await ctl.run(['get', 'seat/', '--prefix']);
  },
};

async function countOf(ctl: Ctl, prefix: string): Promise<number> {
  const get = ctl.start(['get', prefix, '--prefix', '--keys-only']);
  await get.waitFor(/$/, WAIT_MS);
  await new Promise((resolve) => get.child.once('close', resolve));
  return get
    .output()
    .split('\n')
    .filter((line) => line !== '').length;
}
