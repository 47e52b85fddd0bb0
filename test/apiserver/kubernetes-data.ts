import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

/**
 * Documents and encodings of a real Kubernetes 1.36 (its discovery and OpenAPI answers, golden encodings of every kind), to compare with. They are no
 * part of the project: tests that need them are skipped where they are not.
 */
const FOLDER = process.env['KEELSON_TEST_KUBERNETES_DATA'] ?? resolve('..', 'shared', 'data', 'kubernetes-1.36');

/** For node:test's `skip`: false, or why. */
export const noKubernetesData: string | false = existsSync(FOLDER)
  ? false
  : 'no Kubernetes data: set KEELSON_TEST_KUBERNETES_DATA';

export const kubernetesBytes = (...path: readonly string[]): Buffer => readFileSync(join(FOLDER, ...path));
export const kubernetesJson = (...path: readonly string[]): unknown =>
  JSON.parse(kubernetesBytes(...path).toString('utf8'));
