import { lines, sh } from '../shell/sh.ts'
import { defineState, type Plain } from './module.ts'
import { brokerAnswers, brokerArgs, brokerReady, table } from './parts/rabbitmq.ts'

type Policy = {
  readonly pattern: string
  readonly apply_to: string
  readonly tags: Plain
  readonly priority: string
}

export const rabbitmqPolicy = defineState({
  summary: 'Keeps policies of RabbitMQ.',
  args: {
    name: { type: 'str', required: true, doc: 'Name of the policy.' },
    vhost: { type: 'str', default: '/', doc: 'The virtual host.' },
    pattern: { type: 'str', doc: 'Which queues and exchanges: a regular expression.' },
    apply_to: { type: 'str', choices: ['all', 'exchanges', 'queues'], default: 'all', doc: 'What it is for.' },
    tags: { type: 'dict', doc: 'What it says.' },
    priority: { type: 'str', default: '0', doc: 'Which of several counts: the highest.' },
    state: { type: 'str', choices: ['present', 'absent'], default: 'present', doc: 'Whether it is there.' },
    node: brokerArgs.node,
  },
  check: ({ state, pattern, tags, priority }) => [
    ...(state === 'present' && (pattern === undefined || tags === undefined)
      ? ['`pattern` and `tags` are needed with `state: present`']
      : []),
    ...(priority !== undefined && !/^-?\d+$/.test(priority) ? ['`priority` is a number'] : []),
  ],
  examples: `
- community.rabbitmq.rabbitmq_policy:
    name: short
    vhost: /predictor
    pattern: ^tmp[.]
    apply_to: queues
    tags: { message-ttl: 60000, max-length: 100 }
    priority: 1
- rabbitmq_policy: { name: old, state: absent }
`,
  look: args => lines(brokerReady(args), sh`ctl list_policies --vhost ${args.vhost} --formatter json`),
  read(output, { name }, { checkMode }): Policy | undefined {
    if (!brokerAnswers(output, checkMode)) return undefined
    const row = table(output.stdout).find(each => each['name'] === name)
    if (row === undefined) return undefined
    const definition = row['definition']
    return {
      pattern: String(row['pattern']),
      apply_to: String(row['apply-to']),
      // older brokers give it as text; JSON either way
      tags: (typeof definition === 'string' ? JSON.parse(definition) : definition) as Plain,
      priority: String(row['priority']),
    }
  },
  want({ state, pattern = '', apply_to, tags, priority }): Policy | undefined {
    return state === 'absent' ? undefined : { pattern, apply_to, tags: { ...tags } as Plain, priority } // plain by its schema
  },
  // a number may have been written as text
  same: { tags: (is, want) => text(is) === text(want) },
  change(args, { to }) {
    const { name, vhost, pattern = '', apply_to, priority } = args
    return {
      script: lines(
        brokerReady(args),
        to === undefined
          ? sh`ctl clear_policy --vhost ${vhost} -- ${name}`
          : sh`ctl set_policy --vhost ${vhost} --priority ${priority} --apply-to ${apply_to} -- ${name} ${pattern} ${JSON.stringify(numbers(args.tags))}`,
      ),
    }
  },
})

/** The broker refuses numbers that are texts. */
function numbers(tags: Readonly<Record<string, unknown>> | undefined): Record<string, unknown> {
  const one = (value: unknown) => (typeof value === 'string' && /^-?\d+$/.test(value) ? Number(value) : value)
  return Object.fromEntries(Object.entries(tags ?? {}).map(([name, value]) => [name, one(value)]))
}

function text(tags: Plain | undefined): string {
  const all = numbers(tags as Record<string, unknown>) // an object, by the schema and by the broker
  return JSON.stringify(Object.entries(all).sort(([a], [b]) => (a < b ? -1 : 1)))
}
