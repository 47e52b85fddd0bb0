import assert from 'node:assert/strict';
import { test } from 'node:test';
import { metricsText } from '../../cli/run/member-metrics.ts';
import { Histogram } from '../../member/observer.ts';

test('samples of one name share its head; histograms add up', () => {
  const durations = new Histogram(1, 2);
  for (const seconds of [0.5, 1.5, 9]) durations.observe(seconds);
  const text = metricsText([
    { type: 'counter', name: 'sent', help: 'Bytes sent.', value: 3, labels: { To: 'a' } },
    { type: 'counter', name: 'sent', help: 'Bytes sent.', value: 4, labels: { To: 'b"' } },
    { type: 'histogram', name: 'took', help: 'Durations.', value: durations.sample(), labels: { To: 'a' } },
  ]);
  assert.equal(
    text,
    `# HELP sent Bytes sent.
# TYPE sent counter
sent{To="a"} 3
sent{To="b_"} 4
# HELP took Durations.
# TYPE took histogram
took_bucket{To="a",le="1"} 1
took_bucket{To="a",le="2"} 2
took_bucket{To="a",le="+Inf"} 3
took_sum{To="a"} 11
took_count{To="a"} 3
`,
  );
});
