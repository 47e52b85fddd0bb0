import { alone } from './alone.ts';
import { blackouts } from './blackouts.ts';
import { deposed } from './deposed.ts';
import { farApart } from './far-apart.ts';
import { figureEight } from './figure-eight.ts';
import { leases } from './leases.ts';
import { members } from './members.ts';
import type { Profile } from './profile.ts';
import { reconfigured } from './reconfigured.ts';
import { rot } from './rot.ts';
import { slowDisks } from './slow-disks.ts';
import { slowWatchers } from './slow-watchers.ts';
import { snapshots } from './snapshots.ts';
import { unattended } from './unattended.ts';

/** All profiles by name; `mixed` leaves everything to chance. */
export const PROFILES = {
  mixed: { story: 'whatever chance brings', plan: {} },
  alone,
  blackouts,
  deposed,
  'far-apart': farApart,
  'figure-eight': figureEight,
  leases,
  members,
  reconfigured,
  rot,
  'slow-disks': slowDisks,
  'slow-watchers': slowWatchers,
  snapshots,
  unattended,
} as const satisfies Record<string, Profile>;

export type ProfileName = keyof typeof PROFILES;

export const PROFILE_NAMES = Object.keys(PROFILES) as readonly ProfileName[];

/** The profile of that name, undefined when there is none. */
export function profileNamed(name: string): ProfileName | undefined {
  return PROFILE_NAMES.find((known) => known === name);
}
