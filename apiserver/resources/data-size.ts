import { utf8Bytes } from '../../base/bytes.ts';
import type { Json } from '../scheme/json.ts';

/** Most bytes of data in one ConfigMap or Secret. Source: Kubernetes MaxSecretSize. */
export const MAX_DATA_BYTES = 1024 * 1024;

export const textBytes = (value: Json | undefined): number => (typeof value === 'string' ? utf8Bytes(value).length : 0);

/** Bytes that a base64 text stands for. */
export function base64Bytes(value: Json | undefined): number {
  if (typeof value !== 'string') return 0;
  const padding = value.endsWith('==') ? 2 : value.endsWith('=') ? 1 : 0;
  return (value.length / 4) * 3 - padding;
}
