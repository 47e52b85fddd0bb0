import type { Registry } from 'prom-client';
import type { MetricSample } from '../../member/observer.ts';

/** Puts a member's own samples, taken when they are asked for, after what the registry counts itself. */
export function exportMemberMetrics(registry: Registry, member: { metrics(): readonly MetricSample[] }): void {
  const own = registry.metrics.bind(registry);
  registry.metrics = async () => `${await own()}${member.metrics().map(textOf).join('')}`;
}

/** One metric in the text format of Prometheus. */
function textOf(sample: MetricSample): string {
  const head = `# HELP ${sample.name} ${sample.help}\n# TYPE ${sample.name} ${sample.type}\n`;
  if (sample.type !== 'histogram') return `${head}${sample.name} ${sample.value}\n`;
  const { boundsSeconds, counts, sumSeconds, count } = sample.value;
  let below = 0;
  const buckets = boundsSeconds.map((bound, i) => {
    below += counts[i] ?? 0;
    return `${sample.name}_bucket{le="${bound}"} ${below}\n`;
  });
  return `${head}${buckets.join('')}${sample.name}_bucket{le="+Inf"} ${count}\n${sample.name}_sum ${sumSeconds}\n${sample.name}_count ${count}\n`;
}
