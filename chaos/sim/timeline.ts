import type { RunReport } from './run-seed.ts';
import type { TraceLine } from './trace.ts';

const WIDTH = 1200;
const LANE_HEIGHT = 22;
const LEFT = 90;

interface Mark {
  readonly lane: string;
  readonly atMs: number;
  readonly kind: 'fault' | 'leader' | 'call' | 'lost' | 'note';
  readonly text: string;
}

const COLOURS: Record<Mark['kind'], string> = {
  fault: '#d1242f',
  leader: '#8250df',
  call: '#1a7f37',
  lost: '#bf8700',
  note: '#8c959f',
};

/** The story of a run as a page that needs nothing else: a lane for each member and client, what went wrong, and the lines. */
export function timelineHtml(report: RunReport, lines: readonly TraceLine[]): string {
  const marks = lines.map(markOf);
  const lanes = ['faults', ...[...new Set(marks.map(({ lane }) => lane))].filter((lane) => lane !== 'faults').sort()];
  const endMs = Math.max(1, ...lines.map(({ atMs }) => atMs));
  const xOf = (atMs: number): number => LEFT + (atMs / endMs) * (WIDTH - LEFT - 10);
  const height = (lanes.length + 2) * LANE_HEIGHT;
  const rows = lanes.map((lane, i) => {
    const y = (i + 1) * LANE_HEIGHT;
    return `<text x="4" y="${y + 4}">${escaped(lane)}</text><line x1="${LEFT}" x2="${WIDTH}" y1="${y}" y2="${y}" stroke="#d0d7de"/>`;
  });
  const dots = marks.map(({ lane, atMs, kind, text }) => {
    const y = (lanes.indexOf(lane) + 1) * LANE_HEIGHT;
    const title = `<title>${atMs.toFixed(1)} ms: ${escaped(text)}</title>`;
    return `<circle cx="${xOf(atMs).toFixed(1)}" cy="${y}" r="${kind === 'fault' ? 5 : 3}" fill="${COLOURS[kind]}">${title}</circle>`;
  });
  const ticks = Array.from({ length: 11 }, (_, i) => (endMs * i) / 10).map(
    (ms) => `<text x="${xOf(ms).toFixed(0)}" y="${height - 8}" fill="#57606a">${(ms / 1000).toFixed(1)} s</text>`,
  );
  const found = report.findings.map(({ checker, text }) => `<li><b>${escaped(checker)}</b>: ${escaped(text)}</li>`);
  const story = lines.map(({ atMs, text }) => `${atMs.toFixed(1).padStart(10)}  ${escaped(text)}`);
  return `<!doctype html><meta charset="utf-8"><title>seed ${report.plan.seed}</title>
<style>body{font:13px system-ui;margin:16px}svg text{font:11px system-ui}pre{font-size:11px}</style>
<h1>Seed ${report.plan.seed}: ${report.findings.length === 0 ? 'all is well' : `${report.findings.length} findings`}</h1>
<p>${report.plan.members} members, ${report.plan.faults.join(', ')}; replay: <code>npm run sim -- --seed ${report.plan.seed} --trace</code></p>
<ul>${found.join('')}</ul>
<p>red: faults and repairs, violet: elections, green: answered, yellow: outcome unknown; hover to read</p>
<svg width="${WIDTH}" height="${height}">${rows.join('')}${dots.join('')}${ticks.join('')}</svg>
<pre>${story.join('\n')}</pre>
`;
}

function markOf({ atMs, text }: TraceLine): Mark {
  const client = /^client (-?\d+)/.exec(text);
  if (text.startsWith('!')) return { lane: 'faults', atMs, kind: 'fault', text };
  if (client !== null)
    return { lane: `client ${client[1]}`, atMs, kind: text.endsWith('unknown') ? 'lost' : 'call', text };
  const lane = /^(\w+)/.exec(text)?.[1] ?? 'faults';
  return { lane, atMs, kind: text.includes('"leaderChanged"') ? 'leader' : 'note', text };
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
