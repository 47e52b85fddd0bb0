import type { TraceLine } from './trace.ts';

/** Something that lasted. Milliseconds of virtual time. */
export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
  readonly kind: 'up' | 'paused' | 'leader' | 'answered' | 'unknown';
  readonly text: string;
  /** Index of the line that tells of it. */
  readonly line: number;
}

/** A row of the picture: one member, or one client. */
export interface Lane {
  readonly name: string;
  readonly kind: 'member' | 'client';
  readonly spans: readonly Span[];
}

/** A moment that concerns everybody. */
export interface Moment {
  readonly atMs: number;
  readonly kind: 'fault' | 'violation';
  readonly text: string;
  readonly line: number;
}

/** A run as rows and moments. */
export interface Picture {
  readonly lanes: readonly Lane[];
  readonly moments: readonly Moment[];
  readonly endMs: number;
}

/** What a member is doing, until a later line says otherwise. */
interface Doing {
  up: Begun | undefined;
  paused: Begun | undefined;
  leader: Begun | undefined;
  readonly spans: Span[];
}

interface Begun {
  readonly atMs: number;
  readonly line: number;
  readonly text: string;
}

/** Makes rows of the lines of a run. */
export function pictureOf(lines: readonly TraceLine[]): Picture {
  const members = new Map<string, Doing>();
  const clients = new Map<number, Span[]>();
  const moments: Moment[] = [];
  let endMs = 1;
  for (const [line, { atMs, text, mark }] of lines.entries()) {
    endMs = Math.max(endMs, atMs);
    if (mark === undefined) continue;
    if (mark.type === 'fault' || mark.type === 'violation')
      moments.push({ atMs, kind: mark.type, text: text.replace(/^[!x] /, ''), line });
    else if (mark.type === 'call')
      listAt(clients, mark.client).push({
        fromMs: mark.startMs,
        toMs: atMs,
        kind: mark.isKnown ? 'answered' : 'unknown',
        text,
        line,
      });
    else change(members, mark, { atMs, line, text });
  }
  for (const doing of members.values()) end(doing, ['leader', 'paused', 'up'], endMs);
  return {
    lanes: [
      ...[...members].map(([name, { spans }]): Lane => ({ name, kind: 'member', spans })),
      ...[...clients]
        .sort(([a], [b]) => a - b)
        .map(([id, spans]): Lane => ({ name: `client ${id}`, kind: 'client', spans })),
    ],
    moments,
    endMs,
  };
}

type MemberMark = Extract<NonNullable<TraceLine['mark']>, { readonly member: string }>;

function change(members: Map<string, Doing>, mark: MemberMark, at: Begun): void {
  const doing = members.get(mark.member) ?? { up: undefined, paused: undefined, leader: undefined, spans: [] };
  members.set(mark.member, doing);
  switch (mark.type) {
    case 'up':
      doing.up ??= at;
      break;
    case 'down':
      end(doing, ['leader', 'paused', 'up'], at.atMs);
      break;
    case 'pause':
      doing.paused ??= at;
      break;
    case 'resume':
      end(doing, ['paused'], at.atMs);
      break;
    case 'leader':
      end(doing, ['leader'], at.atMs);
      doing.leader = { ...at, text: `leads term ${mark.term}` };
      break;
    case 'follower':
      end(doing, ['leader'], at.atMs);
      break;
  }
}

function end(doing: Doing, kinds: readonly ('up' | 'paused' | 'leader')[], toMs: number): void {
  for (const kind of kinds) {
    const begun = doing[kind];
    if (begun === undefined) continue;
    doing[kind] = undefined;
    doing.spans.push({ fromMs: begun.atMs, toMs, kind, text: begun.text, line: begun.line });
  }
}

function listAt<K, V>(map: Map<K, V[]>, key: K): V[] {
  const known = map.get(key);
  if (known !== undefined) return known;
  const list: V[] = [];
  map.set(key, list);
  return list;
}
