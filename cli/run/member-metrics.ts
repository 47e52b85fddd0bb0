import type { Registry } from 'prom-client';
import type { MetricSample } from '../../member/observer.ts';

/** Puts a member's own samples, taken when they are asked for, after what the registry counts itself. */
export function exportMemberMetrics(registry: Registry, member: { metrics(): Promise<readonly MetricSample[]> }): void {
  const own = registry.metrics.bind(registry);
  registry.metrics = async () => {
    const [counted, samples] = await Promise.all([own(), member.metrics()]);
    return `${counted}${metricsText(samples)}`;
  };
}

/** Samples in the text format of Prometheus; those of one name share its head. */
export function metricsText(samples: readonly MetricSample[]): string {
  return samples
    .map((sample, i) => `${samples[i - 1]?.name === sample.name ? '' : headOf(sample)}${bodyOf(sample)}`)
    .join('');
}

function headOf({ name, help, type }: MetricSample): string {
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`;
}

function bodyOf(sample: MetricSample): string {
  const { name, labels = {} } = sample;
  if (sample.type !== 'histogram') return `${name}${labelsText(labels)} ${sample.value}\n`;
  const { boundsSeconds, counts, sumSeconds, count } = sample.value;
  let below = 0;
  const buckets = boundsSeconds.map((bound, i) => {
    below += counts[i] ?? 0;
    return `${name}_bucket${labelsText({ ...labels, le: String(bound) })} ${below}\n`;
  });
  const last = `${name}_bucket${labelsText({ ...labels, le: '+Inf' })} ${count}\n`;
  return `${buckets.join('')}${last}${name}_sum${labelsText(labels)} ${sumSeconds}\n${name}_count${labelsText(labels)} ${count}\n`;
}

function labelsText(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${value.replaceAll(/[\\"\n]/g, '_')}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}
