// Bundles the CLI and the predictor. The CLI is one script, which src/cli/start.ts starts with the code that V8 compiled for it in
// an earlier run (docs/decisions/0014); the client of Kubernetes, which few commands need and is large, lies beside it.
import { existsSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { readySchemas } from './ready-schemas.mjs'
import { writeOutputs } from './write-outputs.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
let esbuild
try {
  esbuild = await import('esbuild')
} catch {
  // A production install of the published package brings `dist` along and has no bundler.
  if (existsSync(`${root}dist/start.cjs`)) process.exit(0)
  throw new Error('esbuild is missing: run `npm ci` first')
}
const { version } = JSON.parse(readFileSync(`${root}package.json`, 'utf8'))
const common = {
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  absWorkingDir: root,
  outdir: 'dist',
  outExtension: { '.js': '.cjs' },
  logLevel: 'warning',
  sourcemap: 'linked',
  sourcesContent: false,
  write: false,
}
/** Bundles of their own beside the program: what is large and seldom needed, and what a script cannot do. */
const beside = { 'kubernetes-client': 'src/kubernetes/client.ts', 'import-module': 'src/cli/import-module.ts' }

const leaveOut = {
  name: 'leave out',
  setup(build) {
    for (const [name, file] of Object.entries(beside)) {
      build.onResolve({ filter: new RegExp(`/${basename(file, '.ts')}\\.ts$`) }, ({ path, resolveDir }) =>
        join(resolveDir, path) === `${root}${file}` ? { path: `./${name}.cjs`, external: true } : undefined,
      )
    }
    // ssh2 takes it from its own folder, when it was built there
    build.onResolve({ filter: /\/sshcrypto\.node$/ }, () => ({
      path: 'ssh2/lib/protocol/crypto/build/Release/sshcrypto.node',
      external: true,
    }))
    // agents for HTTP over SSH, which nobody here uses, would load all of HTTP and TLS
    build.onResolve({ filter: /\/http-agents\.js$/ }, ({ path }) => ({ path, namespace: 'empty' }))
    build.onLoad({ filter: /./, namespace: 'empty' }, () => ({ contents: 'module.exports = {}' }))
    build.onResolve({ filter: /^cpu-features$/ }, ({ path }) => ({ path, external: true }))
  },
}

if (existsSync(`${root}src/cli/main.ts`)) {
  const others = await esbuild.build({ ...common, entryPoints: beside })
  const program = await esbuild.build({
    ...common,
    entryPoints: { main: 'src/cli/main.ts' },
    entryNames: '[name]-[hash]',
    // five million characters would be read anew in each run; names stay, and the map leads back to the sources
    minifyWhitespace: true,
    define: {
      MLOPS_VERSION: JSON.stringify(version),
      'import.meta.url': '__url',
      'import.meta.filename': '__filename',
    },
    // both a script whose value is a function, and a module that exports it; it finds our other folders where sources do: two up
    banner: {
      js: `{ const program = (function (require, module, __filename, __dirname) { 'use strict'; const __url = require('node:url').pathToFileURL(__dirname + '/cli/main.cjs').href;`,
    },
    footer: { js: `}); if (typeof module === 'object') module.exports = program; program }` },
    // of what Node brings along, `require` has all
    supported: { 'dynamic-import': false },
    plugins: [leaveOut, readySchemas],
  })
  const code = program.outputFiles.find(({ path }) => path.endsWith('.cjs'))
  code.contents = Buffer.from(ascii(code.text))
  const start = await esbuild.build({
    ...common,
    entryPoints: { start: 'src/cli/start.ts' },
    define: { MLOPS_PROGRAM: JSON.stringify(basename(code.path)) },
  })
  writeOutputs({ outputFiles: [others, program, start].flatMap(({ outputFiles }) => outputFiles) }, `${root}dist`)
}
if (existsSync(`${root}app/build.mjs`)) await import('../app/build.mjs')

/** The program as ASCII, which start.ts relies on. esbuild leaves other letters in comments, and in regular expressions. */
function ascii(text) {
  const lines = text
    .split('\n')
    .map(line => (/^\s*(?:\/?\*|\/\/)/.test(line) ? line.replace(/[^\0-\x7f]/g, '?') : line))
  const program = lines.join('\n')
  const [bad] = /.{0,60}[^\0-\x7f].{0,60}/.exec(program) ?? []
  if (bad !== undefined) throw new Error(`write these letters as \\u…, the program has to be ASCII: ${bad}`)
  return program
}
