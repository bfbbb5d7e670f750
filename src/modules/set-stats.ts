import { defineController } from './module.ts'

export const setStats = defineController({
  summary: 'Registers numbers about the run.',
  args: {
    data: { type: 'dict', doc: 'Names and values.', required: true },
    per_host: { type: 'bool', doc: 'Kept for each host, in place of the whole run.', default: false },
    aggregate: { type: 'bool', doc: 'Adds to what is known already, in place of replacing it.', default: true },
  },
  examples: `
- set_stats:
    data:
      packages: 3
`,
  returnDocs: { ansible_stats: 'The data, and how it is kept.' },
  run: ({ data, per_host, aggregate }) => ({ changed: false, ansible_stats: { data, per_host, aggregate } }),
})
