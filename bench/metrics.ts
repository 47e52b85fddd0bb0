/** What logs asked of the disk: how many syncs (or durable writes), and how long they took together. */
export interface DiskUse {
  readonly syncs: number;
  readonly seconds: number;
}

const SYNC = 'etcd_disk_wal_fsync_duration_seconds';

/** The sum over members, of the metrics that Keelson and etcd both have. */
export async function diskUseOf(urls: readonly string[]): Promise<DiskUse> {
  const texts = await Promise.all(urls.map(async (url) => (await fetch(`${url}/metrics`)).text()));
  const sumOf = (name: string): number => texts.reduce((sum, text) => sum + sampleIn(text, name), 0);
  return { syncs: sumOf(`${SYNC}_count`), seconds: sumOf(`${SYNC}_sum`) };
}

/** The value of the sample without labels in Prometheus' text format; 0 when it is not there. */
export function sampleIn(text: string, name: string): number {
  const line = text.split('\n').find((candidate) => candidate.startsWith(`${name} `));
  return line === undefined ? 0 : Number(line.slice(name.length + 1));
}
