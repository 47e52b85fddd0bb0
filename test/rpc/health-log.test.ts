import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HealthLog } from '../../rpc/health-log.ts';

test('a line when the answer changes, a warning only for who was well before', () => {
  const lines: string[] = [];
  const to = (level: string) => (fields: object, message: string) =>
    void lines.push(`${level} ${message} ${'reason' in fields ? fields.reason : ''}`.trim());
  const log = new HealthLog({ info: to('info'), warn: to('warn'), error: to('error') });
  for (const reason of ['NO LEADER', 'NO LEADER', undefined, undefined, 'NO LEADER', 'NO LEADER', 'ALARM', undefined])
    log.answered('health', reason);
  log.answered('readyz', undefined);
  log.answered('readyz', 'ALARM');
  assert.deepEqual(lines, [
    'info not healthy yet NO LEADER',
    'info healthy',
    'warn unhealthy NO LEADER',
    'warn unhealthy ALARM',
    'info healthy',
    'warn unhealthy ALARM',
  ]);
});
