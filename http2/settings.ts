import {
  ConnectionError,
  ErrorCode,
  MAX_MAX_FRAME_BYTES,
  MAX_WINDOW_BYTES,
  MIN_MAX_FRAME_BYTES,
  putUint32,
  Setting,
  uint16At,
  uint32At,
} from './protocol.ts';

const SETTING_BYTES = 6;

/** Goes through a SETTINGS payload and checks it. Errors: ConnectionError as RFC 9113 §6.5.2 has it; unknown settings pass. */
export function readSettings(
  bytes: Uint8Array,
  { start, end }: { readonly start: number; readonly end: number },
  apply: (setting: number, value: number) => void,
): void {
  if ((end - start) % SETTING_BYTES !== 0) throw new ConnectionError(ErrorCode.FRAME_SIZE_ERROR, 'odd SETTINGS');
  for (let at = start; at < end; at += SETTING_BYTES) {
    const setting = uint16At(bytes, at);
    const value = uint32At(bytes, at + 2);
    check(setting, value);
    apply(setting, value);
  }
}

function check(setting: number, value: number): void {
  if (setting === Setting.ENABLE_PUSH && value > 1) {
    throw new ConnectionError(ErrorCode.PROTOCOL_ERROR, 'ENABLE_PUSH is neither 0 nor 1');
  }
  if (setting === Setting.INITIAL_WINDOW_SIZE && value > MAX_WINDOW_BYTES) {
    throw new ConnectionError(ErrorCode.FLOW_CONTROL_ERROR, 'INITIAL_WINDOW_SIZE is too large');
  }
  if (setting === Setting.MAX_FRAME_SIZE && (value < MIN_MAX_FRAME_BYTES || value > MAX_MAX_FRAME_BYTES)) {
    throw new ConnectionError(ErrorCode.PROTOCOL_ERROR, 'MAX_FRAME_SIZE is out of range');
  }
}

/** The payload of a SETTINGS frame. */
export function settingsPayload(settings: readonly (readonly [number, number])[]): Uint8Array {
  const payload = Buffer.alloc(settings.length * SETTING_BYTES);
  settings.forEach(([setting, value], i) => {
    payload.writeUInt16BE(setting, i * SETTING_BYTES);
    putUint32(payload, i * SETTING_BYTES + 2, value);
  });
  return payload;
}
