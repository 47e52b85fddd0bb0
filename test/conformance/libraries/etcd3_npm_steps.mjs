// What npm's etcd3 can do, on one store of three members (ADDRESS,ADDRESS,ADDRESS LIBRARY): a line of JSON for each step, with nothing
// in it that is a store's own. Where it prints `kill`, it waits for a line: a member has been killed by then.
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';

const [hosts, library] = process.argv.slice(2);
const { Etcd3, Range, isRecoverableError } = (await import(pathToFileURL(library).href)).default;
// The retry policies that this client is given come from the package that it depends on.
const { ExponentialBackoff, handleWhen, retry } = createRequire(library)('cockatiel');
const urls = hosts.split(',').map((host) => `http://${host}`);
const client = new Etcd3({ hosts: urls, defaultCallOptions: () => ({ deadline: Date.now() + 10_000 }) });
const say = (step, what = {}) => process.stdout.write(`${JSON.stringify({ step, ...what })}\n`);
const failure = (promise) =>
  promise.then(
    () => 'no failure',
    (error) => [error.constructor.name, String(error.message).replace(/^.*?: (?=\d+ |etcdserver)/, '')],
  );
const once = (emitter, event) => new Promise((resolve) => emitter.once(event, resolve));
const input = createInterface({ input: process.stdin })[Symbol.asyncIterator]();

async function keysAndValues() {
  const put = await client.put('n/a').value('1');
  say('put', { revision: put.header.revision });
  say('get', {
    text: await client.get('n/a'),
    none: await client.get('n/none'),
    number: await client.get('n/a').number(),
  });
  say('previous', { value: (await client.put('n/a').value('2').getPrevious()).value.toString() });
  await client.put('n/json').value(JSON.stringify({ deep: [1, 2] }));
  say('json', { value: await client.get('n/json').json() });
  for (let i = 0; i < 5; i++) await client.put(`n/many/${i}`).value(`v${9 - i}`);
  const many = () => client.getAll().prefix('n/many/');
  say('getAll', { strings: await many().strings(), count: await many().count(), keys: await many().keys() });
  for (const target of ['Key', 'Version', 'Create', 'Mod', 'Value']) {
    say('sort', { target, keys: await many().sort(target, 'Descend').limit(2).keys() });
  }
  say('range', { keys: await client.getAll().inRange({ start: 'n/many/1', end: 'n/many/3' }).keys() });
  say('old revision', { value: await client.get('n/a').revision(put.header.revision) });
  say('future', { failed: await failure(client.get('n/a').revision('100000').string()) });
  say('namespace', {
    put: (await client.namespace('n/').put('in').value('x')).header.revision,
    got: await client.get('n/in'),
  });
  const touchNone = await failure(client.put('n/none').touch());
  await client.put('n/a').touch();
  say('touch', { failed: touchNone, version: (await client.get('n/a').exec()).kvs[0].version });
  say('delete', {
    one: (await client.delete().key('n/a')).deleted,
    all: (await client.delete().prefix('n/').getPrevious()).length,
  });
}

async function transactions() {
  await client.put('t/a').value('1');
  const first = await client
    .if('t/a', 'Value', '==', '1')
    .and('t/none', 'Create', '==', 0)
    .then(client.put('t/a').value('2'))
    .else(client.get('t/a'))
    .commit();
  const second = await client
    .if('t/a', 'Value', '==', '1')
    .then(client.put('t/a').value('3'))
    .else(client.get('t/a'))
    .commit();
  say('if', {
    first: first.succeeded,
    second: second.succeeded,
    got: second.responses[0].response_range.kvs[0].value.toString(),
  });
  await client.put('t/sum').value('0');
  const add = () =>
    client
      .stm({ retries: 50 })
      .transact(async (tx) => tx.put('t/sum').value(String((await tx.get('t/sum').number()) + 1)));
  await Promise.all(Array.from({ length: 10 }, add));
  say('stm', { sum: await client.get('t/sum') });
  const swapped = await client.stm({ isolation: 0 }).transact(async (tx) => {
    await tx.put('t/b').value(await tx.get('t/a'));
    return tx.get('t/b');
  });
  say('stm reads its writes', { swapped });
}

async function watches() {
  const watcher = await client.watch().prefix('w/').withPreviousKV().create();
  const events = [];
  watcher.on('put', (kv, previous) =>
    events.push(['put', kv.key.toString(), kv.value.toString(), previous?.value.toString() ?? null]),
  );
  watcher.on('delete', (kv, previous) =>
    events.push(['delete', kv.key.toString(), previous?.value.toString() ?? null]),
  );
  const { header } = await client.put('w/a').value('1');
  await client.put('w/a').value('2');
  await client.delete().key('w/a');
  for (let i = 0; i < 100 && events.length < 3; i++) await delay(50);
  await watcher.cancel();
  say('watch', { events });
  const past = await client.watch().key('w/a').startRevision(header.revision).only('put').create();
  const put = await once(past, 'put');
  say('watch from the past', { value: put.value.toString() });
  await past.cancel();
  const { header: now } = await client.put('w/b').value('1');
  await client.kv.compact({ revision: now.revision, physical: true });
  const behind = client.watch().key('w/a').startRevision('1').watcher();
  say('compacted watch', {
    message:
      (await Promise.race([once(behind, 'error'), once(behind, 'disconnected'), once(behind, 'end')]))?.message ??
      'ended',
  });
}

