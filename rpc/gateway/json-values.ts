import { GrpcCode } from '../../client/status.ts';
import { RpcError } from '../errors.ts';
import { JsonScanner } from './json-scanner.ts';
import { GATEWAY_LIMITS } from './limits.ts';

/**
 * The JSON values of a body, one after the other, as byte strings without the whitespace before them. What comes behind the
 * last value that is asked for is not looked at. Errors: JsonSyntaxError, RpcError when a value is too large.
 */
export async function* jsonValues(body: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  let scanner = new JsonScanner();
  let parts: Uint8Array[] = [];
  let sizeBytes = 0;
  const take = (last: Uint8Array): string => {
    const value = Buffer.concat([...parts, last])
      .toString('latin1')
      .trimStart();
    scanner = new JsonScanner();
    parts = [];
    sizeBytes = 0;
    return value;
  };
  for await (const chunk of body) {
    let rest = chunk;
    for (let end = scanner.scan(rest); end !== undefined; end = scanner.scan(rest)) {
      checkSize(sizeBytes + end);
      yield take(rest.subarray(0, end));
      rest = rest.subarray(end);
    }
    parts.push(rest);
    sizeBytes += rest.length;
    checkSize(sizeBytes);
  }
  if (scanner.finish()) yield take(new Uint8Array(0));
}

function checkSize(sizeBytes: number): void {
  const max = GATEWAY_LIMITS.maxValueBytes;
  if (sizeBytes <= max) return;
  throw new RpcError(GrpcCode.RESOURCE_EXHAUSTED, `a JSON value in the request is larger than ${max} bytes`);
}
