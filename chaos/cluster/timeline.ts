import type { Sample } from './journal.ts';
import { figuresOf, type Gap } from './probe.ts';
import type { RunReport } from './run.ts';

/** Pixels: as wide as a screen, and wider for long runs, up to what browsers draw. */
const WIDTH = { least: 1400, aSecond: 4, most: 24_000 } as const;
const LEFT = 70;
const RIGHT = 20;
const LANE = 26;
const CHART = 110;
const AXIS = 24;

type MemberState = Sample['members'][number]['state'];

const COLOURS: Record<MemberState, string> = {
  down: '#d1242f',
  paused: '#bf8700',
  silent: '#d0d7de',
  up: '#aceebb',
  leader: '#218bff',
};

/** Gaps shorter than this are not worth a mark. */
const MARKED_GAP_MS = 500;

/** Where moments lie on the picture, and how high its parts are. */
interface Frame {
  readonly width: number;
  readonly startMs: number;
  readonly endMs: number;
  xOf(atMs: number): number;
}

/** The story of a run as a page that needs nothing else: faults, a lane for each member, calls a second, and when nobody could write. */
export function timelineHtml(report: RunReport, replay: string): string {
  const { findings, journal } = report;
  const frame = frameOf(report);
  const title = findings.length === 0 ? 'Nothing was found' : `${findings.length} findings`;
  const legend = Object.entries(COLOURS).map(
    ([state, colour]) => `<span><i style="background:${colour}"></i>${state}</span>`,
  );
  const lines = journal.lines.map(
    ({ atMs, kind, text }) => `<span class="${kind}">${seconds(atMs, frame).padStart(8)}  ${escaped(text)}</span>`,
  );
  return `<!doctype html><meta charset="utf-8"><title>chaos: ${title}</title>
<style>body{font:13px system-ui;margin:16px}svg text{font:11px system-ui}pre{font-size:11px;line-height:1.5}
table{border-collapse:collapse}td,th{padding:2px 10px;text-align:right}td:first-child{text-align:left}
p span{margin-right:14px}p i{display:inline-block;width:12px;height:12px;margin-right:4px;vertical-align:-2px}
.fault{color:#d1242f}.healed{color:#1a7f37}.leader{color:#0969da}.finding{font-weight:bold;color:#d1242f}</style>
<h1>${title}</h1>
<p><code>${escaped(replay)}</code></p>
<ul>${findings.map(({ checker, text }) => `<li><b>${escaped(checker)}</b>: ${escaped(text)}</li>`).join('')}</ul>
<p>${legend.join('')}<span><i style="background:#ffebe9;border:1px solid #d1242f"></i>nobody could write</span></p>
${picture(report, frame)}
${gapTable(report.gaps)}
<pre>${lines.join('\n')}</pre>
`;
}

function frameOf({ journal }: RunReport): Frame {
  const startMs = journal.samples[0]?.atMs ?? journal.startMs;
  const endMs = Math.max(startMs + 1, journal.samples.at(-1)?.atMs ?? 0);
  const lastsMs = endMs - startMs;
  const width = Math.min(WIDTH.most, Math.max(WIDTH.least, (WIDTH.aSecond * lastsMs) / 1000));
  return { width, startMs, endMs, xOf: (atMs) => LEFT + ((atMs - startMs) / lastsMs) * (width - LEFT - RIGHT) };
}

function picture(report: RunReport, frame: Frame): string {
  const { journal, faults, gaps } = report;
  const names = journal.samples[0]?.members.map(({ name }) => name) ?? [];
  const rows = stacked(faults);
  const faultsHeight = (Math.max(-1, ...rows) + 1) * 14 + 10;
  const membersTop = faultsHeight;
  const chartTop = membersTop + names.length * LANE + 12;
  const height = chartTop + CHART + AXIS;
  return `<svg width="${frame.width.toFixed(0)}" height="${height}">
${gaps.map((gap) => gapBand(gap, frame, { top: membersTop, height: height - AXIS - membersTop })).join('')}
${faults.map((fault, i) => faultBar(fault, frame, 4 + (rows[i] ?? 0) * 14)).join('')}
<text x="4" y="14">faults</text>
${names.map((name, i) => memberLane(name, journal.samples, frame, membersTop + i * LANE)).join('')}
${chart(journal.samples, frame, chartTop)}
${axis(frame, height)}
</svg>`;
}

/** The row of each fault, so that those that overlap lie below each other. */
function stacked(faults: RunReport['faults']): readonly number[] {
  const freeFromMs: number[] = [];
  return faults.map(({ atMs, healedMs }) => {
    const found = freeFromMs.findIndex((fromMs) => fromMs <= atMs);
    const row = found < 0 ? freeFromMs.length : found;
    freeFromMs[row] = healedMs;
    return row;
  });
}

