import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { build } from 'esbuild';

/**
 * Bundles the swarm and its worker into a folder. `sabotage`: a file of src with texts in it that are replaced, each of
 * which must be there exactly once.
 */
export async function bundleSwarm(root, folder, sabotage = null) {
  const plugins = sabotage ? [planting(resolve(root, sabotage.file), sabotage)] : [];
  await build({
    absWorkingDir: root,
    entryPoints: ['test/swarm/main.ts', 'test/swarm/worker.ts'],
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    platform: 'node',
    format: 'esm',
    target: 'node20.19',
    external: ['tinypool'],
    banner: { js: "import{createRequire as nodeRequire}from'node:module';const require=nodeRequire(import.meta.url);" },
    logLevel: 'warning',
    plugins,
  });
}

function planting(path, { name, replace }) {
  return {
    name: 'sabotage',
    setup: (build) => {
      build.onLoad({ filter: /\.ts$/ }, ({ path: loaded }) => {
        if (loaded !== path) return undefined;
        let contents = readFileSync(path, 'utf8');
        for (const [text, other] of replace) {
          if (contents.split(text).length !== 2)
            throw new Error(`${name}: ${JSON.stringify(text)} is not in ${path} exactly once`);
          contents = contents.replace(text, () => other);
        }
        return { contents, loader: 'ts' };
      });
    },
  };
}
