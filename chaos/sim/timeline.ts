import { drawing, escaped } from './drawing.ts';
import { type Picture, pictureOf } from './lanes.ts';
import type { RunReport } from './run-seed.ts';
import type { TraceLine } from './trace.ts';

/** Lines of the story that a page shows: a browser must still like it. */
const MAX_LINES = 30_000;

const STYLE = `
body{font:13px/1.45 system-ui,sans-serif;margin:20px;color:#1f2328;max-width:1520px}
h1{font-size:20px;margin:0 0 4px}h2{font-size:15px;margin:22px 0 6px}code{background:#eff1f3;padding:1px 5px;border-radius:4px}
.bad{color:#b3261e}.good{color:#1a7f37}li{margin:2px 0;white-space:pre-wrap}
svg{border:1px solid #d0d7de;border-radius:6px;background:#fff;max-width:100%;height:auto}
svg text{font:10.5px system-ui,sans-serif;fill:#1f2328}svg a{text-decoration:none;cursor:pointer}svg .name{font-weight:600}
svg .base{stroke:#d8dee4;stroke-dasharray:2 3}svg .tick{fill:#57606a;text-anchor:middle}
svg line.fault{stroke:#cf222e;stroke-opacity:.18}svg a.fault circle{fill:#cf222e}svg a.fault text{fill:#86181d}
svg line.violation{stroke:#cf222e;stroke-width:2}svg a.violation circle{fill:#000}svg a.violation text{font-weight:700;fill:#b3261e}
svg a.up rect{fill:#dbe7f3}svg a.leader rect{fill:#8250df}svg a.leader text{fill:#fff;font-weight:600}
svg a.paused rect{fill:#f2cc60;fill-opacity:.85}svg a.answered rect{fill:#2da44e}svg a.unknown rect{fill:#d4a72c}
.key span{display:inline-block;width:14px;height:10px;margin:0 4px 0 14px;border-radius:2px}
pre{font:11.5px/1.4 ui-monospace,monospace;margin:0}pre span{display:block;white-space:pre-wrap}pre span:target{background:#fff8c5}
pre .fault{color:#86181d}pre .violation{color:#fff;background:#b3261e}pre .leader{color:#6639ba}pre .call{color:#57606a}`;

const KEY = [
  ['#dbe7f3', 'a process runs'],
  ['#8250df', 'leads'],
  ['#f2cc60', 'stands still'],
  ['#2da44e', 'a call that was answered'],
  ['#d4a72c', 'outcome unknown'],
  ['#cf222e', 'broken or mended'],
  ['#000', 'a promise is broken'],
] as const;

/** The story of a run as a page that needs nothing else: the findings, the whole run and the time around the first finding as pictures, and the lines. */
export function timelineHtml(
  report: RunReport,
  lines: readonly TraceLine[],
  { replay }: { readonly replay: string },
): string {
  const { plan, findings } = report;
  const picture = pictureOf([...lines, ...findingLines(report, lines)]);
  const found = findings.map(({ checker, text }) => `<li><b>${escaped(checker)}</b>: ${escaped(text)}</li>`);
  const verdict =
    findings.length === 0 ? 'all is well' : `${findings.length} finding${findings.length === 1 ? '' : 's'}`;
  return `<!doctype html><meta charset="utf-8"><title>seed ${plan.seed}</title><style>${STYLE}</style>
<h1>Seed ${plan.seed}: <span class="${findings.length === 0 ? 'good' : 'bad'}">${verdict}</span></h1>
<div>${plan.members} members, ticks of ${plan.tickMs} ms, ${plan.clients} clients; faults: ${plan.faults.join(', ')}; ${report.acknowledged} of ${report.operations} calls answered; replay: <code>${escaped(replay)}</code></div>
<ul>${found.join('')}</ul>
<p class="key">${KEY.map(([colour, text]) => `<span style="background:${colour}"></span>${text}`).join('')} (hover to read, click for the line)</p>
${drawing(picture, { fromMs: 0, toMs: picture.endMs })}
${closeUp(picture)}
<h2>The story</h2>
${story(lines)}
`;
}

/** The time around the first broken promise, when that is a small part of the run. */
function closeUp(picture: Picture): string {
  const first = picture.moments.find(({ kind }) => kind === 'violation');
  const spanMs = Math.min(picture.endMs / 8, 10_000);
  if (first === undefined || picture.endMs < 8 * 500) return '';
  const window = { fromMs: Math.max(0, first.atMs - spanMs), toMs: Math.min(picture.endMs, first.atMs + spanMs / 3) };
  return `<h2>Around the first finding</h2>${drawing(picture, window)}`;
}

/** Findings of checkers that looked when all was over, at the moment that they speak of. */
function findingLines(report: RunReport, lines: readonly TraceLine[]): readonly TraceLine[] {
  const isTold = (text: string): boolean =>
    lines.some(({ mark, text: told }) => mark?.type === 'violation' && text.startsWith(told.slice(2)));
  return report.findings.flatMap(({ checker, text, atMs }) =>
    atMs === undefined || isTold(text)
      ? []
      : [{ atMs, text: `x ${checker}: ${text}`, mark: { type: 'violation' } as const }],
  );
}

function story(lines: readonly TraceLine[]): string {
  const isLong = lines.length > MAX_LINES;
  const told = lines
    .map((line, i) => ({ ...line, i }))
    .filter(({ mark }) => !isLong || (mark !== undefined && mark.type !== 'call'));
  const shown = told.slice(-MAX_LINES);
  const left = lines.length - shown.length;
  const note =
    left === 0
      ? ''
      : `<p>${left} lines, most of them answered calls, are left out; <code>--trace</code> tells all.</p>`;
  const rows = shown.map(({ atMs, text, mark, i }) => {
    const name = mark === undefined ? '' : ` class="${mark.type}"`;
    return `<span id="l${i}"${name}>${atMs.toFixed(1).padStart(10)}  ${escaped(text)}</span>`;
  });
  return `${note}<pre>${rows.join('')}</pre>`;
}
