import { lines, sh } from '../shell/sh.ts'
import { defineState } from './module.ts'
import { brokerAnswers, brokerArgs, brokerReady, steps, table } from './parts/rabbitmq.ts'

type VhostState = { readonly tracing: boolean }

export const rabbitmqVhost = defineState({
  summary: 'Makes and removes virtual hosts of RabbitMQ.',
  args: {
    name: { type: 'str', required: true, aliases: ['vhost'], doc: 'Name of the virtual host.' },
    tracing: { type: 'bool', default: false, aliases: ['trace'], doc: 'Whether messages are traced.' },
    state: { type: 'str', choices: ['present', 'absent'], default: 'present', doc: 'Whether it is there.' },
    ...brokerArgs,
  },
  examples: `
- community.rabbitmq.rabbitmq_vhost:
    name: /predictor
- rabbitmq_vhost: { name: /old, state: absent }
`,
  returnDocs: { name: 'Name of the virtual host.', state: 'What was wanted.' },
  look: args => lines(brokerReady(args), sh`ctl list_vhosts name tracing --formatter json`),
  read(output, { name }, { checkMode }): VhostState | undefined {
    if (!brokerAnswers(output, checkMode)) return undefined
    const row = table(output.stdout).find(each => each.name === name)
    return row === undefined ? undefined : { tracing: row.tracing === true }
  },
  want: ({ state, tracing }) => (state === 'absent' ? undefined : { tracing }),
  change: (args, { from, to }) => ({
    script: lines(
      brokerReady(args),
      to === undefined
        ? steps(sh`ctl delete_vhost -- ${args.name}`)
        : steps(
            from === undefined && sh`ctl add_vhost -- ${args.name}`,
            (from?.tracing ?? false) !== args.tracing &&
              sh`ctl ${args.tracing ? 'trace_on' : 'trace_off'} --vhost ${args.name}`,
          ),
    ),
  }),
  returns: ({ name, state }) => ({ name, state }),
})
