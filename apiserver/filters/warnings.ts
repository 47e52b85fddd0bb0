import { FILTER_LIMITS } from './limits.ts';

/** The Warning headers of one answer. Source: apiserver endpoints/filters/warning.go, apimachinery util/net NewWarningHeader. */
export class Warnings {
  readonly #texts = new Set<string>();

  add(text: string): void {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: a header cannot hold them.
    const clean = text.replace(/[\x00-\x1f\x7f]+/g, ' ').trim();
    if (clean !== '') this.#texts.add(clean);
  }

  /** Header values; each is cut when all together are too long. */
  headers(): readonly string[] {
    const texts = [...this.#texts];
    const total = texts.reduce((sum, text) => sum + text.length, 0);
    const cut = total > FILTER_LIMITS.maxWarningChars ? FILTER_LIMITS.warningCutChars : Number.POSITIVE_INFINITY;
    let left: number = FILTER_LIMITS.maxWarningChars;
    const values: string[] = [];
    for (const text of texts) {
      const shown = text.slice(0, cut);
      left -= shown.length;
      if (left < 0) break;
      values.push(`299 - "${asHeader(shown)}"`);
    }
    return values;
  }
}

/** Quoted, and with bytes above ASCII in latin1 as Node writes headers. */
function asHeader(text: string): string {
  return Buffer.from(text.replaceAll('\\', '\\\\').replaceAll('"', '\\"'), 'utf8').toString('latin1');
}
