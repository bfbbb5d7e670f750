// Bundles the CLI (lazy chunks: `mlops --version` loads only what it needs) and the predictor.
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { writeOutputs } from './write-outputs.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
let esbuild
try {
  esbuild = await import('esbuild')
} catch {
  // A production install of the published package brings `dist` along and has no bundler.
  if (existsSync(`${root}dist/main.js`)) process.exit(0)
  throw new Error('esbuild is missing: run `npm ci` first')
}
const { version } = JSON.parse(readFileSync(`${root}package.json`, 'utf8'))
const common = {
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  absWorkingDir: root,
  logLevel: 'warning',
  sourcemap: 'linked',
  sourcesContent: false,
  define: { MLOPS_VERSION: JSON.stringify(version) },
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
  },
}
if (existsSync(`${root}src/cli/main.ts`)) {
  const made = await esbuild.build({
    ...common,
    entryPoints: { main: 'src/cli/main.ts' },
    outdir: 'dist',
    splitting: true,
    chunkNames: 'chunks/[name]-[hash]',
    external: ['ssh2', 'node-ssh'],
    write: false,
  })
  writeOutputs(made, `${root}dist`)
}
if (existsSync(`${root}app/build.mjs`)) await import('../app/build.mjs')
