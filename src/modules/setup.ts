import { facts, gatherScript, readFacts, selectFacts } from '../facts/all.ts'
import { defineAction } from './module.ts'

export const setup = defineAction({
  summary: 'Gathers facts about a host: its system, network, hardware.',
  details:
    'Runs by itself at the start of a play, unless `gather_facts: false` is said. Needs nothing but a shell on the host.',
  args: {
    gather_subset: {
      type: 'list',
      elements: 'str',
      default: ['all'],
      doc: 'Which facts: `all`, `min`, `hardware`, `network`, `virtual`, a narrower name such as `mounts`; with `!` in front, which not.',
    },
    filter: {
      type: 'list',
      elements: 'str',
      default: [],
      doc: 'Only facts whose name matches one of these patterns (`ansible_eth*`, `memtotal_mb`) are returned.',
    },
    gather_timeout: { type: 'int', doc: 'Seconds for one fact.', ignored: 'one script gathers them all in a moment' },
    fact_path: {
      type: 'path',
      doc: 'Folder of local facts.',
      ignored: 'local facts are read from /etc/ansible/facts.d',
    },
  },
  examples: `
- name: Look only at the network
  setup:
    gather_subset: [network]
- ansible.builtin.setup:
    filter: ansible_distribution*
`,
  returnDocs: { ansible_facts: 'The facts, with `ansible_` in front of each name.' },
  readOnly: true,
  act: ({ gather_subset }) => ({ script: gatherScript(selectFacts(facts, gather_subset)) }),
  read(output, args) {
    if (output.stdout === '' && output.status !== 0) {
      return { failed: true, msg: 'the host told nothing about itself', rc: output.status, stderr: output.stderr }
    }
    const found: Record<string, unknown> = {}
    for (const [name, value] of Object.entries(readFacts(output, selectFacts(facts, args.gather_subset)))) {
      if (wanted(name, args.filter)) found[`ansible_${name}`] = value
    }
    return { ansible_facts: { ...found, gather_subset: args.gather_subset, module_setup: true } }
  },
})

function wanted(name: string, filters: readonly string[]): boolean {
  const given = filters.filter(f => f !== '')
  return given.length === 0 || given.some(f => matches(f, name) || matches(f, `ansible_${name}`))
}

function matches(glob: string, name: string): boolean {
  const pattern = glob
    .replace(/[.+^${}()|\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.')
  return new RegExp(`^${pattern}$`).test(name)
}
