import { dirname, resolve } from 'node:path';
import { connectKvClient, type KvClientOptions } from '../../client/grpc-client.ts';
import type { KvClient } from '../../client/kv-client.ts';
import { type Disk, DiskError, type DiskFile } from '../../io/doors.ts';
import { nodeDisk } from '../../io/node/disk.ts';
import { assertDigest, digestOf } from '../../storage/etcd-file/digest.ts';

/**
 * Saves the store of a member, Keelson's or etcd's, into a new file. The file has its name when it is whole, on the disk and its SHA-256 right;
 * nothing is left of one that failed. Errors: StoreError; EtcdFileError DIGEST; DiskError, EXISTS when the file is there.
 */
export async function saveSnapshot(file: string, options: KvClientOptions, disk: Disk = nodeDisk): Promise<void> {
  const path = resolve(file);
  if (await disk.exists(path)) throw new DiskError('EXISTS', path, 'is there already');
  const part = `${path}.part`;
  if (await disk.exists(part)) await disk.remove(part);
  const kv = connectKvClient(options);
  try {
    await write(disk, part, kv);
  } catch (error) {
    if (await disk.exists(part)) await disk.remove(part);
    throw error;
  } finally {
    await kv.close();
  }
  await disk.rename(part, path);
  await disk.syncDirectory(dirname(path));
}

async function write(disk: Disk, part: string, kv: KvClient): Promise<void> {
  const file = await disk.open(part, 'create');
  try {
    await receive(file, kv);
    await file.sync();
    assertDigest(await digestOf(file));
  } finally {
    await file.close();
  }
}

async function receive(file: DiskFile, kv: KvClient): Promise<void> {
  let at = 0;
  for await (const { blob } of kv.snapshot()) {
    await file.write(at, [blob]);
    at += blob.length;
  }
}
