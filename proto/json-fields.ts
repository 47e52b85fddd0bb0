/** The wire types of fields that are neither messages nor enums. */
export type ScalarType = 'bool' | 'int32' | 'uint32' | 'int64' | 'uint64' | 'string' | 'bytes';

/** One field of a message, as a mapping between JSON and the wire needs it. */
export interface JsonField {
  readonly number: number;
  /** As the table writes it: `range_end`. */
  readonly name: string;
  readonly type: ScalarType | 'message' | 'enum';
  /** The message or enum, when `type` says so. */
  readonly of?: string;
  readonly repeated?: true;
  /** The oneof that it is a member of, by its full name. */
  readonly oneof?: string;
}

/** Messages by name, each with its fields in the order of the table. */
export type JsonMessages = Readonly<Record<string, readonly JsonField[]>>;

/** Enums by name: the numbers of their values. */
export type JsonEnums = Readonly<Record<string, Readonly<Record<string, number>>>>;

/** A method that is served as JSON over HTTP. */
export interface JsonMethod {
  /** `/package.Service/Name` */
  readonly path: string;
  /** The HTTP paths it is posted to. */
  readonly post: readonly string[];
  readonly request: string;
  readonly response: string;
}
