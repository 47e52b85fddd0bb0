import type { JsonObject } from './scheme/json.ts';

/** The machine-readable reasons of a Status (Kubernetes meta/v1 StatusReason). '' is what an unclassified server error carries. */
export type StatusReason =
  | ''
  | 'BadRequest'
  | 'Unauthorized'
  | 'Forbidden'
  | 'NotFound'
  | 'MethodNotAllowed'
  | 'NotAcceptable'
  | 'UnsupportedMediaType'
  | 'AlreadyExists'
  | 'Conflict'
  | 'Gone'
  | 'Expired'
  | 'RequestEntityTooLarge'
  | 'Invalid'
  | 'TooManyRequests'
  | 'InternalError'
  | 'ServerTimeout'
  | 'ServiceUnavailable'
  | 'Timeout';

export interface StatusCause {
  readonly reason?: string;
  readonly message?: string;
  readonly field?: string;
}

export interface StatusDetails {
  readonly name?: string;
  readonly group?: string;
  /** The *resource* (plural) for most errors, the kind for Invalid: as the real server has it. */
  readonly kind?: string;
  readonly uid?: string;
  readonly causes?: readonly StatusCause[];
  readonly retryAfterSeconds?: number;
}

/** A resource as Status texts name it: `deployments.apps "x"`. */
export interface GroupResource {
  readonly group: string;
  readonly resource: string;
}

/** A refusal that a client sees as a Status; the only error that handlers, registry and admission throw on purpose. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly code: number;
  readonly reason: StatusReason;
  readonly details: StatusDetails | undefined;
  /** With an expired continue token: one to go on with, as the Status' metadata carries it. */
  readonly listContinue: string | undefined;
  constructor(code: number, reason: StatusReason, message: string, details?: StatusDetails, listContinue?: string) {
    super(message);
    this.listContinue = listContinue;
    this.code = code;
    this.reason = reason;
    this.details = details;
  }

  /** The Status object of this error. */
  toStatus(): JsonObject {
    const status: JsonObject = {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: this.listContinue === undefined ? {} : { continue: this.listContinue },
      status: 'Failure',
      message: this.message,
    };
    if (this.reason !== '') status['reason'] = this.reason;
    if (this.details !== undefined) status['details'] = { ...this.details } as JsonObject;
    status['code'] = this.code;
    return status;
  }
}

const qualified = (r: GroupResource): string => (r.group === '' ? r.resource : `${r.resource}.${r.group}`);
const detailsOf = (r: GroupResource, name: string): StatusDetails => ({
  ...(name === '' ? {} : { name }),
  ...(r.group === '' ? {} : { group: r.group }),
  kind: r.resource,
});

export const badRequest = (message: string): ApiError => new ApiError(400, 'BadRequest', message);
export const unauthorized = (): ApiError => new ApiError(401, 'Unauthorized', 'Unauthorized');
export const forbidden = (r: GroupResource, name: string, why: string): ApiError =>
  new ApiError(
    403,
    'Forbidden',
    `${qualified(r)}${name === '' ? '' : ` "${name}"`} is forbidden: ${why}`,
    detailsOf(r, name),
  );
export const notFound = (r: GroupResource, name: string): ApiError =>
  new ApiError(404, 'NotFound', `${qualified(r)} "${name}" not found`, detailsOf(r, name));
/** An unknown path or resource. */
export const noSuchPath = (): ApiError =>
  new ApiError(404, 'NotFound', 'the server could not find the requested resource', {});
