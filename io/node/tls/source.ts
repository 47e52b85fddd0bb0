import { stat } from 'node:fs/promises';
import { loadTlsMaterial, type TlsMaterial } from './material.ts';
import type { TlsSettings } from './settings.ts';

/** What became of files that changed, for the log. */
export type TlsFact =
  | { readonly type: 'reloaded'; readonly files: readonly string[] }
  /** They cannot be used; what was read before still is. */
  | { readonly type: 'reloadFailed'; readonly reason: string };

/** A file this young may change once more without its times showing it. */
const SETTLED_MS = 100;

/**
 * Certificates, keys, the CA and revocations as they lie on disk now: before a handshake it looks whether a file has changed, and reads them
 * again. Files that do not fit together (one of two replaced, half written) change nothing: the next handshake looks again.
 */
export class TlsSource {
  readonly settings: TlsSettings;
  readonly #files: readonly string[];
  readonly #onFact: (fact: TlsFact) => void;
  #material: TlsMaterial;
  /** Of the files when they were read; undefined: not known, so that they are read again. */
  #seen: string | undefined;
  /** Why they could not be used when they were last looked at; told once. */
  #failed: string | undefined;
  #looking: Promise<void> | undefined;

  /** Errors: TlsFileError. */
  constructor(settings: TlsSettings, onFact: (fact: TlsFact) => void = () => undefined) {
    const { certFile, keyFile, dialCertFile, dialKeyFile, trustedCaFile, crlFile } = settings;
    this.settings = settings;
    this.#files = [certFile, keyFile, dialCertFile, dialKeyFile, trustedCaFile, crlFile].filter(
      (path) => path !== undefined,
    );
    this.#onFact = onFact;
    this.#material = loadTlsMaterial(settings);
  }

  /** Handshakes that begin together share one look. */
  async current(): Promise<TlsMaterial> {
    this.#looking ??= this.#look().finally(() => {
      this.#looking = undefined;
    });
    await this.#looking;
    return this.#material;
  }

  async #look(): Promise<void> {
    const { signature, isSettled } = await signatureOf(this.#files);
    if (signature === this.#seen) return;
    this.#seen = isSettled ? signature : undefined;
    try {
      const material = loadTlsMaterial(this.settings);
      this.#failed = undefined;
      if (material.digest === this.#material.digest) return;
      this.#material = material;
      this.#onFact({ type: 'reloaded', files: this.#files });
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      if (reason !== this.#failed) this.#onFact({ type: 'reloadFailed', reason });
      this.#failed = reason;
    }
  }
}

async function signatureOf(
  files: readonly string[],
): Promise<{ readonly signature: string; readonly isSettled: boolean }> {
  const youngestMs = Date.now() - SETTLED_MS;
  const parts = await Promise.all(
    files.map(async (path) => {
      try {
        const { ino, size, mtimeNs, ctimeNs, ctimeMs } = await stat(path, { bigint: true });
        return { text: `${ino} ${size} ${mtimeNs} ${ctimeNs}`, isSettled: ctimeMs < youngestMs };
      } catch {
        return { text: 'missing', isSettled: true };
      }
    }),
  );
  return {
    signature: parts.map(({ text }) => text).join('\n'),
    isSettled: parts.every(({ isSettled }) => isSettled),
  };
}
