import { SCHEME_LIMITS } from './limits.ts';

const compiled = new Map<string, RegExp | undefined>();

/**
 * A pattern of a CRD (RE2 syntax) as a regular expression; undefined when it cannot be one, which callers that accept schemas
 * refuse. Compiled patterns are kept, the oldest goes.
 */
export function regexOf(pattern: string): RegExp | undefined {
  if (compiled.has(pattern)) return compiled.get(pattern);
  const regex = compile(pattern);
  if (compiled.size >= SCHEME_LIMITS.maxCompiledPatterns) {
    for (const oldest of compiled.keys()) {
      compiled.delete(oldest);
      break;
    }
  }
  compiled.set(pattern, regex);
  return regex;
}

function compile(pattern: string): RegExp | undefined {
  if (pattern.length > SCHEME_LIMITS.maxPatternLength) return undefined;
  const inline = /^\(\?([imsU]+)\)/.exec(pattern);
  const flags = [...(inline?.[1] ?? '')].filter((flag) => 'ims'.includes(flag)).join('');
  const source = translate(inline === null ? pattern : pattern.slice(inline[0].length));
  for (const all of [`${flags}u`, flags]) {
    try {
      return new RegExp(source, all);
    } catch {
      // The next try is without Unicode mode, which forgives escapes that mean nothing.
    }
  }
  return undefined;
}

const POSIX: Readonly<Record<string, string>> = {
  alnum: '0-9A-Za-z',
  alpha: 'A-Za-z',
  blank: '\\t ',
  cntrl: '\\x00-\\x1F\\x7F',
  digit: '0-9',
  graph: '!-~',
  lower: 'a-z',
  print: ' -~',
  punct: '!-\\/:-@\\[-`{-~',
  space: '\\t\\n\\v\\f\\r ',
  upper: 'A-Z',
  word: '0-9A-Za-z_',
  xdigit: '0-9A-Fa-f',
};

/** What RE2 writes otherwise than JavaScript: \A, \z, (?P<name>…) and POSIX classes. */
function translate(pattern: string): string {
  return pattern
    .replace(/\[:(\w+):\]/g, (whole, name: string) => POSIX[name] ?? whole)
    .replace(/\(\?P</g, '(?<')
    .replace(/\\A/g, '^')
    .replace(/\\z/g, '$');
}
