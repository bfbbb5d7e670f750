import { coerceArgs } from '../schema/coerce.ts'
import { defineController, ModuleFailure } from './module.ts'

const table = {
  cacheable: {
    type: 'bool',
    doc: 'Makes them facts of the host, too: below `ansible_facts`, and kept where facts are.',
    default: false,
  },
} as const

export const setFact = defineController({
  summary: 'Sets variables of a host for the rest of the run.',
  details: 'Every argument is a variable. They win over variables of the inventory and of the play.',
  args: table,
  freeArgs: true,
  examples: `
- set_fact:
    app_port: 5100
    app_url: "http://{{ ansible_host }}:5100/"
- ansible.builtin.set_fact: greeting="hello world"
`,
  returnDocs: { ansible_facts: 'The variables and their values.' },
  run(args) {
    const { cacheable, ...facts } = args
    const { args: checked, problems } = coerceArgs(table, cacheable === undefined ? {} : { cacheable })
    if (problems.length > 0) throw new ModuleFailure(problems.join('; '))
    const names = Object.keys(facts)
    if (names.length === 0)
      throw new ModuleFailure('No key/value pairs provided, at least one is required for this action to succeed')
    const wrong = names.find(name => !/^[A-Za-z_]\w*$/.test(name))
    if (wrong !== undefined) {
      throw new ModuleFailure(
        `The variable name '${wrong}' is not valid: letters, digits and underscores, no digit first`,
      )
    }
    return {
      changed: false,
      ansible_facts: facts,
      ...(checked['cacheable'] ? { _ansible_facts_cacheable: true } : {}),
    }
  },
})
