import { pythonText } from '../schema/python-text.ts'
import { defineController } from './module.ts'

export const debug = defineController({
  summary: 'Shows a message, or the value of a variable.',
  args: {
    msg: { type: 'raw', doc: 'The message: text, or any data.' },
    var: { type: 'raw', doc: 'A variable or expression, without braces, whose value is shown.' },
    verbosity: { type: 'int', doc: 'Shown only when the run is at least this verbose (`-v` is 1).', default: 0 },
  },
  expressions: ['var'],
  check: args => (args.msg !== undefined && args.var !== undefined ? ['`msg` and `var` exclude each other'] : []),
  examples: `
- debug: msg="Listening on {{ port }}"
- debug:
    var: ansible_default_ipv4.address
- debug:
    msg: [one line, another]
    verbosity: 2
`,
  returnDocs: { msg: 'The message, when there is one.' },
  run(args, { expression, verbosity }) {
    if (verbosity < args.verbosity) {
      return { changed: false, skipped: true, skipped_reason: 'Verbosity threshold not met.' }
    }
    if (args.var === undefined) return { changed: false, ...message(args.msg ?? 'Hello world!') }
    return { changed: false, [pythonText(args.var)]: shownValue(args.var, expression) }
  },
})

/** Data of any type may stand under `msg`, as Ansible's users know it. */
function message(msg: unknown): Record<string, unknown> {
  return { msg }
}

function shownValue(variable: unknown, expression: (text: string) => unknown): unknown {
  if (typeof variable !== 'string') return variable
  try {
    return expression(variable)
  } catch (error) {
    if (isUndefined(error)) return 'VARIABLE IS NOT DEFINED!'
    throw error
  }
}

function isUndefined(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'template.undefined'
}
