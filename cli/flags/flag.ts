import { type Command, Option } from 'commander';
import { UsageError } from '../usage-error.ts';

/** One flag of a command. */
export interface Flag {
  readonly name: string;
  /** Placeholder of its value (`URLS`); absent: a switch, which takes `=true` and `=false` too. */
  readonly value?: string;
  readonly help: string;
  readonly default?: string;
  /** May be given several times; the values are joined by commas. */
  readonly repeatable?: boolean;
  /** Only these values are supported; with any other it is refused. For flags of the original that change nothing here. */
  readonly only?: readonly string[];
  /** Taken and without effect, because what it is about is not served; not listed in --help. */
  readonly idle?: boolean;
  /** Why it is idle, or why no other value is supported: for those who gave it, and for the documentation. */
  readonly why?: string;
  /** An old name: the flag that it stands for now. */
  readonly renamed?: string;
}

/** The values that were given, by flag name; texts as they came. */
export type Given = ReadonlyMap<string, string>;

/** Adds flags to a command; given values are collected in the map that is returned. */
export function addFlags(command: Command, flags: readonly Flag[]): Given {
  const given = new Map<string, string>();
  for (const flag of flags) {
    const spelled = flag.value === undefined ? `--${flag.name} [true|false]` : `--${flag.name} <${flag.value}>`;
    const option = new Option(
      spelled,
      flag.default === undefined ? flag.help : `${flag.help} (default: ${flag.default})`,
    );
    if (flag.help === '') option.hideHelp();
    option.argParser((value: string) => {
      const before = given.get(flag.name);
      given.set(flag.name, flag.repeatable === true && before !== undefined ? `${before},${value}` : value);
      return value;
    });
    command.addOption(option);
    if (flag.value === undefined) option.preset('true');
  }
  return given;
}

/** Reads typed values out of what was given; every failure is a UsageError that names the flag. */
export class FlagReader {
  readonly #flags: ReadonlyMap<string, Flag>;
  readonly #given: Given;

  constructor(flags: readonly Flag[], given: Given) {
    this.#flags = new Map(flags.map((flag) => [flag.name, flag]));
    this.#given = given;
    for (const [name, value] of given) {
      const only = this.#flags.get(name)?.only;
      if (only !== undefined && !only.includes(value)) {
        const supported =
          only.length === 0 ? '' : ` with the value "${value}": only ${only.map((v) => `"${v}"`).join(' or ')} is`;
        const why = this.#flags.get(name)?.why;
        throw new UsageError(`--${name} is not supported${supported}${why === undefined ? '' : ` (${why})`}`);
      }
    }
  }

  has(name: string): boolean {
    return this.#given.has(name);
  }

  /** Flags that were given and have no effect. */
  idle(): readonly string[] {
    return [...this.#given.keys()].filter((name) => this.#flags.get(name)?.idle === true);
  }

  /** The value or the default; '' when there is neither. */
  text(name: string): string {
    return this.#given.get(name) ?? this.#flags.get(name)?.default ?? '';
  }

  list(name: string): readonly string[] {
    return this.text(name)
      .split(',')
      .map((item) => item.trim())
      .filter((item) => item !== '');
  }

  bool(name: string): boolean {
    const text = this.text(name);
    const value = text === '' ? false : boolOf(text);
    if (value === undefined) throw new UsageError(`invalid value "${text}" for --${name}: must be true or false`);
    return value;
  }

  integer(name: string, low: number, high: number = Number.MAX_SAFE_INTEGER): number {
    const text = this.text(name);
    const value = Number(text);
    if (!/^-?\d+$/.test(text) || !Number.isSafeInteger(value) || value < low || value > high) {
      const range =
        high === Number.MAX_SAFE_INTEGER
          ? `a whole number of at least ${low}`
          : `a whole number from ${low} to ${high}`;
      throw new UsageError(`invalid value "${text}" for --${name}: must be ${range}`);
    }
    return value;
  }

  port(name: string): number {
    return this.integer(name, 0, 65535);
  }

  /** A Go duration (`1m30s`, `500ms`, `0`), in milliseconds. */
  durationMs(name: string): number {
    const text = this.text(name);
    const ms = durationMs(text);
    if (ms !== undefined) return ms;
    throw new UsageError(`invalid value "${text}" for --${name}: must be a duration such as 10s or 1m30s`);
  }

  /** http and https URLs with a host and a port. At least one. */
  urls(name: string): readonly string[] {
    const urls = this.list(name);
    if (urls.length === 0) throw new UsageError(`--${name} needs at least one URL`);
    for (const url of urls) this.#checkUrl(name, url);
    return urls;
  }

  #checkUrl(name: string, url: string): void {
    const why = urlFault(url);
    if (why !== undefined) throw new UsageError(`invalid value "${url}" for --${name}: ${why}`);
  }
}

/** Go's spellings of a truth value; undefined for other texts. Source: strconv.ParseBool. */
export function boolOf(text: string): boolean | undefined {
  if (/^(?:1|t|T|true|TRUE|True)$/.test(text)) return true;
  return /^(?:0|f|F|false|FALSE|False)$/.test(text) ? false : undefined;
}

/** The milliseconds of a Go duration; undefined for other texts. */
export function durationMs(text: string): number | undefined {
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ns|us|µs|ms|h|m|s)/g)];
  if (text !== '0' && (parts.length === 0 || parts.map((part) => part[0]).join('') !== text)) return undefined;
  const unit: Readonly<Record<string, number>> = {
    ns: 1e-6,
    us: 1e-3,
    µs: 1e-3,
    ms: 1,
    s: 1000,
    m: 60_000,
    h: 3_600_000,
  };
  return parts.reduce((sum, part) => sum + Number(part[1]) * (unit[part[2] ?? ''] ?? 0), 0);
}

/** What is wrong with a listen or advertise URL; undefined when nothing is. */
export function urlFault(url: string): string | undefined {
  if (!/^https?:\/\//.test(url)) return 'URL must begin with http:// or https://';
  if (!URL.canParse(url)) return 'not a URL';
  const { pathname, search, hash, hostname } = new URL(url);
  if (hostname === '') return 'URL must have a host';
  if (pathname !== '/' || search !== '' || hash !== '') return 'URL must not contain a path';
  if (!/:\d+\/?$/.test(url)) return 'URL must have a port';
  return undefined;
}
