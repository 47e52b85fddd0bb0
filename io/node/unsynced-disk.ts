import type { Disk, DiskFile } from '../doors.ts';

/**
 * The same disk, which no longer waits until what was written is durable: a crash of the machine (not of the process) may lose the last
 * writes, and so what was acknowledged. etcd's --unsafe-no-fsync, for tests that count milliseconds.
 */
export function withoutSync(disk: Disk): Disk {
  const unsynced = (file: DiskFile): DiskFile => ({
    read: (offset, sizeBytes) => file.read(offset, sizeBytes),
    readInto: (offset, into) => file.readInto(offset, into),
    readIntoNow: (offset, into) => file.readIntoNow(offset, into),
    write: (offset, parts) => file.write(offset, parts),
    sync: async () => undefined,
    allocate: (sizeBytes) => file.allocate(sizeBytes),
    truncate: (sizeBytes) => file.truncate(sizeBytes),
    size: () => file.size(),
    close: () => file.close(),
  });
  return {
    makeDirectory: (path) => disk.makeDirectory(path),
    list: (path) => disk.list(path),
    exists: (path) => disk.exists(path),
    open: async (path, mode) => unsynced(await disk.open(path, mode)),
    readFile: (path) => disk.readFile(path),
    writeFileAtomically: (path, content) => disk.writeFileAtomically(path, content),
    rename: (from, to) => disk.rename(from, to),
    remove: (path) => disk.remove(path),
    removeTree: (path) => disk.removeTree(path),
    syncDirectory: async () => undefined,
    lock: (path) => disk.lock(path),
  };
}
