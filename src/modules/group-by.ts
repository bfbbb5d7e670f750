import { defineController } from './module.ts'

export const groupBy = defineController({
  summary: 'Puts hosts into groups by what is known of them, for the rest of the run.',
  args: {
    key: { type: 'str', doc: 'The name of the group; the host joins it.', required: true },
    parents: { type: 'list', elements: 'str', doc: 'Groups above it.', default: ['all'] },
  },
  examples: `
- group_by:
    key: os_{{ ansible_distribution }}
- ansible.builtin.group_by: key=virtual_{{ ansible_virtualization_role }} parents=machines
`,
  returnDocs: { add_group: 'The name of the group.', parent_groups: 'The groups above it.' },
  run: ({ key, parents }) => ({
    changed: true,
    add_group: key.replaceAll(' ', '-'),
    parent_groups: parents.map(parent => parent.replaceAll(' ', '-')),
  }),
})
