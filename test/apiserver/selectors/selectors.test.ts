import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { matchesFields, parseFieldSelector } from '../../../apiserver/selectors/field-selector.ts';
import { parseLabelSelector } from '../../../apiserver/selectors/label-selector.ts';

describe('label selectors', () => {
  const rows: [selector: string, labels: Record<string, string>, matches: boolean][] = [
    ['', {}, true],
    ['a=b', { a: 'b' }, true],
    ['a=b', { a: 'c' }, false],
    ['a==b', { a: 'b' }, true],
    ['a=', { a: '' }, true],
    ['a!=b', {}, true],
    ['a!=b', { a: 'b' }, false],
    ['a', { a: '' }, true],
    ['a', {}, false],
    ['!a', {}, true],
    ['!a', { a: 'x' }, false],
    ['a in (b,c)', { a: 'c' }, true],
    ['a in (b, c)', { a: 'd' }, false],
    ['a in ()', { a: '' }, true],
    ['a notin (b)', {}, true],
    ['a notin (b)', { a: 'b' }, false],
    ['a>1', { a: '2' }, true],
    ['a<1', { a: '2' }, false],
    ['a>1', { a: 'x' }, false],
    ['x.io/a=b,c', { 'x.io/a': 'b', c: '' }, true],
    ['a=b,c=d', { a: 'b' }, false],
    ['in in (in)', { in: 'in' }, true],
    ['a=b , c in (d)', { a: 'b', c: 'd' }, true],
    ['constructor', {}, false],
  ];
  for (const [selector, labels, expected] of rows) {
    it(`${JSON.stringify(selector)} ${expected ? 'matches' : 'does not match'} ${JSON.stringify(labels)}`, () => {
      assert.equal(parseLabelSelector(selector).matches(labels), expected);
    });
  }
  for (const bad of [
    'a b',
    'a in b',
    'a in (b',
    '!',
    ',a',
    'a,',
    'a=b=c',
    'a>x',
    '-a=b',
    'a=b!',
    'a/b/c=d',
    `a=${'x'.repeat(64)}`,
    '=b',
  ]) {
    it(`refuses ${JSON.stringify(bad)}`, () => assert.throws(() => parseLabelSelector(bad), { code: 400 }));
  }
});

describe('field selectors', () => {
  const fields: Record<string, string> = { 'metadata.name': 'x', 'spec.a': 'b,c' };
  const rows: [selector: string, matches: boolean][] = [
    ['', true],
    ['metadata.name=x', true],
    ['metadata.name==x', true],
    ['metadata.name!=x', false],
    ['metadata.name=x,spec.a!=z', true],
    ['spec.a=b\\,c', true],
    ['other=', true],
  ];
  for (const [selector, expected] of rows) {
    it(`${JSON.stringify(selector)} is ${expected}`, () => {
      assert.equal(
        matchesFields(parseFieldSelector(selector), (field) => fields[field] ?? ''),
        expected,
      );
    });
  }
  for (const bad of ['metadata.name', 'a=b=c', 'a=b\\x']) {
    it(`refuses ${JSON.stringify(bad)}`, () => assert.throws(() => parseFieldSelector(bad), { code: 400 }));
  }
});
