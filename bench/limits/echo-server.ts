import { createServer } from 'node:net';
import { readyAt } from './peer-process.ts';

/** A process that answers every `argv[2]` bytes that come with `argv[3]` bytes: what sockets alone cost, without a protocol. */
const requestBytes = Number(process.argv[2]);
const responseBytes = Number(process.argv[3]);
const answers = Buffer.alloc(1024 * responseBytes);

readyAt(
  createServer((socket) => {
    socket.setNoDelay(true);
    socket.on('error', () => socket.destroy());
    let have = 0;
    socket.on('data', (chunk: Buffer) => {
      have += chunk.length;
      const due = Math.floor(have / requestBytes);
      have -= due * requestBytes;
      for (let left = due; left > 0; left -= 1024)
        socket.write(answers.subarray(0, Math.min(left, 1024) * responseBytes));
    });
  }),
);
