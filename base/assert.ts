/** An invariant of ours was broken: a programmer's error, never a user's. The process that sees one must stop. */
export class AssertionError extends Error {
  override readonly name = 'AssertionError';
}

/** Stops on a broken invariant; stays on in production. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new AssertionError(message);
}

/** Marks a branch that the types say cannot be reached. */
export function unreachable(value: never): never {
  throw new AssertionError(`unreachable: ${String(value)}`);
}
