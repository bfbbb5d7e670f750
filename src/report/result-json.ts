import type { Result } from '../modules/module.ts'
import { clean } from './text.ts'

/** Keys that Ansible shows only from `-vvv` on. */
const QUIET_KEYS = new Set(['invocation', 'diff', 'exception'])
/** Keys that the word in front of the result says already. */
const SAID_KEYS = new Set(['failed', 'skipped', 'results'])
const DEBUG_KEYS = new Set(['changed', 'failed', 'skipped', 'invocation', 'skip_reason'])

export interface ResultView {
  readonly module: string
  readonly verbosity: number
  /** Over several lines, as for `debug`. */
  readonly indented: boolean
}

/** A result as Ansible prints it: Python's JSON with sorted keys. */
export function resultJson(result: Result, { module, verbosity, indented }: ResultView): string {
  const shown: Record<string, unknown> = {}
  const isMessage = module === 'debug' && 'msg' in result
  for (const [key, value] of Object.entries(result)) {
    if (key.startsWith('_ansible_') || SAID_KEYS.has(key) || (verbosity < 3 && QUIET_KEYS.has(key))) continue
    if (module === 'debug' && (isMessage ? key !== 'msg' && result.failed !== true : DEBUG_KEYS.has(key))) continue
    shown[key] = value
  }
  return pythonJson(shown, indented || verbosity > 2 ? 4 : undefined)
}

/** JSON as Python's `json.dumps(sort_keys=True, ensure_ascii=False)` writes it. */
export function pythonJson(value: unknown, indent?: number, depth = 1): string {
  switch (typeof value) {
    case 'string':
      return clean(JSON.stringify(value))
    case 'number':
      return numberText(value)
    case 'bigint':
    case 'boolean':
      return String(value)
    case 'object':
      return objectText(value, indent, depth)
    default:
      return 'null'
  }
}

function objectText(value: object | null, indent: number | undefined, depth: number): string {
  if (value === null) return 'null'
  if ('toJSON' in value && typeof value.toJSON === 'function') {
    const json: unknown = value.toJSON()
    // A float with an integral value: `1.0` in Python, 1 in JSON's eyes.
    return typeof json === 'number' && Number.isInteger(json) ? `${json}.0` : pythonJson(json, indent, depth)
  }
  if (Array.isArray(value)) {
    return enclosed(
      '[',
      ']',
      value.map(item => pythonJson(item, indent, depth + 1)),
      indent,
      depth,
    )
  }
  const entries: [string, unknown][] =
    value instanceof Map ? [...value].map(([key, item]) => [String(key), item]) : Object.entries(value)
  entries.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
  const parts = entries
    .filter(([, item]) => item !== undefined)
    .map(([key, item]) => `${pythonJson(key)}: ${pythonJson(item, indent, depth + 1)}`)
  return enclosed('{', '}', parts, indent, depth)
}

function enclosed(open: string, close: string, parts: readonly string[], indent: number | undefined, depth: number) {
  if (parts.length === 0) return open + close
  if (indent === undefined) return open + parts.join(', ') + close
  const blanks = ' '.repeat(indent * depth)
  return `${open}\n${blanks}${parts.join(`,\n${blanks}`)}\n${' '.repeat(indent * (depth - 1))}${close}`
}

function numberText(value: number): string {
  if (Number.isNaN(value)) return 'NaN'
  if (!Number.isFinite(value)) return value > 0 ? 'Infinity' : '-Infinity'
  // Python writes two digits of exponent at least: 1e-07.
  return String(value).replace(/e([-+])(\d)$/, 'e$10$2')
}
