import { pythonText } from '../schema/python-text.ts'
import { defineController, ModuleFailure } from './module.ts'

export const assert = defineController({
  summary: 'Fails unless all of some conditions hold.',
  args: {
    that: { type: 'raw', doc: 'A condition, or a list of them, without braces.', required: true },
    fail_msg: { type: 'raw', doc: 'What is said when one does not hold: text or a list of texts.', aliases: ['msg'] },
    success_msg: { type: 'raw', doc: 'What is said when all hold: text or a list of texts.' },
    quiet: { type: 'bool', doc: 'Says nothing when all hold.', default: false },
  },
  expressions: ['that'],
  examples: `
- assert:
    that:
      - ansible_memtotal_mb >= 1024
      - "'web' in group_names"
    fail_msg: "{{ inventory_hostname }} is too small, or no web server"
- ansible.builtin.assert: { that: port | int > 1024, quiet: yes }
`,
  returnDocs: { assertion: 'The condition that does not hold.', evaluated_to: 'What it came to.' },
  run({ that, fail_msg, success_msg, quiet }, { test }) {
    for (const condition of Array.isArray(that) ? that : [that]) {
      const holds = typeof condition === 'boolean' ? condition : test(pythonText(condition))
      if (!holds) {
        throw new ModuleFailure(text(fail_msg) ?? 'Assertion failed', { assertion: condition, evaluated_to: false })
      }
    }
    return quiet ? { changed: false } : { changed: false, msg: text(success_msg) ?? 'All assertions passed' }
  },
})

function text(message: unknown): string | undefined {
  if (message === undefined) return undefined
  return Array.isArray(message) ? message.map(pythonText).join('\n') : pythonText(message)
}
