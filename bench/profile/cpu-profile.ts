/** One node of V8's call tree. Source: Chrome DevTools protocol, Profiler.ProfileNode. */
export interface ProfileNode {
  readonly id: number;
  readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
  readonly children?: readonly number[];
}

/** A .cpuprofile: a tree, and which node was on the CPU at each sample; times in microseconds. */
export interface CpuProfile {
  readonly nodes: readonly ProfileNode[];
  readonly startTime: number;
  readonly endTime: number;
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

/** A function as called from where it was called, with what it called. */
export interface Call {
  readonly functionName: string;
  readonly url: string;
  /** Counted from 1. */
  readonly line: number;
  /** Time in the function itself, in microseconds. */
  selfUs: number;
  /** Time in it and in what it called. */
  totalUs: number;
  readonly calls: Call[];
}

/** The profile as a tree from `(root)` down. */
export function callTree({ nodes, samples, timeDeltas }: CpuProfile): Call {
  const byId = new Map<number, Call>();
  for (const { id, callFrame } of nodes) {
    const { functionName, url, lineNumber } = callFrame;
    byId.set(id, { functionName, url, line: lineNumber + 1, selfUs: 0, totalUs: 0, calls: [] });
  }
  for (const { id, children = [] } of nodes) {
    const caller = byId.get(id);
    for (const child of children) {
      const call = byId.get(child);
      if (call !== undefined) caller?.calls.push(call);
    }
  }
  // A delta is the time since the sample before: what was on the CPU at that one had it.
  for (let i = 0; i + 1 < samples.length; i++) {
    const call = byId.get(samples[i] as number);
    if (call !== undefined) call.selfUs += Math.max(0, timeDeltas[i + 1] ?? 0);
  }
  const root = byId.get(nodes[0]?.id ?? 0);
  if (root === undefined) return { functionName: '(root)', url: '', line: 0, selfUs: 0, totalUs: 0, calls: [] };
  addUp(root);
  return root;
}

function addUp(call: Call): number {
  call.totalUs = call.selfUs;
  for (const child of call.calls) call.totalUs += addUp(child);
  return call.totalUs;
}
