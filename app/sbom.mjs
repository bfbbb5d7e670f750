// The npm packages that the predictor is bundled from, as npm lists them (CycloneDX). The same lock file gives the same text.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'

const LOCK = 'mlops:package-lock'

/** The text; undefined, with a word of why, when npm cannot say. `before` is a file that an earlier build may have written. */
export function sbom(root, { name, version, license }, before) {
  const lock = createHash('sha256').update(readFileSync(`${root}package-lock.json`)).digest('hex')
  const kept = existsSync(before) ? readFileSync(before, 'utf8') : ''
  if (kept.includes(lock)) return kept
  const wanted = ['--sbom-format', 'cyclonedx', '--workspace', 'app', '--omit', 'dev', '--omit', 'optional']
  const said = spawnSync('npm', ['sbom', ...wanted, '--package-lock-only'], { cwd: root, encoding: 'utf8' })
  if (said.status !== 0) {
    console.warn(`no list of the predictor's packages, npm sbom failed: ${said.error?.message ?? said.stderr.trim()}`)
    return undefined
  }
  const { $schema, bomFormat, specVersion, components, dependencies } = JSON.parse(said.stdout)
  const ref = `${name}@${version}`
  const parts = components.filter(component => component['bom-ref'] !== ref)
  const known = new Set([ref, ...parts.map(component => component['bom-ref'])])
  const component = { 'bom-ref': ref, type: 'application', name, version, licenses: [{ license: { id: license } }] }
  const metadata = { component, properties: [{ name: LOCK, value: lock }] }
  const made = { $schema, bomFormat, specVersion, version: 1, metadata, components: parts }
  return `${JSON.stringify({ ...made, dependencies: dependencies.filter(({ ref }) => known.has(ref)) }, null, 1)}\n`
}
