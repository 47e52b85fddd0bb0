import { runMemberCommand } from '../../../cli/commands/member.ts';
import { nodeClock } from '../../../io/node/clock.ts';
import { nodeDisk } from '../../../io/node/disk.ts';
import { rocksStore } from '../../../storage/backend/rocks.ts';
import { FaultyDisk } from './faulty-disk.ts';
import type { DoorOrders } from './orders.ts';
import { SkewedClock } from './skewed-clock.ts';

/**
 * `keelson member` with a disk and a clock that do what the harness tells them. A composition root of its own: nothing that ships
 * knows of it.
 */
const disk = new FaultyDisk(nodeDisk);
const clock = new SkewedClock(nodeClock);
process.on('message', (orders: DoorOrders) => {
  if (orders.disk !== undefined) disk.trouble = orders.disk;
  if (orders.clock !== undefined) clock.trouble = orders.clock;
});
const doors = { disk, clock, backends: rocksStore(disk) };
process.exit(await runMemberCommand('member', process.argv.slice(3), doors));