function faultBar({ name, text, atMs, healedMs }: RunReport['faults'][number], frame: Frame, y: number): string {
  const width = Math.max(3, frame.xOf(Math.min(healedMs, frame.endMs)) - frame.xOf(atMs));
  const x = frame.xOf(atMs).toFixed(1);
  const label = width < 8 * name.length ? '' : `<text x="${Number(x) + 3}" y="${y + 9}" fill="white">${name}</text>`;
  return `<g><title>${seconds(atMs, frame)}: ${escaped(text)}</title><rect x="${x}" y="${y}" width="${width.toFixed(1)}" height="11" rx="2" fill="#cf222e"/>${label}</g>`;
}

function memberLane(name: string, samples: readonly Sample[], frame: Frame, y: number): string {
  const stretches: { state: MemberState; fromMs: number; toMs: number }[] = [];
  for (const [i, { atMs, members }] of samples.entries()) {
    const state = members.find((member) => member.name === name)?.state ?? 'silent';
    const toMs = samples[i + 1]?.atMs ?? atMs;
    const last = stretches.at(-1);
    if (last?.state === state) last.toMs = toMs;
    else stretches.push({ state, fromMs: atMs, toMs });
  }
  const bars = stretches.map(({ state, fromMs, toMs }) => {
    const [x, width] = [frame.xOf(fromMs), frame.xOf(toMs) - frame.xOf(fromMs)];
    return `<rect x="${x.toFixed(1)}" y="${y + 3}" width="${width.toFixed(1)}" height="${LANE - 8}" fill="${COLOURS[state]}"><title>${name} ${state}, ${seconds(fromMs, frame)} to ${seconds(toMs, frame)}</title></rect>`;
  });
  return `<text x="4" y="${y + 16}">${escaped(name)}</text>${bars.join('')}`;
}

/** Answered calls a second, and on top of them those of unknown outcome. */
function chart(samples: readonly Sample[], frame: Frame, top: number): string {
  const rates = samples.slice(1).map((sample, i) => {
    const before = samples[i] as Sample;
    const perSecond = (count: number): number => (1000 * count) / Math.max(1, sample.atMs - before.atMs);
    return {
      atMs: sample.atMs,
      answered: perSecond(sample.acknowledged - before.acknowledged),
      unknown: perSecond(sample.unknown - before.unknown),
    };
  });
  const most = Math.max(1, ...rates.map(({ answered, unknown }) => answered + unknown));
  const bottom = top + CHART;
  const yOf = (rate: number): string => (bottom - (rate / most) * CHART).toFixed(1);
  const area = (of: (rate: (typeof rates)[number]) => number, colour: string): string => {
    const points = rates.map((rate) => `${frame.xOf(rate.atMs).toFixed(1)},${yOf(of(rate))}`).join(' ');
    return `<polygon points="${LEFT},${bottom} ${points} ${frame.width - RIGHT},${bottom}" fill="${colour}" opacity="0.7"/>`;
  };
  return `${area(({ answered, unknown }) => answered + unknown, '#d4a72c')}${area(({ answered }) => answered, '#2da44e')}
<text x="4" y="${top + 12}">calls/s</text><text x="4" y="${top + 26}">${Math.round(most)}</text><text x="4" y="${bottom}">0</text>`;
}

function gapBand(gap: Gap, frame: Frame, on: { readonly top: number; readonly height: number }): string {
  if (gap.gapMs < MARKED_GAP_MS) return '';
  const x = frame.xOf(gap.fromMs);
  const width = Math.max(1, frame.xOf(gap.fromMs + gap.gapMs) - x);
  const title = `<title>nobody could write for ${gap.gapMs.toFixed(0)} ms after: ${escaped(gap.text)}</title>`;
  return `<rect x="${x.toFixed(1)}" y="${on.top}" width="${width.toFixed(1)}" height="${on.height}" fill="#ffebe9" stroke="#d1242f" stroke-width="0.5">${title}</rect>`;
}

function axis(frame: Frame, height: number): string {
  const ticks = Array.from({ length: 11 }, (_, i) => frame.startMs + ((frame.endMs - frame.startMs) * i) / 10);
  return ticks
    .map(
      (ms) =>
        `<text x="${frame.xOf(ms).toFixed(0)}" y="${height - 6}" text-anchor="middle">${seconds(ms, frame)}</text>`,
    )
    .join('');
}

function gapTable(gaps: readonly Gap[]): string {
  const rows = [...new Set(gaps.map(({ fault }) => fault))].map((name) => {
    const { count, p50, p99, max } = figuresOf(gaps.filter(({ fault }) => fault === name));
    return `<tr><td>${escaped(name)}</td>${[count, p50, p99, max].map((figure) => `<td>${figure.toFixed(0)}</td>`).join('')}</tr>`;
  });
  return `<table><tr><th>nobody could write after</th><th>times</th><th>p50 ms</th><th>p99 ms</th><th>max ms</th></tr>${rows.join('')}</table>`;
}

function seconds(atMs: number, { startMs }: Frame): string {
  return `${((atMs - startMs) / 1000).toFixed(1)} s`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
