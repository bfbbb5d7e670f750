// Bundles the predictor with all it needs: the image holds this folder and no node_modules.
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { writeOutputs } from '../scripts/write-outputs.mjs'
import { sbom } from './sbom.mjs'

const app = fileURLToPath(new URL('.', import.meta.url))

export async function bundle(outdir) {
  const about = JSON.parse(readFileSync(`${app}package.json`, 'utf8'))
  const { version } = about
  const made = await build({
    absWorkingDir: app,
    entryPoints: { main: 'src/main.ts' },
    outdir,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    // The modules of TensorFlow.js, not its CommonJS build: only there is the CPU backend marked as doing something on import.
    mainFields: ['module', 'main'],
    target: 'node20',
    chunkNames: 'chunks/[name]-[hash]',
    minifySyntax: true,
    minifyWhitespace: true,
    legalComments: 'linked',
    logLevel: 'warning',
    define: { PREDICTOR_VERSION: JSON.stringify(version) },
    write: false,
    // Node has its own fetch; TensorFlow.js asks for this package only where there is none.
    external: ['node-fetch'],
    banner: {
      js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
    },
  })
  // The bundle runs wherever it is copied to.
  const parts = sbom(resolve(app, '..') + '/', about, `${app}dist/sbom.cdx.json`)
  writeOutputs(made, resolve(app, outdir), {
    'package.json': '{ "type": "module" }\n',
    ...(parts && { 'sbom.cdx.json': parts }),
  })
}

// Tests bundle into a folder of their own.
if (!process.env.VITEST) await bundle('dist')
