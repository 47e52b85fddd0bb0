import { keyBehind } from '../base/bytes.ts';
import { StoreError } from '../base/store-error.ts';
import type { Backend, BackendRow, Keyspace } from '../storage/backend/backend.ts';
import { BACKEND_LIMITS } from '../storage/backend/limits.ts';
import type { MachineOptions } from '../storage/machine/create.ts';
import { type Machine, type MachineRestore, RESTORE_ORDER } from '../storage/machine/machine.ts';
import { beginRestore } from '../storage/machine/restore.ts';
import type { FoundCheckpoint } from './checkpoint.ts';
import type { MemberConfig } from './config.ts';

/** Rows read at a time while the machine is rebuilt: what the backend fetches at once, so that the next ones can come meanwhile. */
const RESTORE_BOUNDS = { limit: 4096, maxBytes: BACKEND_LIMITS.readAheadBytes } as const;

export interface RestoredMachine {
  readonly machine: Machine;
  /** Revisions are as the checkpoint had them, not as the backend has them. */
  readonly fromCheckpoint: boolean;
}

/** Builds the machine from all rows of a backend; from the checkpoint in place of its revisions, if it is of the same state. Errors: CORRUPT, DiskError. */
export async function restoreMachine(
  backend: Backend,
  config: Pick<MemberConfig, 'format'>,
  checkpoint?: FoundCheckpoint,
): Promise<RestoredMachine> {
  const shortcut = checkpoint && (await fromCheckpoint(backend, config, checkpoint));
  if (shortcut !== undefined) return { machine: shortcut, fromCheckpoint: true };
  const restore = beginRestore(machineOptions(config));
  await readRows(backend, restore, RESTORE_ORDER);
  return { machine: restore.finish(), fromCheckpoint: false };
}

/** Undefined when the checkpoint is of another state, or cannot be: the rows have everything that it has. */
async function fromCheckpoint(
  backend: Backend,
  config: Pick<MemberConfig, 'format'>,
  checkpoint: FoundCheckpoint,
): Promise<Machine | undefined> {
  const restore = beginRestore(machineOptions(config));
  await readRows(
    backend,
    restore,
    RESTORE_ORDER.filter((space) => space !== 'revision'),
  );
  if (!restore.beginBlocks(checkpoint.of)) return undefined;
  try {
    for (const block of checkpoint.blocks) restore.block(block);
    return restore.finish();
  } catch (error) {
    if (error instanceof StoreError && error.code === 'CORRUPT') return undefined;
    throw error;
  }
}

async function readRows(backend: Backend, restore: MachineRestore, spaces: readonly Keyspace[]): Promise<void> {
  for (const space of spaces) await forEachRow(backend, space, (key, value) => restore.row(space, key, value));
}

/**
 * Calls `visit` with every row of a keyspace, in order, as they are at the call. The backend reads the next rows, on a thread of its own, while
 * these are visited.
 */
export async function forEachRow(
  backend: Backend,
  space: Keyspace,
  visit: (key: Uint8Array, value: Uint8Array) => void,
): Promise<void> {
  const view = backend.view();
  let coming: Promise<readonly BackendRow[]> | undefined;
  try {
    coming = view.scan(space, RESTORE_BOUNDS);
    for (;;) {
      const rows = await coming;
      const last = rows.at(-1);
      if (last === undefined) return;
      coming = view.scan(space, { from: keyBehind(last.key), ...RESTORE_BOUNDS });
      for (const { key, value } of rows) visit(key, value);
    }
  } finally {
    coming?.catch(() => undefined); // nobody waits for it after a failure
    await view.close();
  }
}

export function machineOptions({ format }: Pick<MemberConfig, 'format'>): Pick<MachineOptions, 'format'> {
  return format === undefined ? {} : { format };
}
