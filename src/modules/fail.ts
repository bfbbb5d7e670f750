import { defineController, ModuleFailure } from './module.ts'

export const fail = defineController({
  summary: 'Fails with a message of your own.',
  args: {
    msg: { type: 'str', doc: 'Why it fails.', default: 'Failed as requested from task' },
  },
  examples: `
- fail:
    msg: Only Debian and Ubuntu are supported, and this is {{ ansible_distribution }}
  when: ansible_os_family != 'Debian'
`,
  run({ msg }) {
    throw new ModuleFailure(msg)
  },
})
