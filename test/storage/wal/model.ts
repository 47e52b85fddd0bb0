import { NO_SNAPSHOT, NO_STATE } from '../../../storage/wal/replay.ts';
import type { Wal, WalContent } from '../../../storage/wal/wal.ts';

export type Append = Parameters<Wal['append']>[0];

/** What a log that took these appends must give back: written for clarity, without any of the log's own code. */
export function contentAfter(appends: readonly Append[]): Pick<WalContent, 'hardState' | 'snapshot' | 'entries'> {
  let hardState = NO_STATE;
  let snapshot = NO_SNAPSHOT;
  let entries: WalContent['entries'] = [];
  for (const append of appends) {
    const marker = append.snapshot;
    if (marker !== undefined && marker.index >= snapshot.index) {
      const agrees =
        marker.index === snapshot.index || entries.find((e) => e.index === marker.index)?.term === marker.term;
      entries = agrees ? entries.filter((e) => e.index > marker.index) : [];
      snapshot = marker;
    }
    for (const added of append.entries ?? []) {
      if (added.index > snapshot.index) entries = [...entries.filter((e) => e.index < added.index), added];
    }
    hardState = append.hardState ?? hardState;
  }
  if (hardState.commit < snapshot.index) hardState = { ...hardState, commit: snapshot.index };
  return { hardState, snapshot, entries };
}

/** Two logs that a member could not tell apart give the same text. */
export function fingerprint(content: Pick<WalContent, 'hardState' | 'snapshot' | 'entries'>): string {
  const { hardState, snapshot, entries } = content;
  const parts = [
    `${hardState.term},${hardState.vote},${hardState.commit}`,
    `${snapshot.index}@${snapshot.term}:${snapshot.conf.voters.join(',')}`,
    ...entries.map((e) => `${e.index}@${e.term}${e.type}${Buffer.from(e.data).toString('latin1')}`),
  ];
  return parts.join('|');
}
