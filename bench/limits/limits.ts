import { diskAlone } from './disk.ts';
import { socketsAlone } from './sockets.ts';

/** What this machine allows a load, and how that was measured. Rates are of the load's operations. */
export interface Limits {
  /** Bare sockets, same bytes on as many connections by as many clients. */
  readonly socketsPerSecond: number;
  /** The disk alone, as many logs at once as there are members, in writes of the size that was seen; undefined for reads. */
  readonly disk?: {
    readonly operationsPerWrite: number;
    readonly writeBytes: number;
    readonly writesPerSecond: number;
    readonly operationsPerSecond: number;
  };
}

/** What was seen of a load: the sums over its runs. */
export interface Seen {
  readonly connections: number;
  readonly clients: number;
  readonly operations: number;
  readonly sentBytes: number;
  readonly receivedBytes: number;
  /** Durable writes of all members. */
  readonly syncs: number;
  readonly members: number;
  /** Of one operation in the log; undefined for a load that only reads. */
  readonly entryBytes: number | undefined;
}

/** Measures what the sockets and the disk alone allow for what was seen; `folder` is on the disk that the members use. */
export async function limitsOf(
  seen: Seen,
  { folder, seconds }: { readonly folder: string; readonly seconds: number },
): Promise<Limits> {
  const { connections, clients, operations } = seen;
  const socketsPerSecond = await socketsAlone(
    {
      ...{ connections, clients },
      requestBytes: seen.sentBytes / operations,
      responseBytes: seen.receivedBytes / operations,
    },
    seconds,
  );
  if (seen.syncs === 0 || seen.entryBytes === undefined) return { socketsPerSecond };
  const operationsPerWrite = batchOf(seen);
  const writeBytes = Math.round(operationsPerWrite * seen.entryBytes);
  const { writesPerSecond } = await diskAlone(folder, { writers: seen.members, writeBytes, seconds });
  const operationsPerSecond = writesPerSecond * operationsPerWrite;
  return { socketsPerSecond, disk: { operationsPerWrite, writeBytes, writesPerSecond, operationsPerSecond } };
}

/** How many operations one durable write of one member carries: every member writes every operation. */
export function batchOf({ operations, syncs, members }: Pick<Seen, 'operations' | 'syncs' | 'members'>): number {
  return (operations * members) / syncs;
}
