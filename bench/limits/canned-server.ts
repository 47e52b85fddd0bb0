import { createServer, type Socket } from 'node:net';
import { FrameReader, type FrameSink } from '../../http2/frame-reader.ts';
import {
  Flag,
  FRAME_HEADER_BYTES,
  FrameType,
  MAX_WINDOW_BYTES,
  putFrameHeader,
  putUint32,
  Setting,
  uint31At,
} from '../../http2/protocol.ts';
import { readyAt } from './peer-process.ts';

/**
 * A process that answers every HTTP/2 request with the same gRPC message of CANNED_BYTES zeros, as cheaply as can be: against it the load
 * generator shows what it can do by itself.
 */
const CANNED_BYTES = 64;
const STATUS_200 = Buffer.from([0x88]);
/** `grpc-status: 0`, a literal that enters no table. */
const OK_TRAILERS = Buffer.concat([
  Buffer.from([0x00, 0x0b]),
  Buffer.from('grpc-status', 'latin1'),
  Buffer.from([0x01, 0x30]),
]);
const CREDIT_BYTES = 1024 * 1024;

/** The three frames of an answer, whose stream ids are at these places. */
const ANSWER = Buffer.alloc(3 * FRAME_HEADER_BYTES + STATUS_200.length + 5 + CANNED_BYTES + OK_TRAILERS.length);
const ID_PLACES = cannedAnswer();

function cannedAnswer(): readonly number[] {
  const places: number[] = [];
  let at = 0;
  const frame = (length: number, typeAndFlags: number): void => {
    places.push(at + 5);
    at = putFrameHeader(ANSWER, at, length, typeAndFlags, 0);
  };
  frame(STATUS_200.length, (FrameType.HEADERS << 8) | Flag.END_HEADERS);
  at += STATUS_200.copy(ANSWER, at);
  frame(5 + CANNED_BYTES, FrameType.DATA << 8);
  at = putUint32(ANSWER, at + 1, CANNED_BYTES) + CANNED_BYTES;
  frame(OK_TRAILERS.length, (FrameType.HEADERS << 8) | Flag.END_HEADERS | Flag.END_STREAM);
  OK_TRAILERS.copy(ANSWER, at);
  return places;
}

class CannedConnection implements FrameSink {
  readonly #socket: Socket;
  readonly #reader = new FrameReader(this);
  readonly isClosed = false;
  #streams: number[] = [];
  #uncreditedBytes = 0;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on('error', () => socket.destroy());
    socket.write(greeting());
    socket.on('data', (chunk: Buffer) => {
      this.#reader.push(chunk);
      this.#answer();
    });
  }

  onFrame(bytes: Buffer, at: number, end: number): void {
    const type = bytes[at + 3] as number;
    if (type !== FrameType.DATA) return;
    this.#uncreditedBytes += end - at - FRAME_HEADER_BYTES;
    if (((bytes[at + 4] as number) & Flag.END_STREAM) !== 0) this.#streams.push(uint31At(bytes, at + 5));
  }

  /** All answers to what one read brought leave in one write. */
  #answer(): void {
    const answers = Buffer.allocUnsafe(this.#streams.length * ANSWER.length);
    for (const [i, stream] of this.#streams.entries()) {
      const at = i * ANSWER.length;
      ANSWER.copy(answers, at);
      for (const place of ID_PLACES) putUint32(answers, at + place, stream);
    }
    this.#streams = [];
    if (answers.length > 0) this.#socket.write(answers);
    if (this.#uncreditedBytes < CREDIT_BYTES) return;
    this.#socket.write(credit(this.#uncreditedBytes));
    this.#uncreditedBytes = 0;
  }
}

/** Settings that let a client send without end. */
function greeting(): Buffer {
  const settings = Buffer.alloc(FRAME_HEADER_BYTES + 6);
  const at = putFrameHeader(settings, 0, 6, FrameType.SETTINGS << 8, 0);
  settings.writeUInt16BE(Setting.INITIAL_WINDOW_SIZE, at);
  settings.writeUInt32BE(MAX_WINDOW_BYTES, at + 2);
  return Buffer.concat([settings, credit(MAX_WINDOW_BYTES - 65_535)]);
}

function credit(sizeBytes: number): Buffer {
  const frame = Buffer.alloc(FRAME_HEADER_BYTES + 4);
  putUint32(frame, putFrameHeader(frame, 0, 4, FrameType.WINDOW_UPDATE << 8, 0), sizeBytes);
  return frame;
}

readyAt(createServer((socket) => new CannedConnection(socket)));
