import type { ModuleCase } from './cases.ts'
import { few } from './few.ts'
import { isList, isMap, type Plain } from './plain.ts'

/** What became of a case: each run's registered result, and the files that are left. */
export interface ModuleAnswer {
  readonly runs: Readonly<Record<string, Plain>>
  readonly state: readonly string[]
}

/** Not part of a module's result, or each program's own: texts of warnings and errors. */
const dropped = /^(invocation|warnings|deprecations|exception|hint|at|_ansible_.*|discovered_interpreter_python)$/
/** Files that Ansible alone makes, on its way. */
const temporary = /\/\.ansible\/tmp\/ansible-(local-|tmp-|moduletmp-)/
/** What is another number in each run. */
const varying =
  /^([acm]time|start|end|delta|elapsed|inode|dev|blocks|block_size|pid|duration|stop|cache_update_time|ansible_job_id|results_file|.*_seconds)$/

/** The answer of a play in a form that only differs where the programs do. */
export function answerOf(
  one: ModuleCase,
  { runs, state, address, folder }: { runs: Plain; state: string; address: string; folder: string },
): ModuleAnswer {
  const known = runs as Readonly<Record<string, Plain>> // the answers of a play have this shape
  const text = (value: string) => steady(value.replaceAll(address, 'ADDRESS').replaceAll(folder, 'FOLDER'))
  return {
    runs: Object.fromEntries([...one.runs.keys()].map(run => [run, result(known[run] ?? null, text)])),
    state: state
      .split('\n')
      .filter(line => line !== '')
      .map(line => text(readable(line))),
  }
}

function result(value: Plain, text: (value: string) => string): Plain {
  const plain = steadyValue(few(value), text)
  if (!isMap(plain)) return plain
  const { msg, diff, ...rest } = plain
  const texts = plain['changed'] === true ? (isList(diff) ? diff : [diff]).filter(isTextDiff) : []
  return {
    ...rest,
    ...(texts.length === 0 ? {} : { diff: texts.map(({ before, after }) => ({ before, after })) }),
    ...(msg === undefined || plain['failed'] === true ? {} : { msg }),
  }
}

/** Of diffs, the texts are compared: states that are data are each program's own. */
function isTextDiff(diff: Plain | undefined): diff is { before: string; after: string } {
  if (!isMap(diff)) return false
  const { before, after } = diff
  return typeof before === 'string' && typeof after === 'string' && before !== after
}

function steadyValue(value: Plain, text: (value: string) => string): Plain {
  if (typeof value === 'string') return text(value)
  if (isList(value)) return value.map(item => steadyValue(item, text))
  if (!isMap(value)) return value
  // file systems count folders each in their way
  const folder = value['state'] === 'directory' || value['isdir'] === true
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key, item]) => !dropped.test(key) && !(typeof item === 'string' && temporary.test(item)))
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, item]) => [
        text(key),
        (varying.test(key) || (folder && /^(size|nlink)$/.test(key))) &&
        (typeof item === 'number' || typeof item === 'string')
          ? 'VARIES'
          : steadyValue(item, text),
      ]),
  )
}

/** Temporary names, times and process numbers are no matter. */
function steady(text: string): string {
  return text
    .replaceAll(/\.\d+\.\d{4}-\d\d-\d\d@\d\d:\d\d:\d\d~/g, '.BACKUP~')
    .replaceAll(/-----BEGIN OPENSSH PRIVATE KEY-----[^-]*-----END OPENSSH PRIVATE KEY-----/g, 'PRIVATE KEY')
    .replaceAll(/SHA256:[\w+/]{43}/g, 'FINGERPRINT')
    .replaceAll(/\S+ ann@twin\b/g, 'KEY ann@twin')
    .replaceAll(/(\/tmp\/ansible\.|\/srv\/x\.)\w{8}/g, '$1RANDOM')
    .replaceAll(/\/tmp\/crontab\.?\w+/g, '/tmp/crontab.RANDOM')
    .replaceAll(/installed on \w+ \w+ +\d+ [\d:]+ \d+/g, 'installed on TIME')
    .replaceAll(/\bj\d{6,}\.\d+/g, 'JOB')
    .replaceAll(/\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(\.\d+)?/g, 'TIME')
}

function readable(line: string): string {
  const [, head = '', base64 = ''] = /^(.* f \d+ \S+ +)([A-Za-z0-9+/=]*)$/.exec(line) ?? []
  return head === '' ? line.trimEnd() : head + JSON.stringify(Buffer.from(base64, 'base64').toString('utf8'))
}
