import { writePrivate } from '../../apiserver/pki/store.ts';

/** DIR/endpoints.json: where everything of a local cluster is. Its shape is part of the command line's contract. */
export interface Endpoints {
  readonly members: readonly {
    readonly name: string;
    /** Hexadecimal, as etcdctl prints it. */
    readonly id: string;
    readonly pid: number;
    readonly dataDir: string;
    readonly client: string;
    readonly peer: string;
  }[];
  readonly apiservers: readonly { readonly pid: number; readonly url: string }[];
  /** The CA of the API servers' certificates. */
  readonly ca: string | null;
  readonly kubeconfig: string;
}

/** Writes the file whole. */
export function writeEndpoints(path: string, endpoints: Endpoints): Promise<void> {
  return writePrivate(path, `${JSON.stringify(endpoints, undefined, 2)}\n`);
}
