import { EMPTY_WATCH_CREATE_REQUEST } from '../../proto/gen/etcd.ts';
import type { Change } from '../checkers/revision-log.ts';
import { changeOf, revisionOf } from './records.ts';
import type { RunningLife, SimMember } from './sim-member.ts';
import type { World } from './world.ts';

/** Follows everything that one life of a member publishes, for the log against which all else is checked. */
export async function recordLife(world: World, at: SimMember, life: RunningLife): Promise<void> {
  const { name } = at;
  const stream = life.client.watch();
  const startRevision = Math.max(1, life.member.machine.compactRevision);
  stream.create({ ...EMPTY_WATCH_CREATE_REQUEST, key: '\0', rangeEnd: '\0', startRevision, prevKv: true });
  let compacted = 0;
  for (;;) {
    const batch = await Promise.race([stream.next().catch(() => undefined), life.died]);
    if (batch === undefined) return;
    world.compareKeys(name, life.member.machine);
    for (const { canceled, compactRevision, events } of batch) {
      if (canceled) {
        // It was behind when history was compacted: what it missed others have told.
        if (compactRevision <= compacted) return;
        compacted = compactRevision;
        stream.create({
          ...EMPTY_WATCH_CREATE_REQUEST,
          key: '\0',
          rangeEnd: '\0',
          startRevision: compactRevision + 1,
          prevKv: true,
        });
        continue;
      }
      const changes = new Map<number, Change[]>();
      for (const event of events) {
        const revision = revisionOf(event);
        const known = changes.get(revision);
        if (known === undefined) changes.set(revision, [changeOf(event)]);
        else known.push(changeOf(event));
      }
      // Of the compact revision itself only the last change of a key is kept, and no previous value.
      for (const [revision, all] of changes)
        if (revision > Math.max(compacted, startRevision)) record(world, name, revision, all);
    }
  }
}

function record(world: World, name: string, revision: number, changes: readonly Change[]): void {
  const isNew = world.log.changesAt(revision) === undefined;
  const known = world.log.record(revision, changes, { mayLack: world.records.compactions.has(revision) });
  if (known !== undefined)
    world.violations.push(`revision ${revision}: ${name} has ${textOf(changes)}, others ${textOf(known)}`);
  if (!isNew) return;
  world.revisionMs.set(revision, world.clock.nowMs());
  for (const { key, value } of changes) {
    if (value !== undefined || !key.startsWith('l/')) continue;
    const lease = world.records.leases.findLast((open) => open.key === key);
    if (lease !== undefined) lease.goneMs ??= world.clock.nowMs();
  }
}

function textOf(changes: readonly Change[]): string {
  return changes
    .map(({ key, value, previous, lease = 0n }) => {
      const on = lease === 0n ? '' : ` on lease ${lease.toString(16)}`;
      return `${key}=${value ?? '(deleted)'}${on} (was ${previous ?? 'nothing'})`;
    })
    .join(' ');
}
