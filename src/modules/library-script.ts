import { randomBytes } from 'node:crypto'
import type { ScriptResult } from '../connection/connection.ts'
import { pythonText } from '../schema/python-text.ts'
import { quote, type Script, script, sh } from '../shell/sh.ts'
import { defineAction, type Module, type Result } from './module.ts'
import { jsonText } from './parts/json-text.ts'

/**
 * The module that a script of people's own is: any interpreter the host has. It is called with the path of a file that holds its
 * arguments, as JSON when the script says WANT_JSON (or is a program), else as `name=value` words, and prints its result as JSON.
 */
export function scriptModule(name: string, content: Uint8Array): Module {
  const text = isText(content) ? Buffer.from(content).toString('utf8') : undefined
  const asJson = text === undefined || text.includes('WANT_JSON')
  return defineAction({
    summary: `Runs the script ${name} of this project’s own on the host.`,
    args: {},
    freeArgs: true,
    examples: '',
    // Python modules written against Ansible's library import it from a bundle that Ansible makes.
    check: () =>
      text !== undefined && /^\s*(?:from|import)\s+ansible\b/m.test(text)
        ? [
            'this module imports Ansible’s Python library, which is not there on hosts; read the arguments as WANT_JSON modules do',
          ]
        : [],
    // A script that knows of check mode is trusted with it.
    runsInCheckMode: text?.includes('_ansible_check_mode') === true,
    act(args, { checkMode, diffMode }) {
      const folder = '/tmp'
      const path = `${folder}/.mlops-${name.replace(/[^A-Za-z0-9_]/g, '_')}-${randomBytes(12).toString('hex')}`
      const given: Readonly<Record<string, unknown>> = args
      const all = {
        ...given,
        _ansible_check_mode: checkMode,
        _ansible_diff: diffMode,
        _ansible_module_name: name,
        _ansible_no_log: false,
      }
      const written = asJson ? jsonText(all) : words(given)
      return {
        uploads: [
          { to: path, mode: 0o700, content: filled(content, text, all) },
          { to: `${path}.args`, mode: 0o600, content: Buffer.from(written) },
        ],
        script: sh`trap ${`rm -f -- ${quote(path)} ${quote(`${path}.args`)}`} EXIT
trap 'exit 130' HUP INT TERM
${interpreter(text)} ${path} ${`${path}.args`}`,
      }
    },
    read: output => resultOf(output),
  })
}

function isText(content: Uint8Array): boolean {
  return !content.subarray(0, 8192).includes(0)
}

/** The words of the first line; a file system that forbids running files (`noexec`) does not stand in the way then. */
function interpreter(text: string | undefined): Script {
  if (text === undefined) return sh``
  const line = /^#!\s*(.+?)\s*$/m.exec(text.slice(0, 512).split('\n')[0] ?? '')?.[1]
  return line === undefined ? sh`/bin/sh` : script(line.split(/\s+/).map(quote).join(' '))
}

function words(args: Readonly<Record<string, unknown>>): string {
  return Object.entries(args)
    .map(([key, value]) => `${key}=${quote(typeof value === 'object' ? jsonText(value) : pythonText(value))}`)
    .join(' ')
}

/** Scripts may have their arguments put in as JSON. */
function filled(content: Uint8Array, text: string | undefined, args: Readonly<Record<string, unknown>>): Uint8Array {
  const place = '<<INCLUDE_ANSIBLE_MODULE_JSON_ARGS>>'
  return text?.includes(place) ? Buffer.from(text.replaceAll(place, () => jsonText(args))) : content
}

function resultOf({ status, stdout, stderr }: ScriptResult): Result {
  const start = stdout.search(/^\s*\{/m)
  const end = stdout.lastIndexOf('}')
  let result: unknown
  try {
    result = start < 0 ? undefined : JSON.parse(stdout.slice(start, end + 1))
  } catch {
    result = undefined
  }
  if (typeof result !== 'object' || result === null || Array.isArray(result)) {
    return {
      failed: true,
      msg: status === 0 ? 'the script printed no result as JSON' : firstLine(stderr) || `exit status ${status}`,
      rc: status,
      module_stdout: stdout,
      module_stderr: stderr,
    }
  }
  const said: Result = { ...result }
  const rc = Number(said.rc ?? 0)
  return {
    ...said,
    ...(said.failed === undefined && rc !== 0 ? { failed: true } : {}),
    ...(stderr === '' ? {} : { stderr: said.stderr ?? stderr }),
  }
}

function firstLine(text: string): string {
  return text.trim().split('\n')[0] ?? ''
}