async function leasesAndLocks() {
  const lease = client.lease(60);
  const id = await lease.grant();
  await lease.put('l/a').value('1');
  say('lease', {
    ttl: (await lease.keepaliveOnce()).TTL,
    keys: (await client.leaseClient.leaseTimeToLive({ ID: id, keys: true })).keys.map(String),
  });
  await lease.revoke();
  say('revoked', { value: await client.get('l/a') });
  const lost = client.lease(5);
  const lostId = await lost.grant();
  const loss = once(lost, 'lost');
  await client.leaseClient.leaseRevoke({ ID: lostId });
  say('lost', { error: (await loss).constructor.name });
  const order = [];
  await Promise.all(
    Array.from({ length: 5 }, async () => {
      // The client's lock does not wait: whoever comes second is told so and comes again.
      for (;;) {
        const done = await client
          .lock('door')
          .ttl(10)
          .do(async () => {
            order.push('in');
            await delay(10);
            order.push('out');
            return true;
          })
          .catch((error) => (error.constructor.name === 'EtcdLockFailedError' ? false : Promise.reject(error)));
        if (done) return;
        await delay(20);
      }
    }),
  );
  say('lock', { order: order.join(' ') });
}

async function elections() {
  const election = client.election('seat', 10);
  const observer = await election.observe();
  const leaders = [];
  observer.on('change', (leader) => leaders.push(leader ?? null));
  const red = election.campaign('red');
  await once(red, 'elected');
  const blue = election.campaign('blue');
  await delay(200);
  await red.proclaim('dark red');
  const elected = once(blue, 'elected');
  await red.resign();
  await elected;
  for (let i = 0; i < 100 && leaders.at(-1) !== 'blue'; i++) await delay(50);
  say('election', { leader: await election.leader(), last: leaders.at(-1) });
  await blue.resign();
  await observer.cancel();
}

async function authentication() {
  const role = await client.role('app').create();
  await role.grant([
    { permission: 'Readwrite', range: Range.prefix('app/') },
    { permission: 'Read', key: 'one' },
  ]);
  await client.user('root').create('secret');
  await client.user('alice').create('alice');
  await (await client.role('root').create()).addUser('root');
  await role.addUser('alice');
  say('permissions', {
    of: (await role.permissions()).map((p) => [p.permission, p.range.start.toString(), p.range.end.toString()]),
  });
  await client.auth.authEnable();
  const as = (username, password) => new Etcd3({ hosts: urls, auth: { username, password } });
  const [root, alice, wrong] = [as('root', 'secret'), as('alice', 'alice'), as('alice', 'wrong')];
  await alice.put('app/x').value('1');
  say('alice', {
    own: await alice.get('app/x'),
    other: await failure(alice.put('one').value('1').exec()),
    all: await failure(alice.getAll().strings()),
  });
  say('wrong password', { failed: await failure(wrong.get('app/x').string()) });
  say('nobody', { failed: await failure(client.get('app/x').string()) });
  await root.auth.authDisable();
  await role.delete();
  await client.user('alice').delete();
  say('twice', {
    failed: await failure(client.user('alice').delete()),
    role: await failure(client.role('app').delete()),
  });
  for (const each of [root, alice, wrong]) each.close();
}

/** The member that most calls go to dies: with the client's own retry policy every call gets through, and the watch goes on. */
async function failover() {
  const survivor = new Etcd3({
    hosts: urls,
    faultHandling: {
      global: retry(handleWhen(isRecoverableError), {
        maxAttempts: 20,
        backoff: new ExponentialBackoff({ maxDelay: 500 }),
      }),
    },
  });
  const watcher = await survivor.watch().prefix('f/').create();
  const seen = new Set();
  watcher.on('put', (kv) => seen.add(kv.key.toString()));
  const lease = survivor.lease(5);
  await lease.put('f/leased').value('1');
  say('kill');
  await input.next();
  const written = [];
  for (let i = 0; i < 40; i++) {
    for (let tries = 0; tries < 50; tries++) {
      const done = await survivor
        .put(`f/${i}`)
        .value('x')
        .exec()
        .then(
          () => true,
          () => false,
        );
      if (done) break;
      await delay(100);
    }
    written.push(`f/${i}`);
    await delay(150);
  }
  for (let i = 0; i < 100 && !written.every((key) => seen.has(key)); i++) await delay(100);
  say('failover', {
    there: (await survivor.getAll().prefix('f/').keys()).length,
    missedByWatch: written.filter((key) => !seen.has(key)),
    lease: await survivor.get('f/leased'),
  });
  await lease.revoke();
  survivor.close();
}

for (const part of [keysAndValues, transactions, watches, leasesAndLocks, elections, authentication, failover])
  await part();
client.close();
process.exit(0);
