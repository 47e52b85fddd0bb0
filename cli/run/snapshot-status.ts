import { nodeDisk } from '../../io/node/disk.ts';
import { EtcdFileError } from '../../storage/etcd-file/etcd-file-error.ts';
import { type EtcdFileStatus, etcdFileStatus } from '../../storage/etcd-file/status.ts';

/** Checks a snapshot file and tells what is in it. Errors: EtcdFileError, naming the file; DiskError. */
export async function snapshotStatus(path: string): Promise<EtcdFileStatus> {
  const file = await nodeDisk.open(path, 'read');
  try {
    return await etcdFileStatus(file);
  } catch (error) {
    throw error instanceof EtcdFileError ? error.in(path) : error;
  } finally {
    await file.close();
  }
}

/** The status as `etcdutl snapshot status` prints it. */
export function statusText(status: EtcdFileStatus, format: 'simple' | 'json' | 'table' | 'fields'): string {
  const { hash, revision, totalKey, totalSize, version } = status;
  const row = [hash.toString(16), String(revision), String(totalKey), humanBytes(totalSize), version];
  switch (format) {
    case 'simple':
      return `${row.join(', ')}\n`;
    case 'json':
      return `${JSON.stringify({ hash, revision, totalKey, totalSize, version })}\n`;
    case 'table':
      return table(['HASH', 'REVISION', 'TOTAL KEYS', 'TOTAL SIZE', 'VERSION'], row);
    case 'fields':
      return `"Hash" : ${hash}\n"Revision" : ${revision}\n"Keys" : ${totalKey}\n"Size" : ${totalSize}\n"Version" : "${version}"\n`;
  }
}

function table(header: readonly string[], row: readonly string[]): string {
  const widths = header.map((title, i) => Math.max(title.length, row[i]?.length ?? 0));
  const line = `+${widths.map((width) => '-'.repeat(width + 2)).join('+')}+\n`;
  const cells = (texts: readonly string[]): string => `| ${texts.join(' | ')} |\n`;
  const titles = header.map((title, i) => centred(title, widths[i] ?? 0));
  const values = row.map((value, i) => value.padStart(widths[i] ?? 0));
  return line + cells(titles) + line + cells(values) + line;
}

function centred(text: string, width: number): string {
  return text.padStart(Math.floor((width + text.length) / 2)).padEnd(width);
}

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'] as const;

/** 1236992 is "1.2 MB". */
function humanBytes(bytes: number): string {
  const power = bytes < 10 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log10(bytes) / 3));
  const value = Math.floor((bytes / 1000 ** power) * 10 + 0.5) / 10;
  return `${value < 10 && power > 0 ? value.toFixed(1) : halfToEven(value)} ${UNITS[power]}`;
}

/** As Go prints whole numbers: 20.5 is 20. */
function halfToEven(value: number): number {
  const floor = Math.floor(value);
  return value - floor === 0.5 ? floor + (floor % 2) : Math.round(value);
}
