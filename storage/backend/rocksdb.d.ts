/** What this room uses of the npm package `rocksdb` 5.2.1 (an abstract-leveldown 7 store). */
declare module 'rocksdb' {
  namespace rocksdb {
    type Done = (error?: Error | null) => void;

    interface OpenOptions {
      createIfMissing?: boolean;
      compression?: boolean;
      writeBufferSize?: number;
      cacheSize?: number;
      maxOpenFiles?: number;
    }

    interface ChainedBatch {
      put(key: Buffer, value: Buffer): ChainedBatch;
      del(key: Buffer): ChainedBatch;
      write(options: { sync: boolean }, done: Done): void;
    }

    interface RocksIterator {
      seek(target: Buffer): void;
      /**
       * Rows that were fetched and not given yet: for each its value, then its key, the next row last. What `next` gives one at a time, each in
       * a tick of its own, may be taken from here. Not documented: it is so in this version, and one without it is used by `next` alone.
       */
      readonly cache?: Buffer[] | null;
      /** No key: the end. */
      next(done: (error?: Error | null, key?: Buffer, value?: Buffer) => void): void;
      end(done: Done): void;
    }

    interface RocksDatabase {
      open(options: OpenOptions, done: Done): void;
      close(done: Done): void;
      getMany(
        keys: readonly Buffer[],
        options: { asBuffer: boolean; fillCache: boolean },
        done: (error: Error | null | undefined, values?: readonly (Buffer | undefined)[]) => void,
      ): void;
      batch(): ChainedBatch;
      iterator(options: { highWaterMark: number; fillCache: boolean }): RocksIterator;
      /** Of the files alone, the memtable is not counted. */
      approximateSize(start: Buffer, end: Buffer, done: (error?: Error | null, bytes?: number) => void): void;
      compactRange(start: Buffer, end: Buffer, done: Done): void;
      /** Empty for a property that RocksDB does not know. */
      getProperty(name: string): string;
    }
  }

  function rocksdb(location: string): rocksdb.RocksDatabase;
  export = rocksdb;
}
