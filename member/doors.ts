import type { Clock, Disk, Network, Passwords, Random } from '../io/doors.ts';
import type { BackendStore } from '../storage/backend/backend.ts';
import type { MemberObserver } from './observer.ts';

/** Everything a member needs of the world. */
export interface MemberDoors {
  readonly clock: Clock;
  readonly random: Random;
  readonly disk: Disk;
  readonly network: Network;
  readonly backends: BackendStore;
  /** Without it users with passwords cannot be made, and nobody can authenticate by one. */
  readonly passwords?: Passwords;
  readonly observer?: MemberObserver;
  /** What is left of the disk that holds a directory, in bytes; without it a disk that fills up is noticed when it is full. */
  readonly freeDiskBytes?: (path: string) => Promise<number | undefined>;
  /**
   * Calls back when the inputs that are at hand have been taken in, so that they share one turn (one Ready, one append to the
   * log): `setImmediate` in a process. By default at the end of the present microtasks.
   */
  readonly soon?: (run: () => void) => void;
}
