import type { MlopsError } from '../errors.ts'
import type { ModuleRegistry } from '../modules/module.ts'
import type { Task } from '../playbook/types.ts'
import type { ArgSpec } from '../schema/arguments.ts'
import { finding } from './finding.ts'

/** Patterns in one task that often go wrong. */
export function riskyTask(task: Task, modules: ModuleRegistry): MlopsError[] {
  return rules.flatMap(rule => rule(task, modules) ?? [])
}

type Rule = (task: Task, modules: ModuleRegistry) => MlopsError | readonly MlopsError[] | undefined

const TEMPLATE = /\{\{(?:[^{}]|\{[^{]|\}[^}])*\}\}/g

const rules: readonly Rule[] = [
  function openRegexp(task) {
    const { regexp } = task.args
    if (typeof regexp !== 'string' || !['lineinfile', 'replace'].includes(task.module)) return undefined
    const loose = regexp.match(TEMPLATE)?.find(template => !/regex_escape/.test(template))
    if (loose === undefined) return undefined
    const matches = regexp.startsWith('.*')
      ? 'also matches names that only end alike, and takes dots of the value for any character'
      : 'takes dots and brackets of the value for patterns'
    return finding(
      'regexp',
      `\`${regexp}\` ${matches}`,
      task.argAt('regexp'),
      `write {{ … | regex_escape }}${regexp.startsWith('.*') ? ", and what must stand before it: '\\s{{ … | regex_escape }}$'" : ''}`,
    )
  },
  function octal(task) {
    const { mode } = task.args
    const at = task.argAt('mode')
    if (typeof mode !== 'number') return undefined
    const text = /^[0-9]+/.exec(at.text?.slice(at.column - 1) ?? '')?.[0] ?? ''
    if (text === '' || text.startsWith('0')) return undefined
    return finding(
      'mode',
      `mode ${text} is a decimal number, which means ${mode.toString(8).padStart(4, '0')}`,
      at,
      `write '0${text}'`,
    )
  },
  function alwaysChanged(task) {
    if (!['command', 'shell', 'raw', 'script'].includes(task.module)) return undefined
    // a handler runs where something else has changed
    if ('listen' in task) return undefined
    const says = task.changedWhen.length > 0 || task.args['creates'] !== undefined || task.args['removes'] !== undefined
    if (says || task.keywords.when.length > 0) return undefined
    const hint = 'say when it changes something: changed_when, creates or removes'
    return finding('changed', `${task.module} reports a change each time it runs`, task.argAt(), hint)
  },
  function needlessShell(task) {
    const cmd = task.args['cmd']
    if (task.module !== 'shell' || typeof cmd !== 'string' || task.args['executable'] !== undefined) return undefined
    if (/[|&;<>()$`*?[\]~#\n{}=]/.test(cmd.replace(TEMPLATE, 'x'))) return undefined
    return finding(
      'shell',
      'this needs no shell',
      task.argAt(),
      'command runs it without one, safe from what values hold',
    )
  },
  function quietFailure(task) {
    const { ignoreErrors } = task.keywords
    if (ignoreErrors?.value !== true || ignoreErrors.at.file !== task.at.file || task.register !== undefined)
      return undefined
    if (ignoreErrors.at.line < task.at.line) return undefined
    const hint = 'register the result and look at it, or say with failed_when what is no failure'
    return finding('ignore-errors', 'every failure of this task is ignored', ignoreErrors.at, hint)
  },
  function latest(task) {
    const { state } = task.args
    if (state !== 'latest') return undefined
    return finding(
      'latest',
      'two plays of this may install different versions',
      task.argAt('state'),
      'write `state: present`, or a version',
    )
  },
  function unverified(task) {
    const name = ['validate_certs', 'allow_unauthenticated', 'disable_gpg_check'].find(each =>
      isTruth(task.args[each], each !== 'validate_certs'),
    )
    if (name === undefined) return undefined
    return finding(
      'unverified',
      `\`${name}\` lets anybody on the way change what is fetched`,
      task.argAt(name),
      'install the certificate or key instead',
    )
  },
  function plainDownload(task) {
    const { url, checksum } = task.args
    if (task.module !== 'get_url' || typeof url !== 'string' || !url.startsWith('http://') || checksum !== undefined)
      return undefined
    return finding(
      'unverified',
      'what comes over http:// may be changed on the way',
      task.argAt('url'),
      'use https://, or give a checksum',
    )
  },
  function plainSecret(task, modules) {
    const table: Readonly<Record<string, ArgSpec>> = modules.find(task.module)?.args ?? {}
    return Object.entries(task.args).flatMap(([name, value]) => {
      const isSecret = table[name]?.secret === true
      if (!isSecret || typeof value !== 'string' || value.length < 4 || /\{\{|^[!*]/.test(value)) return []
      const hint = 'mlops vault encrypt_string makes a value that may be committed'
      return [finding('secret', `the value of \`${name}\` is a secret in plain text`, task.argAt(name), hint)]
    })
  },
]

function isTruth(value: unknown, wanted: boolean): boolean {
  const texts = wanted ? ['true', 'yes', 'on', '1'] : ['false', 'no', 'off', '0']
  return value === wanted || (typeof value === 'string' && texts.includes(value.toLowerCase()))
}
