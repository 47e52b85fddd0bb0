import type { AuthenticationResult, Authenticator, Credentials } from './authenticator.ts';

/** CN is the user, every O a group. The certificate was verified against the client CA by TLS; one without CN says nothing. */
export const x509Authenticator: Authenticator = {
  name: 'x509',
  async authenticate(credentials: Credentials): Promise<AuthenticationResult> {
    const certificate = credentials.clientCertificate;
    if (certificate === undefined || certificate.commonName === '') return { type: 'none' };
    return {
      type: 'user',
      user: { name: certificate.commonName, uid: '', groups: certificate.organizations, extra: {} },
      audiences: [],
    };
  },
};
