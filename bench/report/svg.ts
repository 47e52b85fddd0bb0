/** A ratio with its spread, and the one that it should reach. */
export interface Bar {
  readonly label: string;
  readonly min: number;
  readonly median: number;
  readonly max: number;
  readonly target: number;
}

export interface Panel {
  readonly title: string;
  readonly bars: readonly Bar[];
}

const WIDTH = 860;
const LABELS = 300;
const VALUES = 60;
const MARGIN = 16;
const ROW = 20;
const PLOT = { left: LABELS, right: WIDTH - VALUES - MARGIN };

const STYLE = `
  text { font: 12px system-ui, -apple-system, "Segoe UI", sans-serif; fill: #24292f }
  .page { fill: #ffffff } .title { font-size: 16px; font-weight: 600 } .head { font-weight: 600 }
  .small, .tick { fill: #57606a; font-size: 11px } .grid { stroke: #d8dee4 } .one { stroke: #24292f; stroke-width: 1.5 }
  .better { fill: #2da44e } .worse { fill: #d1622b } .spread { stroke: #24292f } .target { stroke: #8250df; stroke-width: 2 }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 } .page { fill: #0d1117 } .small, .tick { fill: #9198a1 } .grid { stroke: #30363d } .one { stroke: #e6edf3 }
    .better { fill: #3fb950 } .worse { fill: #e0823d } .spread { stroke: #e6edf3 } .target { stroke: #b083f0 }
  }`;

/** Horizontal bars from the line at 1x on a logarithmic scale, whiskers from least to greatest, and a mark at each bar's target. */
export function chart(of: {
  readonly title: string;
  readonly subtitle: string;
  readonly panels: readonly Panel[];
}): string {
  const scale = scaleFor(of.panels.flatMap(({ bars }) => bars));
  const parts: string[] = [];
  let y = 60;
  for (const panel of of.panels) {
    parts.push(panelOf(panel, y, scale));
    y += heightOf(panel);
  }
  const height = y + 24;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img">
<title>${escaped(of.title)}</title><style>${STYLE}
</style><rect class="page" width="${WIDTH}" height="${height}" rx="8"/>
${text(MARGIN, 28, of.title, 'title')}
${text(MARGIN, 46, of.subtitle, 'small')}
${parts.join('\n')}
${text(MARGIN, height - 10, 'bar: median; line: least to greatest of the pairs; violet: target; right of 1x is better', 'small')}
</svg>
`;
}

/** Where a ratio lies, and the ratios that get a line of the grid. */
interface Scale {
  x(ratio: number): number;
  readonly ticks: readonly number[];
}

const TICKS = [1 / 64, 1 / 32, 1 / 16, 1 / 8, 1 / 4, 1 / 2, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024];

function scaleFor(bars: readonly Bar[]): Scale {
  const least = Math.min(0.5, ...bars.map(({ min }) => min));
  const greatest = Math.max(2, ...bars.map(({ max }) => max));
  const from = Math.log(Math.max(least / 1.15, TICKS[0] as number));
  const to = Math.log(Math.min(greatest * 1.15, TICKS.at(-1) as number));
  const x = (ratio: number): number => {
    const share = (Math.log(Math.max(ratio, 1e-9)) - from) / (to - from);
    return PLOT.left + Math.min(1, Math.max(0, share)) * (PLOT.right - PLOT.left);
  };
  return { x, ticks: TICKS.filter((tick) => Math.log(tick) >= from && Math.log(tick) <= to) };
}

function heightOf({ bars }: Panel): number {
  return bars.length * ROW + 62;
}

function panelOf({ title, bars }: Panel, top: number, scale: Scale): string {
  const first = top + 24;
  const bottom = first + bars.length * ROW;
  const grid = scale.ticks.map((tick) => {
    const x = scale.x(tick).toFixed(1);
    const label = tick >= 1 ? `${tick}x` : `1/${Math.round(1 / tick)}`;
    return `<path class="${tick === 1 ? 'one' : 'grid'}" d="M${x} ${first - 4}V${bottom + 4}"/>${text(Number(x), bottom + 18, label, 'tick', 'middle')}`;
  });
  const rows = bars.map((bar, i) => barOf(bar, first + i * ROW, scale));
  return [text(MARGIN, top + 12, title, 'head'), ...grid, ...rows].join('\n');
}

function barOf({ label, min, median, max, target }: Bar, y: number, { x }: Scale): string {
  const [one, end] = [x(1), x(median)];
  const middle = y + ROW / 2;
  const [left, right] = [Math.min(one, end), Math.max(one, end)];
  return [
    '<g>',
    `<title>${escaped(`${label}: ${ratioText(median)} (${ratioText(min)} to ${ratioText(max)})`)}</title>`,
    text(MARGIN, middle + 4, label),
    `<rect class="${median >= target ? 'better' : 'worse'}" x="${left.toFixed(1)}" y="${y + 3}" width="${Math.max(1, right - left).toFixed(1)}" height="${ROW - 6}"/>`,
    `<path class="spread" d="M${x(min).toFixed(1)} ${middle}H${x(max).toFixed(1)}M${x(min).toFixed(1)} ${middle - 3}v6M${x(max).toFixed(1)} ${middle - 3}v6"/>`,
    target === 1 ? '' : `<path class="target" d="M${x(target).toFixed(1)} ${y + 1}v${ROW - 2}"/>`,
    text(WIDTH - MARGIN, middle + 4, ratioText(median), '', 'end'),
    '</g>',
  ].join('');
}

function ratioText(ratio: number): string {
  return `${ratio >= 100 ? Math.round(ratio) : ratio.toPrecision(3)}x`;
}

function text(x: number, y: number, content: string, kind = '', anchor = 'start'): string {
  return `<text x="${x}" y="${y}"${kind === '' ? '' : ` class="${kind}"`}${anchor === 'start' ? '' : ` text-anchor="${anchor}"`}>${escaped(content)}</text>`;
}

/** Text inside an element or a quoted attribute of XML. */
export function escaped(content: string): string {
  return content.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;');
}
