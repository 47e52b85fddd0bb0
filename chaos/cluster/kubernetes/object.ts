/** An object of the API as far as the workloads look into it. */
export interface KubeObject {
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  /** 0: it has none. */
  readonly resourceVersion: number;
  readonly annotations: Readonly<Record<string, string>>;
  readonly data: Readonly<Record<string, string>>;
  readonly spec: Readonly<Record<string, unknown>>;
}

/** One page of a list. */
export interface KubePage {
  readonly resourceVersion: number;
  /** Empty on the last one. */
  readonly continue: string;
  readonly items: readonly KubeObject[];
}

/** What a Status says. */
export interface KubeStatus {
  readonly code: number;
  readonly reason: string;
  readonly message: string;
}

export type Fields = Readonly<Record<string, unknown>>;

/** The text as a JSON object; undefined when it is none. */
export function parseFields(text: string): Fields | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isFields(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Undefined: this is no object of the API, since it has no metadata. */
export function objectOf(value: unknown): KubeObject | undefined {
  if (!isFields(value) || !isFields(value['metadata'])) return undefined;
  const metadata = value['metadata'];
  return {
    kind: textOf(value['kind']),
    name: textOf(metadata['name']),
    uid: textOf(metadata['uid']),
    resourceVersion: versionOf(metadata['resourceVersion']),
    annotations: textsOf(metadata['annotations']),
    data: textsOf(value['data']),
    spec: isFields(value['spec']) ? value['spec'] : {},
  };
}

/** Undefined: this is no list. */
export function pageOf(value: unknown): KubePage | undefined {
  if (!isFields(value) || !isFields(value['metadata']) || !Array.isArray(value['items'])) return undefined;
  const items = value['items'].map(objectOf);
  if (!items.every((item) => item !== undefined)) return undefined;
  const { metadata } = value;
  return {
    resourceVersion: versionOf(metadata['resourceVersion']),
    continue: textOf(metadata['continue']),
    items,
  };
}

/** What a refusal says; `code` is the HTTP status when the body says nothing else. */
export function statusOf(value: unknown, code: number): KubeStatus {
  const fields = isFields(value) ? value : {};
  return {
    code: typeof fields['code'] === 'number' ? fields['code'] : code,
    reason: textOf(fields['reason']),
    message: textOf(fields['message']),
  };
}

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

function versionOf(value: unknown): number {
  const number = Number(textOf(value));
  return Number.isSafeInteger(number) ? number : 0;
}

function textsOf(value: unknown): Readonly<Record<string, string>> {
  if (!isFields(value)) return {};
  return Object.fromEntries(
    Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}
