import { nodeDisk } from '../../io/node/disk.ts';

/** A process that takes a directory and keeps it until it is killed. */
await nodeDisk.lock(process.argv[2] ?? '');
process.send?.('locked');
setInterval(() => undefined, 60_000);
