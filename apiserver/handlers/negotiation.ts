import { ApiError } from '../errors.ts';

/** What the answer looks like. `as`: a form of the object other than its own kind. */
export interface OutputForm {
  readonly mediaType: 'application/json' | 'application/yaml';
  readonly as: 'Table' | 'PartialObjectMetadata' | 'PartialObjectMetadataList' | undefined;
  /** The version of meta.k8s.io that `as` is asked in. */
  readonly metaVersion: 'v1' | 'v1beta1';
}

/** What an endpoint can answer with. */
export interface OutputChoice {
  readonly forms: readonly ('Table' | 'PartialObjectMetadata' | 'PartialObjectMetadataList')[];
  readonly stream?: boolean;
}

export const PLAIN_JSON: OutputForm = { mediaType: 'application/json', as: undefined, metaVersion: 'v1' };

interface Clause {
  readonly type: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly quality: number;
}

/** The first acceptable form, by quality, then by order. Errors: ApiError 406. Source: apiserver handlers/negotiation. */
export function negotiateOutput(accept: string | undefined, choice: OutputChoice): OutputForm {
  if (accept === undefined || accept.trim() === '') return PLAIN_JSON;
  for (const clause of parseAccept(accept)) {
    const mediaType = mediaTypeOf(clause.type, choice);
    if (mediaType === undefined) continue;
    const { as, g: group, v: version } = clause.parameters;
    if (as === undefined) return { ...PLAIN_JSON, mediaType };
    const form = choice.forms.find((known) => known === as);
    const isMeta = group === 'meta.k8s.io' && (version === 'v1' || version === 'v1beta1');
    if (form !== undefined && isMeta) return { mediaType, as: form, metaVersion: version };
  }
  const types = choice.stream
    ? 'application/json;stream=watch, application/vnd.kubernetes.protobuf;stream=watch'
    : 'application/json, application/yaml, application/vnd.kubernetes.protobuf';
  throw new ApiError(406, 'NotAcceptable', `only the following media types are accepted: ${types}`);
}

function mediaTypeOf(type: string, choice: OutputChoice): OutputForm['mediaType'] | undefined {
  if (type === 'application/json' || type === '*/*' || type === 'application/*') return 'application/json';
  return type === 'application/yaml' && choice.stream !== true ? 'application/yaml' : undefined;
}

function parseAccept(text: string): readonly Clause[] {
  const clauses = text.split(',').map((part) => {
    const [type = '', ...rest] = part.split(';').map((piece) => piece.trim());
    const parameters: Record<string, string> = {};
    for (const piece of rest) {
      const equals = piece.indexOf('=');
      if (equals > 0)
        parameters[piece.slice(0, equals).toLowerCase()] = piece.slice(equals + 1).replace(/^"(.*)"$/, '$1');
    }
    const quality = Number(parameters['q'] ?? '1');
    return { type: type.toLowerCase(), parameters, quality: Number.isFinite(quality) ? quality : 1 };
  });
  return clauses.filter((clause) => clause.quality > 0).sort((a, b) => b.quality - a.quality);
}

export type BodyType = 'json' | 'yaml' | 'protobuf';
const BODY_TYPES: Readonly<Record<string, BodyType>> = {
  '': 'json',
  'application/json': 'json',
  'application/yaml': 'yaml',
  'application/vnd.kubernetes.protobuf': 'protobuf',
};

/** How a body is written. Nothing means JSON. Errors: ApiError 415. */
export function negotiateBody(contentType: string | undefined, builtIn: boolean): BodyType {
  const found = BODY_TYPES[mediaTypeName(contentType)];
  if (found === undefined || (found === 'protobuf' && !builtIn)) {
    throw unsupportedMediaType(
      Object.keys(BODY_TYPES).filter((type) => type !== '' && (builtIn || !type.includes('protobuf'))),
    );
  }
  return found;
}

export const mediaTypeName = (contentType: string | undefined): string =>
  (contentType ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';

export const unsupportedMediaType = (accepted: readonly string[]): ApiError =>
  new ApiError(
    415,
    'UnsupportedMediaType',
    `the body of the request was in an unknown format - accepted media types include: ${accepted.join(', ')}`,
  );
