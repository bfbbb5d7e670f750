import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { expect, test } from 'vitest'

const root = resolve(import.meta.dirname, '..')

/** Who may import whom: room → rooms. A room is a folder of `src/`, or one file where that is named. Everybody may import `errors`, `near` and `bytes`. */
const arrows: Readonly<Record<string, readonly string[]>> = {
  errors: [],
  near: [],
  bytes: [],
  shell: [],
  vault: [],
  lint: ['playbook', 'inventory', 'template', 'schema', 'modules/module.ts'],
  docs: ['modules/module.ts', 'schema', 'playbook'],
  source: ['template', 'vault'],
  template: ['vault'],
  schema: ['source', 'template', 'modules/module.ts'],
  events: ['modules/module.ts'],
  connection: ['shell'],
  inventory: ['source', 'template', 'vault'],
  settings: ['inventory', 'source', 'shell'],
  project: ['source', 'schema', 'inventory'],
  variables: ['inventory', 'template'],
  playbook: ['source', 'schema', 'template', 'modules/module.ts', 'shell', 'inventory'],
  modules: ['schema', 'shell', 'connection/connection.ts', 'facts'],
  facts: ['shell', 'connection/connection.ts'],
  engine: [
    'playbook',
    'inventory',
    'variables',
    'template',
    'shell',
    'schema',
    'events',
    'modules/module.ts',
    'facts/fact.ts',
    'connection/connection.ts',
    'vault',
  ],
  report: ['events', 'modules/module.ts'],
  'cloud-init': ['source', 'schema', 'playbook', 'modules/module.ts', 'shell'],
  providers: ['cloud-init', 'project', 'inventory', 'events', 'connection', 'shell', 'source', 'engine/engine.ts'],
  services: [
    'project',
    'inventory',
    'events',
    'connection',
    'shell',
    'engine/engine.ts',
    'engine/line.ts',
    'providers/provider.ts',
    'settings',
  ],
  delivery: ['project', 'engine/line.ts', 'shell'],
  swarm: ['project', 'engine/line.ts', 'shell'],
  kubernetes: ['project', 'connection/connection.ts'],
  publish: ['connection/connection.ts'],
  images: ['connection/connection.ts', 'project', 'providers/command.ts', 'publish/git.ts'],
  argocd: ['kubernetes', 'connection/connection.ts'],
  measure: [],
  predictions: ['measure'],
  cli: ['*'],
}

interface Import {
  readonly from: string
  readonly to: string
}

function sources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap(entry => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return sources(path)
    return entry.name.endsWith('.ts') && !entry.name.endsWith('.test.ts') ? [path] : []
  })
}

/** Tests and test rigs (`step.ts`, `apart-step.ts`, `memory.ts`) may reach further. */
const rigs = ['modules/step.ts', 'modules/apart-step.ts', 'connection/memory.ts']

function imports(top: string): Import[] {
  return sources(join(root, top)).flatMap(file => {
    const text = readFileSync(file, 'utf8')
    const found = text.matchAll(/(?:from|import)\s*\(?\s*'(\.{1,2}\/[^']+)'/g)
    return [...found].map(match => ({
      from: relative(join(root, top), file),
      to: relative(join(root, top), resolve(dirname(file), match[1] ?? '')),
    }))
  })
}

function room(file: string): string {
  return file.includes('/') ? (file.split('/')[0] ?? '') : file.replace(/\.ts$/, '')
}

const all = imports('src')

test('every arrow between rooms is one that the design allows', () => {
  const wrong = all.filter(({ from, to }) => {
    if (rigs.includes(from) || room(from) === room(to)) return false
    if (['errors', 'near', 'bytes'].includes(room(to))) return false
    const allowed = arrows[room(from)]
    return !allowed || !(allowed.includes('*') || allowed.includes(room(to)) || allowed.includes(to))
  })
  expect(wrong.map(({ from, to }) => `${from} → ${to}`)).toEqual([])
})

test('every room has its arrows said', () => {
  expect([...new Set(all.map(({ from }) => room(from)))].filter(name => !arrows[name])).toEqual([])
})

test('no file imports itself over others', () => {
  const next = new Map<string, string[]>()
  for (const { from, to } of withoutTypes()) next.set(from, [...(next.get(from) ?? []), to])
  const cycles: string[] = []
  const state = new Map<string, 'open' | 'done'>()
  const visit = (file: string, path: readonly string[]) => {
    if (state.get(file) === 'done') return
    if (state.get(file) === 'open') {
      cycles.push([...path.slice(path.indexOf(file)), file].join(' → '))
      return
    }
    state.set(file, 'open')
    for (const to of next.get(file) ?? []) visit(to, [...path, file])
    state.set(file, 'done')
  }
  for (const file of next.keys()) visit(file, [])
  expect(cycles).toEqual([])
})

test('modules and facts reach no network, no clock and no disk', () => {
  const wrong = sources(join(root, 'src/modules'))
    .concat(sources(join(root, 'src/facts')))
    .filter(file => !rigs.some(rig => file.endsWith(rig)))
    .filter(file =>
      /from 'node:(fs|net|http|https|child_process|dns|tls)|\bfetch\(|Date\.now\(|new Date\(\)/.test(
        readFileSync(file, 'utf8'),
      ),
    )
  expect(wrong.map(file => relative(root, file))).toEqual([])
})

test('nothing below report and cli prints', () => {
  const wrong = sources(join(root, 'src'))
    .filter(file => !/src\/(report|cli)\//.test(file))
    .filter(file => /\bconsole\.|process\.std(out|err)\.write/.test(readFileSync(file, 'utf8')))
  expect(wrong.map(file => relative(root, file))).toEqual([])
})

test('the predictor and the tool know nothing of each other', () => {
  const crossing = [...all, ...imports('app/src')].filter(
    ({ to }) => to.startsWith('..') && !to.includes('package.json'),
  )
  expect(crossing).toEqual([])
})

/** Imports that are there when the program runs: a cycle of types alone does no harm. */
function withoutTypes(): Import[] {
  return sources(join(root, 'src')).flatMap(file => {
    const text = readFileSync(file, 'utf8').replace(/import type [^;]*?from\s+'[^']+'/g, '')
    return [...text.matchAll(/^(?:import|export)\b[^']*?from\s+'(\.{1,2}\/[^']+)'/gm)].map(match => ({
      from: relative(join(root, 'src'), file),
      to: relative(join(root, 'src'), resolve(dirname(file), match[1] ?? '')),
    }))
  })
}
