import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { differencesPage } from '../conformance/differential/page.ts';

const PAGE = join(process.cwd(), 'docs', 'internals', 'differences.md');

test('the page of differences from etcd is what the comparison with etcd holds', () => {
  if (process.env['KEELSON_REWRITE'] === '1') writeFileSync(PAGE, differencesPage());
  assert.equal(readFileSync(PAGE, 'utf8'), differencesPage());
});
