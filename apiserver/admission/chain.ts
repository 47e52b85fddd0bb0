import type { Admission, AdmissionPlugin, AdmissionRequest } from './plugin.ts';

/** The chain in force: every mutate in order, then (after defaulting and validation) every validate in order. */
export function admissionChain(plugins: readonly AdmissionPlugin[]): Admission {
  return {
    async mutate(request: AdmissionRequest): Promise<void> {
      for (const plugin of plugins) await plugin.mutate?.(request);
    },
    async validate(request: AdmissionRequest): Promise<void> {
      for (const plugin of plugins) await plugin.validate?.(request);
    },
  };
}
