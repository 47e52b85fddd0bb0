import type { UserInfo } from '../request.ts';

/** What a request carries that may say who sent it. */
export interface Credentials {
  readonly bearerToken: string | undefined;
  /** The client's certificate that TLS verified against the client CA, PEM or DER, and its subject. */
  readonly clientCertificate:
    | { readonly commonName: string; readonly organizations: readonly string[]; readonly raw: Uint8Array }
    | undefined;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
}

export type AuthenticationResult =
  | { readonly type: 'user'; readonly user: UserInfo; readonly audiences: readonly string[] }
  /** These credentials are not of this authenticator's kind: ask the next. */
  | { readonly type: 'none' }
  /** They are, and they are bad: 401 unless another accepts them. */
  | { readonly type: 'rejected'; readonly why: string };

export interface Authenticator {
  readonly name: string;
  authenticate(credentials: Credentials, audiences: readonly string[]): Promise<AuthenticationResult>;
}
