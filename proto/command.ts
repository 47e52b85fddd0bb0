import { type Command, decodeCommand, encodeCommand } from './gen/command.ts';
import { WireError } from './wire.ts';

/** The version of the command table (command.proto) that this code writes, and the newest that it understands. */
export const COMMAND_FORMAT = 1;

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
  return encodeCommand({ format: COMMAND_FORMAT, id, identity, body, quotaBytes });
}

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
  /** Nothing that this code understands; `id` is 0 when not even that could be read. */
  | { readonly type: 'unknown'; readonly id: bigint; readonly reason: string };

/** Reads the data of a log entry; never throws. Byte fields of the body are views of `data`. */
export function openCommand(data: Uint8Array): OpenedCommand {
  if (data.length === 0) return { type: 'empty' };
  try {
    const { format, id, identity, body, quotaBytes } = decodeCommand(data);
    if (format > COMMAND_FORMAT) return { type: 'unknown', id, reason: `command of format ${format}` };
    if (format === 0 || body === undefined) return { type: 'unknown', id, reason: 'no command' };
    return { type: 'command', id, body, identity, quotaBytes };
  } catch (error) {
    if (error instanceof WireError) return { type: 'unknown', id: 0n, reason: error.message };
    throw error;
  }
}
