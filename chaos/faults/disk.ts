import type { Prng } from '../../base/prng.ts';
import type { SimMember } from '../sim/sim-member.ts';
import type { World } from '../sim/world.ts';
import type { FaultKind } from './fault.ts';

/** Disks that fail, fill up, slow down, and forget or garble what was safely on them. */
export const disk: FaultKind = {
  faults: [
    (world, prng) => fail(prng.pick(world.present), prng.pick(['write', 'sync'] as const)),
    (world, prng) => fail(world.leader ?? prng.pick(world.present), 'sync'),
    (world, prng) => {
      const member = prng.pick(world.present);
      excuse(member);
      const used = member.disk.files().reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
      member.disk.capacityBytes = used + prng.between(0, 8192);
      return `the disk of ${member.name} is nearly full`;
    },
    (world, prng) => {
      const member = prng.chance(0.5) ? (world.leader ?? prng.pick(world.present)) : prng.pick(world.present);
      member.diskSlowness = prng.pick([10, 100, 500]);
      return `the disk of ${member.name} is ${member.diskSlowness} times slower`;
    },
    (world, prng) => {
      const member = prng.pick(world.present);
      excuse(member);
      member.disk.flipReads(0.3, (path) => path.includes('/snapshots/'));
      return `${member.name} reads snapshots with flipped bits`;
    },
    (world, prng) => {
      const member = prng.pick(world.present);
      excuse(member);
      const code = prng.pick(['IO', 'NO_SPACE'] as const);
      member.failBackend(code);
      return `every write of the database of ${member.name} fails: ${code}`;
    },
    (world, prng) => {
      const member = prng.pick(world.present);
      member.crash(prng.pick(['process', 'power'] as const));
      member.disk.flipReads(0.5, (path) => path.includes('/wal/'));
      member.start();
      return `${member.name} restarts, and reads its log with flipped bits`;
    },
    damage,
    damage,
    rot,
  ],
  repairs: [
    (world) => {
      for (const member of world.present) {
        member.healDisk();
        if (member.isDown) member.start();
      }
      return 'good disks';
    },
    (world, prng) => {
      const member = prng.pick(world.present);
      member.healDisk();
      member.start();
      return `a good disk for ${member.name}`;
    },
  ],
};

function fail(member: SimMember, operation: 'write' | 'sync'): string {
  excuse(member);
  member.disk.fail(operation, () => true);
  return `every ${operation} of ${member.name} fails`;
}

/** What its disk does to it from now on is not its fault. */
function excuse(member: SimMember): void {
  if (member.life !== undefined) member.life.isExcused = true;
}

/**
 * Flips a bit of a row in the database of a machine that is off. It takes the state of another member then, by itself: all others run, so
 * that somebody has it. (A directory of the older format has no checksums.)
 */
function rot(world: World, prng: Prng): string | undefined {
  const member = prng.pick(world.present);
  const areOthersUp = world.present.every((other) => other === member || other.running !== undefined);
  if (!areOthersUp || !world.canSpareOne || !member.hasChecksums) return undefined;
  member.crash('process');
  const isRotten = member.rotBackend(prng);
  member.start();
  if (isRotten) excuse(member);
  return `a bit of the database of ${member.name} flips while it is off`;
}

/**
 * Damages what a machine that is off, or is cut off now, has on its disk: a bit, a write that went astray, one that never came. Only one
 * machine at a time, and only in complete segments of the log: what was written last cannot be told from a torn write, and a
 * member that has lost what it acknowledged is beyond Raft.
 */
function damage(world: World, prng: Prng): string | undefined {
  if (!world.canSpareOne) return undefined;
  const member = prng.pick(world.present);
  const segments = member.disk.files().filter(({ path }) => /\/wal\/[^.]*\.wal$/.test(path) || /\/wal\/\d+/.test(path));
  const sealed = segments.slice(0, -1).filter(({ sizeBytes }) => sizeBytes > 1024);
  if (sealed.length === 0) return undefined;
  member.crash('process');
  member.isTainted = true;
  const { path, sizeBytes } = prng.pick(sealed);
  const sectors = Math.floor(sizeBytes / 512);
  const kind = prng.pick(['bit', 'astray', 'lost'] as const);
  if (kind === 'bit') member.disk.rot(path, prng.between(0, sizeBytes - 1), 1 << prng.between(0, 7));
  else
    member.disk.misplace(
      path,
      prng.between(0, sectors - 1),
      kind === 'astray' ? prng.between(0, sectors - 1) : undefined,
    );
  member.start();
  return `damage (${kind}) to ${path}`;
}
