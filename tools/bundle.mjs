// Makes one file of the compiled program and of the packages that it uses: Node reads and links a thousand modules for a second otherwise
// (docs/decisions/bundle.md). cli/bundle.ts runs it; without it the modules are loaded as they are.
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { build, stop } from 'esbuild';

const PROGRAMS = ['program', 'member-program'];

/**
 * Bundles `dist/cli/program.js` into `dist/bundle/program.cjs`, and so on: an expression whose value is a function of (module, require, directory).
 * Its first line is a comment with the digest of the rest. ASCII only, so that it can be read without decoding. Names stay as they are, for stack traces.
 */
export async function bundle(root) {
  const directory = join(root, 'dist', 'bundle');
  const { outputFiles } = await build({
    entryPoints: PROGRAMS.map((name) => join(root, 'dist', 'cli', `${name}.js`)),
    outdir: directory,
    outExtension: { '.js': '.cjs' },
    bundle: true,
    write: false,
    format: 'cjs',
    platform: 'node',
    target: 'node20',
    charset: 'ascii',
    supported: { 'dynamic-import': false }, // code out of a cache cannot import
    minifyWhitespace: true,
    minifySyntax: true,
    legalComments: 'none',
    logLevel: 'warning',
    plugins: [ownPlaces(directory)],
  });
  await stop(); // its own process, which would stay as long as who builds: `npm start` goes on to run the cluster
  mkdirSync(directory, { recursive: true });
  for (const { path, text } of outputFiles) {
    const code = `(function(module,require,directory){var exports=module.exports={};${PLACES}${text}\n})`;
    writeFileSync(path, `//${createHash('sha256').update(code).digest('hex')}\n${code}`);
  }
}

/** For the two kinds of places below; where a package lies is known when it runs. */
const PLACES = `
const urlOfOwn=(path)=>require('node:url').pathToFileURL(require('node:path').join(directory,path)).href;
const directoryOfPackage=(name)=>require('node:path').dirname(require.resolve(name+'/package.json'));
`;

/**
 * What a file finds relative to itself it still finds: workers of ours, the compiled half of rocksdb. The server of grpc-js, which is there to be
 * compared with ours, stays outside.
 */
function ownPlaces(directory) {
  return {
    name: 'own-places',
    setup({ onLoad, onResolve }) {
      onLoad({ filter: /[\\/]dist[\\/].*\.js$/ }, ({ path }) => {
        const text = readFileSync(path, 'utf8');
        if (!text.includes('import.meta.url')) return undefined;
        const own = relative(directory, path).replaceAll('\\', '/');
        return { contents: text.replaceAll('import.meta.url', `urlOfOwn(${JSON.stringify(own)})`), loader: 'js' };
      });
      onResolve({ filter: /^@grpc\/grpc-js$/ }, ({ path, importer }) =>
        importer.endsWith('grpc-js-transport.js') ? { path, external: true } : undefined,
      );
      onLoad({ filter: /[\\/]rocksdb[\\/]binding\.js$/ }, ({ path }) => ({
        contents: readFileSync(path, 'utf8').replace('__dirname', "directoryOfPackage('rocksdb')"),
        loader: 'js',
      }));
    },
  };
}
