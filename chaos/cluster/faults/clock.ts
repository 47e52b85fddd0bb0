import { type DoorOrders, GOOD_CLOCK } from '../test-build/orders.ts';
import { type ClusterFault, described, victim } from './fault.ts';

/** How much faster or slower than true time a member's monotonic clock runs at most. */
export const MAX_DRIFT = 0.1;

const WALL_JUMPS_MS = [-86_400_000, -3_600_000, -5_000, 5_000, 3_600_000, 86_400_000] as const;

/** The calendar jumps, and the monotonic clock runs fast or slow. */
export const clock: ClusterFault = {
  name: 'clock',
  summary:
    'the calendar of a member jumps by up to a day and its clock runs up to 10 % fast or slow, for 2 to 10 seconds',
  needs: ['test build'],
  async inject(scene) {
    const member = victim(scene, 0.6);
    if (member === undefined) return undefined;
    const { prng } = scene;
    const wallOffsetMs = prng.pick(WALL_JUMPS_MS);
    const rate = 1 + MAX_DRIFT * (2 * prng.unit() - 1);
    const lastsMs = prng.between(2_000, 10_000);
    const order = (orders: DoorOrders): void => member.process.send({ ...orders });
    order({ clock: { wallOffsetMs, rate } });
    const text = `the calendar of ${described(member, scene.leader)} is off by ${wallOffsetMs / 1000} s and its clock runs ${rate.toFixed(2)} times as fast, for ${(lastsMs / 1000).toFixed(1)} s`;
    return { text, member: member.name, lastsMs, heal: () => order({ clock: GOOD_CLOCK }) };
  },
};
