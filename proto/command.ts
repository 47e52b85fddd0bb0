import { type Command, decodeCommand, encodeCommand } from './gen/command.ts';
import { WireError } from './wire.ts';

/** The newest format of commands (command.proto) that this code understands. What all members understand is the cluster's format. */
export const COMMAND_FORMAT = 2;

/** What every version understands: the cluster's format until it is raised. */
export const FIRST_COMMAND_FORMAT = 1;

export type CommandBody = NonNullable<Command['body']>;

/** What a command carries beside its body. */
export interface CommandOptions {
  /** In whose name it is done; none when the store itself does it. */
  readonly identity?: Command['identity'];
  /** Bytes of live data that must not be exceeded by it; 0: no bound. */
  readonly quotaBytes?: number;
}

/** The data of a log entry. `id` is the proposer's, never used twice. */
export function sealCommand(id: bigint, body: CommandBody, options: CommandOptions = {}): Uint8Array {
  const { identity, quotaBytes = 0 } = options;
  return encodeCommand({ format: formatOf(body), id, identity, body, quotaBytes });
}

/** The format that first knew a command. One beyond the cluster's must not be proposed: an older member would refuse it, and differ. */
export function formatOf({ case: name }: CommandBody): number {
  return SINCE_FORMAT[name] ?? FIRST_COMMAND_FORMAT;
}

const SINCE_FORMAT: { readonly [K in CommandBody['case']]?: number } = {
  clusterFormat: 2,
  stateHashMark: 2,
  stateHashVote: 2,
};

export type OpenedCommand =
  | {
      readonly type: 'command';
      readonly id: bigint;
      readonly body: CommandBody;
      readonly identity: Command['identity'];
      readonly quotaBytes: number;
    }
  /** The data of an entry that commands nothing: a new leader's first. */
  | { readonly type: 'empty' }
  /** Of a format that is newer than this code: what it does is known to others. */
  | { readonly type: 'newer'; readonly id: bigint; readonly format: number }
  /** Nothing that this code understands; `id` is 0 when not even that could be read. */
  | { readonly type: 'unknown'; readonly id: bigint; readonly reason: string };

/** Reads the data of a log entry; never throws. Byte fields of the body are views of `data`. `newest`: the newest format that is understood. */
export function openCommand(data: Uint8Array, newest = COMMAND_FORMAT): OpenedCommand {
  if (data.length === 0) return { type: 'empty' };
  try {
    const { format, id, identity, body, quotaBytes } = decodeCommand(data);
    if (format > newest) return { type: 'newer', id, format };
    if (format === 0 || body === undefined) return { type: 'unknown', id, reason: 'no command' };
    return { type: 'command', id, body, identity, quotaBytes };
  } catch (error) {
    if (error instanceof WireError) return { type: 'unknown', id: 0n, reason: error.message };
    throw error;
  }
}
