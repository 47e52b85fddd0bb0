import { createRequire } from 'node:module';

type Yaml = typeof import('yaml');

let library: Yaml | undefined;

/** The library for YAML, loaded when first needed: most servers never see any, and it takes memory and a good part of the time to start. */
export function yaml(): Yaml {
  library ??= createRequire(import.meta.url)('yaml') as Yaml;
  return library;
}