export const methodNotAllowed = (): ApiError =>
  new ApiError(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource', {});
export const alreadyExists = (r: GroupResource, name: string): ApiError =>
  new ApiError(409, 'AlreadyExists', `${qualified(r)} "${name}" already exists`, detailsOf(r, name));
export const conflict = (r: GroupResource, name: string, why: string): ApiError =>
  new ApiError(
    409,
    'Conflict',
    `Operation cannot be fulfilled on ${qualified(r)} "${name}": ${why}`,
    detailsOf(r, name),
  );
export const expired = (message: string): ApiError => new ApiError(410, 'Expired', message);
export const tooLarge = (message: string): ApiError => new ApiError(413, 'RequestEntityTooLarge', message);
export const internalError = (message: string): ApiError =>
  new ApiError(500, 'InternalError', `Internal error occurred: ${message}`, { causes: [{ message }] });
export const serviceUnavailable = (message: string): ApiError => new ApiError(503, 'ServiceUnavailable', message);
export const timeout = (message: string, retryAfterSeconds: number, causes?: readonly StatusCause[]): ApiError =>
  new ApiError(504, 'Timeout', `Timeout: ${message}`, {
    ...(causes ? { causes } : {}),
    ...(retryAfterSeconds > 0 ? { retryAfterSeconds } : {}),
  });

/** The reasons of field errors (`FieldValueInvalid` …) and how their messages begin (apimachinery field.Error). */
export type FieldErrorType =
  | 'FieldValueRequired'
  | 'FieldValueInvalid'
  | 'FieldValueNotSupported'
  | 'FieldValueDuplicate'
  | 'FieldValueForbidden'
  | 'FieldValueTooLong'
  | 'FieldValueTooMany'
  | 'FieldValueTypeInvalid'
  | 'FieldValueNotFound';

/** One thing wrong with one field. `message` is whole, as `causes[].message` shows it: `Invalid value: "x": must be …`. */
export interface FieldError {
  readonly type: FieldErrorType;
  /** `spec.template.metadata.labels`, `spec.ports[0].name`, `data[key]`. */
  readonly field: string;
  readonly message: string;
}

const quote = (value: unknown): string => (value === undefined ? 'null' : JSON.stringify(value));
export const fieldRequired = (field: string, detail: string): FieldError => ({
  type: 'FieldValueRequired',
  field,
  message: detail === '' ? 'Required value' : `Required value: ${detail}`,
});
export const fieldInvalid = (field: string, value: unknown, detail: string): FieldError => ({
  type: 'FieldValueInvalid',
  field,
  message: `Invalid value: ${quote(value)}: ${detail}`,
});
export const fieldForbidden = (field: string, detail: string): FieldError => ({
  type: 'FieldValueForbidden',
  field,
  message: `Forbidden: ${detail}`,
});
export const fieldNotSupported = (field: string, value: unknown, supported: readonly string[]): FieldError => ({
  type: 'FieldValueNotSupported',
  field,
  message: `Unsupported value: ${quote(value)}: supported values: ${supported.map((v) => JSON.stringify(v)).join(', ')}`,
});
export const fieldDuplicate = (field: string, value: unknown): FieldError => ({
  type: 'FieldValueDuplicate',
  field,
  message: `Duplicate value: ${quote(value)}`,
});
export const fieldTooLong = (field: string, maxBytes: number): FieldError => ({
  type: 'FieldValueTooLong',
  field,
  message: `Too long: may not be more than ${maxBytes} bytes`,
});

/** 422: `ConfigMap "x" is invalid: data: Invalid value: …` with a cause per field. */
export function invalid(
  kind: { readonly group: string; readonly kind: string },
  name: string,
  errors: readonly FieldError[],
): ApiError {
  const texts = errors.map((e) => `${e.field}: ${e.message}`);
  const list = texts.length === 1 ? texts[0] : `[${texts.join(', ')}]`;
  const qualifiedKind = kind.group === '' ? kind.kind : `${kind.kind}.${kind.group}`;
  return new ApiError(422, 'Invalid', `${qualifiedKind} "${name}" is invalid: ${list}`, {
    ...(name === '' ? {} : { name }),
    ...(kind.group === '' ? {} : { group: kind.group }),
    kind: kind.kind,
    causes: errors.map((e) => ({ reason: e.type, message: e.message, field: e.field })),
  });
}

/**
 * 422 for a patch that cannot be applied. The real server keeps `why` to itself, and kubectl would print a cause in place of the
 * message, so it only goes along as the error's `cause`. Source: apimachinery NewGenericServerResponse.
 */
export function patchDoesNotFit(why: string): ApiError {
  const error = new ApiError(422, 'Invalid', 'the server rejected our request due to an error in our request', {});
  error.cause = why;
  return error;
}
