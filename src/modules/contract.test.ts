import { execFileSync } from 'node:child_process'
import { lstatSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { readTree } from '../engine/local-files.ts'
import { lookOf, readsOnly } from '../engine/perform.ts'
import { explain, MlopsError } from '../errors.ts'
import { loadPlaybook } from '../playbook/load.ts'
import type { Step, Task } from '../playbook/types.ts'
import type { ArgSpec, ArgsOf, ArgTable } from '../schema/arguments.ts'
import { holdsTemplate } from '../schema/check-args.ts'
import { argumentNames, coerceArgs } from '../schema/coerce.ts'
import type { Script } from '../shell/sh.ts'
import { type Inputs, type Module, ModuleFailure } from './module.ts'
import { registry } from './registry.ts'
import { type Shell, shellConnection, tmp } from './step.ts'

const modules = registry.names().map(name => ({ name, module: find(name) }))

function find(name: string): Module {
  const module = registry.find(name)
  if (module === undefined) throw new Error(`the registry names ${name}, and does not know it`)
  return module
}

test('full names stand for the same modules', () => {
  expect(registry.find('ansible.builtin.copy')).toBe(registry.find('copy'))
  expect(registry.find('ansible.legacy.command')).toBe(registry.find('command'))
  expect(registry.find('community.general.copy')).toBeUndefined()
  expect(registry.find('constructor')).toBeUndefined()
})

describe.each(modules)('$name', ({ name, module }) => {
  test('has a bare name of lower case and a summary of one sentence', () => {
    expect(name).toMatch(/^[a-z][a-z0-9_]*$/)
    expect(module.summary).toMatch(/^[A-Z].{10,120}\.$/)
  })

  test('says of every argument what it is, and takes its own defaults', () => {
    const names = Object.entries(module.args as ArgTable).flatMap(([arg, spec]) => [arg, ...(spec.aliases ?? [])])
    expect(names).toEqual([...new Set(names)])
    for (const [arg, spec] of Object.entries(module.args as ArgTable)) {
      expect([arg, spec.doc]).toEqual([arg, expect.stringMatching(/\S.{3,}/)])
      if (spec.default === undefined) continue
      expect([arg, spec.required]).toEqual([arg, undefined])
      const { args, problems } = coerceArgs(
        { [arg]: { type: spec.type, doc: spec.doc, ...(spec.choices ? { choices: spec.choices } : {}) } },
        { [arg]: spec.default },
      )
      expect([arg, problems, args[arg]]).toEqual([arg, [], spec.default])
    }
    if (module.freeForm !== undefined) expect(Object.keys(module.args)).toContain(module.freeForm)
  })

  test('has examples that load, under its bare and its full name', () => {
    const written = exampleTasks(module).map(task => task.moduleAsWritten)
    const own = written.filter(as => registry.find(as) === module)
    expect(own.length).toBeGreaterThan(0)
    expect(module.examples).not.toMatch(/\t/)
  })

  test('takes hostile values as they are', async () => {
    const folder = tmp()
    writeFileSync(join(folder, 'kept'), 'kept')
    const before = snapshot(folder)
    const connections = { dash: shellConnection('dash'), busybox: shellConnection('busybox') }
    const own = ownArgs(name, module)
    const hostile = own.flatMap(args => scriptsOf(module, hostileArgs(module, args, folder), folder))
    const scripts = [...own.flatMap(args => scriptsOf(module, args, folder)), ...hostile]
    parse(scripts.map(({ script }) => script.text))
    for (const { script } of hostile.filter(({ looks }) => looks)) {
      for (const shell of ['dash', 'busybox'] as const satisfies Shell[]) {
        await connections[shell].run([{ script, environment: { HOME: folder }, timeoutMs: 20_000 }])
      }
    }
    expect(snapshot(folder)).toEqual(before)
  })
})

/** The tasks of a module's examples, as the loader reads them. */
function exampleTasks(module: Module): readonly Task[] {
  const file = join(tmp(), 'examples.yml')
  const indented = module.examples.trim().replaceAll('\n', '\n    ')
  writeFileSync(file, `- hosts: all\n  tasks:\n    ${indented}\n`)
  try {
    const { playbook } = loadPlaybook(file, { modules: registry })
    return playbook.plays.flatMap(play => play.steps.flatMap(tasksOf))
  } catch (error) {
    throw error instanceof MlopsError ? new Error(explain(error)) : error
  }
}

function tasksOf(step: Step): readonly Task[] {
  if (step.kind === 'task') return [step]
  return step.kind === 'block' ? [...step.block, ...step.rescue, ...step.always].flatMap(tasksOf) : []
}

/** Arguments of the examples that are known without opening templates. */
function ownArgs(name: string, module: Module): Record<string, unknown>[] {
  return exampleTasks(module)
    .filter(task => registry.find(task.module) === module && !holdsTemplate(task.args) && name !== 'set_fact')
    .map(task => ({ ...task.args }))
}

/** The same arguments with text that would leave a file behind if a shell ever read it as its own. */
function hostileArgs(module: Module, args: Record<string, unknown>, folder: string): Record<string, unknown> {
  const names = argumentNames(module.args)
  const hostile = `it's "q" $(touch ${folder}/a) \`touch ${folder}/b\` ; touch ${folder}/c\ntouch ${folder}/d\n-n * ü`
  const entries = Object.entries(args).map(([given, value]) => {
    const spec = module.args[names.get(given) ?? given] as ArgSpec | undefined
    return [given, spec === undefined || given === module.freeForm ? value : hostileValue(spec, value, folder, hostile)]
  })
  return Object.fromEntries(entries)
}

function hostileValue(spec: ArgSpec, value: unknown, folder: string, hostile: string): unknown {
  if (spec.choices !== undefined || value === null) return value
  switch (spec.type) {
    case 'path':
      return `${folder}/${hostile.replaceAll('/', '_')}`
    case 'str':
      return hostile
    case 'list':
      return spec.elements === 'str' || spec.elements === 'path' ? [hostile] : value
    default:
      return value
  }
}

interface Made {
  readonly script: Script
  readonly looks: boolean
}

/** Every script that the arguments lead to without a host's answer. A refusal is as good as a script. */
function scriptsOf(module: Module, raw: Record<string, unknown>, folder: string): Made[] {
  if (module.kind === 'controller') return []
  const { args, problems } = coerceArgs(module.args, raw)
  if (problems.length > 0) return []
  const typed = args as ArgsOf<ArgTable> // coerceArgs gave them the types of the module's table
  const inputs: Inputs = {
    checkMode: false,
    diffMode: true,
    facts: {
      os_family: 'Debian',
      distribution: 'Debian',
      distribution_release: 'bookworm',
      pkg_mgr: 'apt',
      service_mgr: 'systemd',
    },
    host: { name: 'testhost', address: '127.0.0.1', connection: 'local' },
    files: { source: join(folder, 'kept'), ...readTree(join(folder, 'kept')) },
    template: { text: 'text\n', source: 'template.j2' },
  }
  const made: Made[] = []
  try {
    const look = module.kind === 'action' && readsOnly(module, typed) ? undefined : lookOf(module, typed, inputs)
    if (look) made.push({ script: look, looks: true })
    const { script } = module.kind === 'action' ? module.act(typed, inputs) : {}
    if (script && !isUsers(module, typed)) made.push({ script, looks: false })
  } catch (error) {
    if (!(error instanceof ModuleFailure)) throw error
  }
  return made
}

/** Whether the script is the user's own text, which may be anything. */
function isUsers(module: Module, args: Readonly<Record<string, unknown>>): boolean {
  return module.freeForm !== undefined && args[module.freeForm] !== undefined && module.summary.includes('shell text')
}

/** Throws when a shell cannot read one of the texts as a script. */
function parse(texts: readonly string[]): void {
  const folder = tmp()
  const files = texts.map((text, i) => {
    const file = join(folder, String(i))
    writeFileSync(file, text)
    return file
  })
  const each = 'for file; do dash -n "$file"; busybox sh -n "$file"; done'
  execFileSync('sh', ['-ec', each, 'sh', ...files], { stdio: ['ignore', 'pipe', 'pipe'] })
}

/** Everything below a folder: names, kinds, modes, times of writing and content. */
function snapshot(folder: string): unknown[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .sort()
    .map(name => {
      const path = join(folder, name)
      const { mode, mtimeMs } = lstatSync(path)
      const content = lstatSync(path).isSymbolicLink()
        ? readlinkSync(path)
        : lstatSync(path).isFile()
          ? readFileSync(path, 'utf8')
          : ''
      return { name, mode, mtimeMs, content }
    })
}
