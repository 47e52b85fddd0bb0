import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Prng } from '../../base/prng.ts';
import { SimClock } from '../../chaos/sim/clock.ts';
import { SimDisk } from '../../chaos/sim/disk.ts';
import { SimNetwork, type SimNetworkOptions } from '../../chaos/sim/network.ts';
import { type Connection, NetworkError } from '../../io/doors.ts';

const hasCode = (code: string) => (error: unknown) => error instanceof NetworkError && error.code === code;

test('timers fire in order of time, then of setting; promises settle in between', async () => {
  const clock = new SimClock(1000);
  const seen: string[] = [];
  clock.after(20, () => seen.push(`c@${clock.nowMs()}`));
  clock.after(10, () => {
    seen.push('a');
    Promise.resolve()
      .then(() => Promise.resolve())
      .then(() => seen.push('settled'));
  });
  clock.after(10, () => seen.push('b'));
  const cancel = clock.after(15, () => seen.push('never'));
  cancel();
  await clock.run(15);
  assert.deepEqual([seen, clock.nowMs(), clock.wallMs()], [['a', 'settled', 'b'], 15, 1015]);
  await clock.run(5);
  assert.equal(seen.at(-1), 'c@20');
});

test('a timer that sets itself again at the same moment ends the run, and does not hang it', async () => {
  const clock = new SimClock();
  const again = (): void => {
    clock.after(0, again);
  };
  clock.after(5, again);
  await assert.rejects(clock.run(10), /time stands still at 5 ms/);
});

test('many timers', async () => {
  const clock = new SimClock();
  const prng = new Prng(3);
  const fired: number[] = [];
  for (let i = 0; i < 500; i++) {
    const at = prng.between(0, 100);
    clock.after(at, () => fired.push(at));
  }
  assert.equal(await clock.runUntil(() => fired.length === 500, 1000), true);
  assert.deepEqual(
    fired,
    [...fired].sort((a, b) => a - b),
  );
  assert.equal(await clock.runUntil(() => false, 50), false);
});

/** Hosts a and b, one connection from a to b, and what each end got. */
async function world(options: Partial<SimNetworkOptions> = {}) {
  const clock = new SimClock();
  const network = new SimNetwork({ clock, prng: new Prng(1), ...options });
  const a = network.hostNamed('a');
  const accepted: Connection[] = [];
  const log: string[] = [];
  await network.hostNamed('b').listen('b:1', (connection) => {
    accepted.push(connection);
    connection.onData((chunk) => log.push(Buffer.from(chunk).toString()));
    connection.onClose((reason) => log.push(`b: ${reason}`));
  });
  const connect = async (address = 'b:1', timeoutMs = 100): Promise<Connection> => {
    const connecting = a.connect(address, { timeoutMs });
    connecting.catch(() => undefined);
    await clock.run(timeoutMs);
    const connection = await connecting;
    connection.onClose((reason) => log.push(`a: ${reason}`));
    return connection;
  };
  return { clock, network, connect, accepted, log };
}

test('a connection keeps its order; connections overtake each other', async () => {
  const { clock, connect, log } = await world({ minDelayMs: 1, maxDelayMs: 50 });
  const [first, second] = [await connect(), await connect()];
  for (let i = 0; i < 20; i++) {
    first.write([Buffer.from(`f${i}`)]);
    second.write([Buffer.from(`s${i}`)]);
  }
  await clock.run(100);
  assert.deepEqual(
    log.filter((x) => x[0] === 'f'),
    Array.from({ length: 20 }, (_, i) => `f${i}`),
  );
  assert.deepEqual(
    log.filter((x) => x[0] === 's'),
    Array.from({ length: 20 }, (_, i) => `s${i}`),
  );
  assert.notDeepEqual(
    log,
    Array.from({ length: 40 }, (_, i) => `${'fs'[i % 2]}${i >> 1}`),
  );
});

test('over a cut way bytes wait until it is mended, or the connection is reset', async () => {
  const { clock, network, connect, log } = await world({ resetAfterMs: 500 });
  const connection = await connect();
  network.cut(['a'], ['b']);
  connection.write([Buffer.from('late')]);
  await clock.run(400);
  assert.deepEqual(log, []);
  network.heal();
  await clock.run(100);
  assert.deepEqual(log, ['late']);
  network.partition(['a'], ['b']);
  await assert.rejects(connect(), hasCode('TIMEOUT'));
  connection.write([Buffer.from('lost')]);
  await clock.run(600);
  assert.deepEqual(log.slice(1).sort(), ['a: connection timed out', 'b: connection timed out']);
});

test('a way may be cut in one direction only', async () => {
  const { clock, network, connect, accepted, log } = await world();
  const connection = await connect();
  network.cut(['b'], ['a']);
  connection.onData(() => log.push('never'));
  connection.write([Buffer.from('there')]);
  accepted[0]?.write([Buffer.from('back')]);
  await clock.run(100);
  assert.deepEqual(log, ['there']);
});

