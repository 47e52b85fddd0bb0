import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Index, Term } from '../../base/brand.ts';
import { BackendWriter } from '../../member/backend-writer.ts';
import { MEMBER_LIMITS } from '../../member/limits.ts';
import { sealCommand } from '../../proto/command.ts';
import { EMPTY_PUT_REQUEST } from '../../proto/gen/etcd.ts';
import type { Backend, BackendOp } from '../../storage/backend/backend.ts';
import { MemoryBackends } from '../../storage/backend/memory.ts';
import { createMachine } from '../../storage/machine/create.ts';
import { HandClock } from './hand-clock.ts';

const { backendPauseMs, backendLeastPauseMs, backendBatchOps, maxUnwrittenOps } = MEMBER_LIMITS;

/** A writer beside a machine, whose batches are counted and can be held up. */
class World {
  readonly clock = new HandClock();
  readonly machine = createMachine();
  /** Operations of each batch that was begun. */
  readonly batches: number[] = [];
  readonly writer: BackendWriter;
  #release: (() => void) | undefined;
  #held: Promise<void> | undefined;

  constructor(backend: Backend) {
    const counted = Object.create(backend, {
      write: {
        value: async (ops: readonly BackendOp[]) => {
          this.batches.push(ops.length);
          await this.#held;
          await backend.write(ops);
        },
      },
    }) as Backend;
    const nothing = (): void => undefined;
    const persisted = Number.MAX_SAFE_INTEGER as Index;
    const told = { onWritten: nothing, onDamage: nothing, onFailure: (error: unknown) => assert.fail(String(error)) };
    this.writer = new BackendWriter(counted, this.machine, { clock: this.clock, persisted, ...told });
  }

  static async open(): Promise<World> {
    const world = new World(await new MemoryBackends().open('/db', 'revisionsFirst'));
    await world.put(1); // nothing was written for long: it goes at once
    assert.equal(world.batches.length, 1);
    return world;
  }

  async put(count: number): Promise<void> {
    for (let i = 0; i < count; i++) {
      const index = (this.machine.applied + 1) as Index;
      const data = sealCommand(BigInt(index), { case: 'put', put: { ...EMPTY_PUT_REQUEST, key: `k${index}` } });
      this.machine.apply({ index, term: 1 as Term, type: 'normal', data }, []);
      this.writer.applied(data.length);
    }
    await settled();
  }

  hold(): void {
    this.#held = new Promise((resolve) => {
      this.#release = resolve;
    });
  }

  async release(): Promise<void> {
    this.#held = undefined;
    this.#release?.();
    await settled();
  }
}

/** Everything that needs no time has been done. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));

const deletes = (count: number): BackendOp[] =>
  Array.from({ length: count }, (): BackendOp => ({ op: 'delete', space: 'revision', key: new Uint8Array(16) }));

test('a few writes gather for the whole pause', async () => {
  const world = await World.open();
  await world.put(10);
  world.clock.pass(backendPauseMs - 1);
  await settled();
  assert.equal(world.batches.length, 1);
  world.clock.pass(1);
  await settled();
  assert.equal(world.batches.length, 2);
});

test('many gather for the least pause, writes and deletes alike', async () => {
  const world = await World.open();
  await world.put(backendBatchOps);
  world.clock.pass(backendLeastPauseMs - 1);
  await world.put(1);
  assert.equal(world.batches.length, 1);
  world.clock.pass(1);
  await world.put(1);
  assert.equal(world.batches.length, 2);
  world.clock.pass(backendLeastPauseMs);
  world.writer.delete(deletes(backendBatchOps));
  await settled();
  assert.equal(world.batches.length, 3);
});

test('who waits for a write is not kept waiting', async () => {
  const world = await World.open();
  await world.put(1);
  await world.writer.reached(world.machine.applied);
  assert.equal(world.batches.length, 2);
});

test('there is no room while too many deletes wait, and again when they are written', async () => {
  const world = await World.open();
  world.hold();
  await world.put(1);
  const first = world.writer.reached(world.machine.applied);
  await settled();
  assert.equal(world.batches.length, 2, 'it is under way');
  world.writer.delete(deletes(maxUnwrittenOps));
  await world.put(1);
  assert.equal(world.writer.isFull, true);
  let hasRoom = false;
  const room = world.writer.room().then(() => {
    hasRoom = true;
  });
  await settled();
  assert.equal(hasRoom, false);
  await world.release();
  await first;
  await room;
  assert.equal(world.writer.isFull, false);
  assert.ok((world.batches.at(-1) ?? 0) >= maxUnwrittenOps);
});
