import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'

/** A list of tasks that is played on a twin by Ansible and by us. */
export interface ModuleCase {
  readonly name: string
  /** Files beside the playbook, which is `site.yml`. */
  readonly files: Readonly<Record<string, string>>
  /** What each run is named in the answers → the module of its task. */
  readonly runs: ReadonlyMap<string, string>
  /** Paths whose content is written down after the play. */
  readonly state: readonly string[]
}

interface Written {
  readonly state?: readonly string[]
  readonly files?: Readonly<Record<string, string>>
  readonly tasks: readonly Readonly<Record<string, unknown>>[]
}

const keywords = new Set([
  'name',
  'tags',
  'register',
  'when',
  'vars',
  'loop',
  'args',
  'environment',
  'become',
  'become_user',
  'changed_when',
  'failed_when',
  'delegate_to',
  'run_once',
  'no_log',
  'check_mode',
  'diff',
])

/**
 * The task lists of `cases/*.yml`. Each task is played three times, always with `diff`: in check mode, for real, and again.
 * Tag `once`: only for real. Tag `untold`: once, and its result is not compared.
 */
export function cases(): ModuleCase[] {
  const folder = join(import.meta.dirname, 'cases')
  return readdirSync(folder)
    .sort()
    .map(file => read(file.replace(/\.yml$/, ''), readFileSync(join(folder, file), 'utf8')))
}

function read(name: string, text: string): ModuleCase {
  // as Ansible reads it, where `yes` is true and 0644 an octal number
  const { tasks, files = {}, state = [] } = parse(text, { version: '1.1' }) as Written
  const runs = new Map<string, string>()
  const names: string[] = []
  const played = tasks.flatMap((task, i) => {
    const { tags, register, ...rest } = task
    const module = Object.keys(task).find(key => !keywords.has(key)) ?? ''
    const title = `${i + 1} ${task['name'] ?? module}`
    const untold = tags === 'untold'
    return (untold || tags === 'once' ? ['apply'] : ['check', 'apply', 'again']).map(run => {
      const label = `${title}: ${run}`
      if (!untold) {
        runs.set(label, module)
        names.push(`${JSON.stringify(label)}: ${run === 'apply' && register ? register : `r${i}_${run}`}`)
      }
      return {
        ...(run === 'check' ? { check_mode: true } : {}),
        diff: true,
        ignore_errors: !untold,
        ...rest,
        name: label,
        register: run === 'apply' && register ? register : `r${i}_${run}`,
      }
    })
  })
  const answers = { name: 'answers', debug: { msg: `{{ {${names.join(', ')}} }}` } }
  const play = { hosts: 'all', gather_facts: false, become: true, tasks: [...played, answers] }
  return { name, files: { ...files, 'site.yml': JSON.stringify([play], null, 1) }, runs, state }
}

/** A script that prints all about the given paths that a module may set. */
export function stateScript({ state }: ModuleCase): string {
  return `for path in ${state.join(' ')}; do find $path -printf '%p %y %m %u:%g %l\\n' 2>/dev/null; done | sort | while read -r path kind rest; do
  case $kind in f) printf '%s %s %s ' "$path" "$kind" "$rest"; if [ "$(stat -c %s "$path")" -gt 3000 ]; then sha1sum <"$path"; else base64 -w0 "$path"; echo; fi;; *) echo "$path $kind $rest";; esac
done`
}
