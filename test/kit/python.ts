import { clientAt } from './cluster.ts';

/** Debian's Python with its libraries, as it lies in the folder of clients: the command, and the environment that it needs. */
export function python(): { readonly command: string; readonly env: Readonly<Record<string, string>> } {
  const root = clientAt('python');
  const libraries = ['usr/lib', 'lib'].map((folder) => `${root}/${folder}/${TRIPLET}`);
  return {
    command: `${root}/usr/bin/python3.11`,
    env: {
      PYTHONHOME: `${root}/usr`,
      PYTHONPATH: `${root}/usr/lib/python3/dist-packages`,
      LD_LIBRARY_PATH: libraries.join(':'),
      PYTHONDONTWRITEBYTECODE: '1',
    },
  };
}

/** The folder that Debian keeps this machine's libraries in. */
export const TRIPLET = process.arch === 'arm64' ? 'aarch64-linux-gnu' : 'x86_64-linux-gnu';
