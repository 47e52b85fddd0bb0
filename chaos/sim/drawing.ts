import type { Lane, Moment, Picture, Span } from './lanes.ts';

const WIDTH = 1500;
const LEFT = 80;
const RIGHT = 12;
const LABEL_ROW = 13;
const MAX_LABEL_ROWS = 9;
/** About the width of one character of a label, in pixels. */
const CHARACTER = 5.6;
const HEIGHTS = { member: 30, client: 15 } as const;

/** The part of a run that is drawn, in milliseconds of virtual time. */
export interface Window {
  readonly fromMs: number;
  readonly toMs: number;
}

/** Draws a part of a run as SVG: what goes wrong above, a row a member, a row a client, time below. */
export function drawing(picture: Picture, window: Window): string {
  const xOf = (atMs: number): number =>
    LEFT + ((atMs - window.fromMs) / (window.toMs - window.fromMs)) * (WIDTH - LEFT - RIGHT);
  const moments = picture.moments.filter(({ atMs }) => atMs >= window.fromMs && atMs <= window.toMs);
  const labels = placed(moments, xOf);
  const top = 10 + (1 + Math.max(0, ...labels.map(({ row }) => row))) * LABEL_ROW;
  const rows: string[] = [];
  let y = top;
  for (const lane of picture.lanes) {
    rows.push(laneOf(lane, { y, window, xOf }));
    y += HEIGHTS[lane.kind];
  }
  const linesOf = (kind: Moment['kind']): string =>
    moments
      .filter((moment) => moment.kind === kind)
      .map(
        ({ atMs }) => `<line class="${kind}" x1="${px(xOf(atMs))}" x2="${px(xOf(atMs))}" y1="${top - 4}" y2="${y}"/>`,
      )
      .join('');
  const height = y + 22;
  return `<svg viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}">${linesOf('fault')}${rows.join('')}${linesOf('violation')}${labels.map(labelOf).join('')}${axis(window, xOf, y)}</svg>`;
}

interface Label {
  readonly moment: Moment;
  readonly x: number;
  readonly row: number;
  /** There is room for its words. */
  readonly isWritten: boolean;
}

/** Gives each moment a row in which its words do not lie on those of the one before; the newest are left out where there is none. */
function placed(moments: readonly Moment[], xOf: (atMs: number) => number): readonly Label[] {
  const ends: number[] = [];
  return moments.map((moment) => {
    const x = xOf(moment.atMs);
    let row = ends.findIndex((end) => end < x);
    if (row < 0) row = ends.length;
    const isWritten = row < MAX_LABEL_ROWS;
    if (isWritten) ends[row] = x + 10 + CHARACTER * worded(moment).length;
    return { moment, x, row: isWritten ? row : MAX_LABEL_ROWS, isWritten };
  });
}

function labelOf({ moment, x, row, isWritten }: Label): string {
  const y = 10 + row * LABEL_ROW;
  const words = isWritten ? `<text x="${px(x + 5)}" y="${y + 3}">${escaped(worded(moment))}</text>` : '';
  return `<a href="#l${moment.line}" class="${moment.kind}"><title>${titleOf(moment.atMs, moment.text)}</title><circle cx="${px(x)}" cy="${y}" r="3.5"/>${words}</a>`;
}

function worded({ text }: Moment): string {
  return text.length <= 60 ? text : `${text.slice(0, 58)}…`;
}

function laneOf(
  lane: Lane,
  at: { readonly y: number; readonly window: Window; readonly xOf: (atMs: number) => number },
): string {
  const { y, window, xOf } = at;
  const height = HEIGHTS[lane.kind];
  const middle = y + height / 2;
  const shown = lane.spans.filter(({ fromMs, toMs }) => toMs >= window.fromMs && fromMs <= window.toMs);
  // Leaders lie on top of what is only up.
  const inOrder = [...shown].sort((a, b) => LAYERS[a.kind] - LAYERS[b.kind]);
  const spans = inOrder.map((span) => {
    const x = xOf(Math.max(span.fromMs, window.fromMs));
    const width = Math.max(1.5, xOf(Math.min(span.toMs, window.toMs)) - x);
    return spanOf(span, { x, width, y: y + 3, height: height - 6 });
  });
  return `<line class="base" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${middle}" y2="${middle}"/><text class="name" x="4" y="${middle + 4}">${escaped(lane.name)}</text>${spans.join('')}`;
}

const LAYERS: Record<Span['kind'], number> = { up: 0, leader: 1, paused: 2, answered: 3, unknown: 4 };

function spanOf(
  { kind, text, fromMs, toMs, line }: Span,
  box: { readonly x: number; readonly width: number; readonly y: number; readonly height: number },
): string {
  const hasRoom = kind === 'leader' && box.width > text.length * CHARACTER;
  const words = hasRoom ? `<text x="${px(box.x + 4)}" y="${box.y + box.height / 2 + 4}">${escaped(text)}</text>` : '';
  return `<a href="#l${line}" class="${kind}"><title>${titleOf(fromMs, text)} (${((toMs - fromMs) / 1000).toFixed(3)} s)</title><rect x="${px(box.x)}" width="${px(box.width)}" y="${box.y}" height="${box.height}"/>${words}</a>`;
}

function axis({ fromMs, toMs }: Window, xOf: (atMs: number) => number, y: number): string {
  const stepMs = niceStep((toMs - fromMs) / 12);
  const ticks: string[] = [];
  for (let at = Math.ceil(fromMs / stepMs) * stepMs; at <= toMs; at += stepMs)
    ticks.push(`<text class="tick" x="${px(xOf(at))}" y="${y + 16}">${timeOf(at)}</text>`);
  return ticks.join('');
}

/** A round number of milliseconds that is not below `ms`. */
function niceStep(ms: number): number {
  const steps = [10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 30_000, 60_000, 300_000, 900_000, 3_600_000];
  return steps.find((step) => step >= ms) ?? 7_200_000 * Math.ceil(ms / 7_200_000);
}

function timeOf(ms: number): string {
  if (ms >= 3_600_000) return `${(ms / 3_600_000).toFixed(1)} h`;
  return ms >= 600_000 ? `${(ms / 60_000).toFixed(0)} min` : `${(ms / 1000).toFixed(2).replace(/\.?0+$/, '')} s`;
}

function titleOf(atMs: number, text: string): string {
  return `${(atMs / 1000).toFixed(3)} s: ${escaped(text)}`;
}

function px(value: number): string {
  return value.toFixed(1);
}

/** Text that is to stand in HTML. */
export function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
