import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { root } from './rig/mlops.ts'

/** What npm installed for the predictor. */
const { dependencies } = JSON.parse(readFileSync(join(root, 'app/package.json'), 'utf8'))

test('the list of parts in the image names all that the predictor is bundled from', () => {
  const text = readFileSync(join(root, 'app/dist/sbom.cdx.json'), 'utf8')
  const { bomFormat, metadata, components, dependencies: edges } = JSON.parse(text)
  expect({ bomFormat, name: metadata.component.name }).toEqual({ bomFormat: 'CycloneDX', name: 'mlops-predictor' })
  const parts = components.map((part: { name: string; version: string }) => `${part.name}@${part.version}`)
  for (const [name, version] of Object.entries(dependencies)) expect(parts).toContain(`${name}@${version}`)
  const itself = edges.find(({ ref }: { ref: string }) => ref === metadata.component['bom-ref'])
  expect(itself.dependsOn).toHaveLength(Object.keys(dependencies).length)
  const known = [metadata.component['bom-ref'], ...components.map((part: { 'bom-ref': string }) => part['bom-ref'])]
  const named = edges.flatMap(({ ref, dependsOn }: { ref: string; dependsOn: string[] }) => [ref, ...dependsOn])
  expect(named.filter((ref: string) => !known.includes(ref))).toEqual([])
})
