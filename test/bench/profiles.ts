import type { CpuProfile } from '../../bench/profile/cpu-profile.ts';

/** A node of a made profile: what it is called, where it is, how many milliseconds it had itself, what it called. */
export interface Made {
  readonly name: string;
  readonly url?: string;
  readonly selfMs?: number;
  readonly calls?: readonly Made[];
}

/** A V8 profile of that tree, sampled every millisecond. */
export function profileOf(...calls: readonly Made[]): CpuProfile {
  const nodes: CpuProfile['nodes'][number][] = [];
  const samples: number[] = [];
  const add = ({ name, url = '', selfMs = 0, calls: called = [] }: Made): number => {
    const id = nodes.length + 1;
    const children: number[] = [];
    nodes.push({ id, callFrame: { functionName: name, url, lineNumber: 9 }, children });
    for (let ms = 0; ms < selfMs; ms++) samples.push(id);
    for (const call of called) children.push(add(call));
    return id;
  };
  add({ name: '(root)', calls });
  samples.push(1); // the last sample has no time
  return { nodes, samples, timeDeltas: samples.map((_, i) => (i === 0 ? 0 : 1000)), startTime: 0, endTime: 0 };
}
