import { escaped } from '../report/svg.ts';
import { type Call, type CpuProfile, callTree } from './cpu-profile.ts';
import { type Part, partOf } from './rooms.ts';

/** Calls of a smaller share of the whole are left out: they could not be seen. */
const LEAST_SHARE = 0.0005;
const ROW = 18;

const COLOURS: Record<Part, string> = {
  serving: '#5b9bd5',
  network: '#70b8b0',
  consensus: '#e0a548',
  apply: '#9a80c9',
  disk: '#c97f6f',
  collection: '#b0b0b0',
  other: '#c9c3b0',
};

/**
 * A flame graph as one HTML page that needs nothing else: what was called below what called it, as wide as the time it took, coloured by
 * part. A click makes a call as wide as the page, a click on the ground goes back; the text box marks functions by name or file.
 */
export function flameGraph(profile: CpuProfile, title: string): string {
  const tree = callTree(profile);
  const isIdle = ({ functionName }: Call): boolean => functionName === '(idle)';
  const calls = tree.calls.filter((call) => !isIdle(call));
  const busyUs = calls.reduce((sum, { totalUs }) => sum + totalUs, 0);
  const busy = { ...tree, functionName: title, totalUs: busyUs, calls };
  const boxes: string[] = [];
  let depth = 0;
  const draw = (call: Call, at: { readonly left: number; readonly level: number; readonly part: Part }): void => {
    const share = busyUs === 0 ? 0 : call.totalUs / busyUs;
    if (share < LEAST_SHARE) return;
    const part = call.functionName === '(garbage collector)' ? 'collection' : (partOf(call.url) ?? at.part);
    depth = Math.max(depth, at.level);
    boxes.push(boxOf(call, { ...at, share, part }));
    let left = at.left;
    for (const child of [...call.calls].sort((a, b) => b.totalUs - a.totalUs)) {
      draw(child, { left, level: at.level + 1, part });
      left += busyUs === 0 ? 0 : child.totalUs / busyUs;
    }
  };
  draw(busy, { left: 0, level: 0, part: 'other' });
  const legend = Object.entries(COLOURS).map(([part, colour]) => `<i style="background:${colour}"></i>${part}`);
  const idleUs = tree.totalUs - busyUs;
  const about = `${Math.round(busyUs / 1000)} ms of CPU, ${Math.round(idleUs / 1000)} ms idle`;
  return pageOf({ title, about, legend: legend.join(' '), boxes: boxes.join('\n'), heightPx: (depth + 1) * ROW });
}

function boxOf(
  call: Call,
  at: { readonly left: number; readonly level: number; readonly share: number; readonly part: Part },
): string {
  const name = call.functionName === '' ? '(anonymous)' : call.functionName;
  const place = call.url === '' ? '' : ` ${shortPath(call.url)}:${call.line}`;
  const times = `${(call.totalUs / 1000).toFixed(1)} ms, ${(100 * at.share).toFixed(1)} %, itself ${(call.selfUs / 1000).toFixed(1)} ms`;
  const box = [at.left, at.share].map((number) => number.toFixed(5)).join(',');
  const style = `left:${(100 * at.left).toFixed(3)}%;width:${(100 * at.share).toFixed(3)}%;top:${at.level * ROW}px;background:${COLOURS[at.part]}`;
  return `<b data-box="${box}" style="${style}" title="${escaped(`${name}${place}\n${times}`)}">${escaped(name)}</b>`;
}

/** From the room on: `dist/` and what lies above say nothing. */
function shortPath(url: string): string {
  return url.replace(/^.*\/dist\//, '').replace(/^.*\/node_modules\//, '');
}

function pageOf(of: {
  readonly title: string;
  readonly about: string;
  readonly legend: string;
  readonly boxes: string;
  readonly heightPx: number;
}): string {
  return `<!doctype html><meta charset="utf-8"><title>${escaped(of.title)}</title><style>
body { font: 13px system-ui, sans-serif; margin: 12px; background: #fff; color: #222 }
i { display: inline-block; width: 10px; height: 10px; margin: 0 4px 0 10px }
#graph { position: relative; overflow: hidden; margin-top: 10px; height: ${of.heightPx}px }
#graph b { position: absolute; height: ${ROW - 1}px; overflow: hidden; white-space: nowrap; font-weight: normal; font-size: 11px;
  box-sizing: border-box; border-right: 1px solid #fff; padding-left: 3px; cursor: pointer; color: #111 }
#graph b.found { outline: 2px solid #d0006f; outline-offset: -2px }
@media (prefers-color-scheme: dark) { body { background: #16181c; color: #ddd } #graph b { border-color: #16181c } }
</style><strong>${escaped(of.title)}</strong> ${escaped(of.about)} ${of.legend} <input id="find" placeholder="find">
<div id="graph">
${of.boxes}
</div><script>
const boxes = [...document.querySelectorAll('#graph b')].map((e) => [e, ...e.dataset.box.split(',').map(Number)]);
function zoom(from, share) {
  for (const [e, left, width] of boxes) {
    e.style.left = (100 * (left - from)) / share + '%';
    e.style.width = (100 * width) / share + '%';
  }
  // What called the one in view covers it: it begins at the edge, so that its name can be read.
  for (const [e, left, width] of boxes) if (left <= from && left + width >= from + share - 1e-5) { e.style.left = '0'; e.style.width = '100%'; }
}
document.getElementById('graph').onclick = ({ target }) => {
  const box = boxes.find(([e]) => e === target);
  if (box) zoom(box[1], box[2]); else zoom(0, 1);
};
document.getElementById('find').oninput = ({ target }) => {
  for (const [e] of boxes) e.classList.toggle('found', target.value !== '' && e.title.includes(target.value));
};
</script>
`;
}
