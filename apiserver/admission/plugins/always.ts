import type { AdmissionPlugin, AdmissionRequest } from '../plugin.ts';
import { refused } from '../refusal.ts';

export const alwaysAdmit: AdmissionPlugin = { name: 'AlwaysAdmit' };

/** Refuses everything; for tests of clients. */
export const alwaysDeny: AdmissionPlugin = {
  name: 'AlwaysDeny',
  async mutate(request: AdmissionRequest): Promise<void> {
    throw refused(request, 'admission control is denying all modifications');
  },
};