test('a lost chunk resets the connection; a killed host takes its ends and its listeners', async () => {
  const { clock, network, connect, log } = await world();
  const lossy = await connect();
  network.setLoss(1);
  lossy.write([Buffer.from('x')]);
  await clock.run(10);
  assert.deepEqual(log.sort(), ['a: connection reset', 'b: connection reset']);
  network.setLoss(0);
  const connection = await connect();
  log.length = 0;
  network.crash('b');
  assert.deepEqual(log, ['b: the process was killed']);
  await clock.run(10);
  assert.deepEqual(log, ['b: the process was killed', 'a: connection reset']);
  assert.equal(connection.write([Buffer.from('x')]), false);
  await assert.rejects(connect(), hasCode('REFUSED'));
});

test('write says no while too much is under way', async () => {
  const { clock, connect } = await world();
  const connection = await connect();
  let drains = 0;
  connection.onDrain(() => drains++);
  assert.equal(connection.write([Buffer.alloc(3_000_000)]), true);
  assert.equal(connection.write([Buffer.alloc(3_000_000)]), false);
  await clock.run(100);
  assert.equal(drains, 1);
  connection.close();
});

test('the same seed gives the same world', async () => {
  const run = async (): Promise<string> => {
    const { clock, connect, accepted, log, network } = await world({ prng: new Prng(42), lossProbability: 0.05 });
    for (let i = 0; i < 30; i++) {
      const connection = await connect();
      connection.write([Buffer.from(`${i}`)]);
      accepted.at(-1)?.write([Buffer.from('x')]);
      if (i % 7 === 0) network.cut(['a'], ['b']);
      if (i % 7 === 0) await clock.run(20);
      network.heal();
      log.push(`${clock.nowMs()}`);
    }
    return log.join(' ');
  };
  assert.equal(await run(), await run());
});

test('a crash of the disk keeps what was synced, and of the rest whole sectors only', async () => {
  const outcomes = new Set<string>();
  for (let seed = 0; seed < 60; seed++) {
    const disk = new SimDisk({ prng: new Prng(seed) });
    await disk.makeDirectory('/d');
    const file = await disk.open('/d/f', 'create');
    await file.write(0, [Buffer.alloc(2048, 'a')]);
    await file.sync();
    await disk.syncDirectory('/d');
    await file.write(500, [Buffer.alloc(1000, 'b')]);
    disk.crash();
    await assert.rejects(file.sync());
    const text = Buffer.from(await disk.readFile('/d/f')).toString();
    const sectors = [text.slice(500, 512), text.slice(512, 1024), text.slice(1024, 1500)];
    assert.ok(
      sectors.every((sector) => new Set(sector).size === 1),
      'a sector is old or new',
    );
    assert.equal(text.replaceAll('b', 'a'), 'a'.repeat(2048));
    outcomes.add(sectors.map((sector) => sector[0]).join(''));
  }
  assert.ok(outcomes.size >= 6, [...outcomes].join(' '));
});

test('a name that was not synced may be gone, a synced one stays, and a rename is whole', async () => {
  const outcomes = new Set<string>();
  for (let seed = 0; seed < 30; seed++) {
    const disk = new SimDisk({ prng: new Prng(seed) });
    await disk.makeDirectory('/d');
    await disk.writeFileAtomically('/d/kept', Buffer.from('old'));
    await disk.writeFileAtomically('/d/new', Buffer.from('new'));
    await disk.rename('/d/new', '/d/kept');
    await disk.open('/d/later', 'create');
    disk.crash();
    outcomes.add(`${(await disk.list('/d')).join(',')}=${Buffer.from(await disk.readFile('/d/kept'))}`);
  }
  assert.deepEqual([...outcomes].sort(), ['kept,later=new', 'kept,new=old', 'kept=new']);
});

test('a full disk and injected failures', async () => {
  const disk = new SimDisk({ prng: new Prng(1), capacityBytes: 100 });
  await disk.makeDirectory('/d');
  const file = await disk.open('/d/f', 'create');
  await file.write(0, [Buffer.alloc(90)]);
  await assert.rejects(file.write(90, [Buffer.alloc(20)]), { code: 'NO_SPACE' });
  disk.fail('sync', (path) => path === '/d/f');
  await assert.rejects(file.sync(), { code: 'IO' });
  disk.heal();
  await file.sync();
});

test('what a process has asked for when it dies never happens, however short before', async () => {
  for (let microtasks = 0; microtasks < 6; microtasks++) {
    const disk = new SimDisk({ prng: new Prng(1) });
    const process = disk.mount();
    await process.makeDirectory('/d');
    await (await process.open('/d/a', 'create')).close();
    await process.syncDirectory('/d');
    const asked = [process.rename('/d/a', '/d/b'), process.open('/d/c', 'create'), process.remove('/d/a')];
    for (const each of asked) each.catch(() => undefined);
    for (let i = 0; i < microtasks; i++) await Promise.resolve();
    disk.crash('none');
    await Promise.allSettled(asked);
    assert.deepEqual(
      disk.files().map(({ path }) => path),
      ['/d/a'],
      `killed after ${microtasks} microtasks`,
    );
  }
});
