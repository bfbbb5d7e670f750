import type { ArgsOf, ArgTable } from '../schema/arguments.ts'
import { section, sections } from '../shell/sections.ts'
import { lines, type Script, sh } from '../shell/sh.ts'
import { defineState, ModuleFailure, type Plain } from './module.ts'
import { quoted } from './parts/download.ts'
import { recordAt } from './parts/json-path.ts'

const table = {
  name: { type: 'str', required: true, doc: 'Name of the queue.' },
  state: { type: 'str', choices: ['present', 'absent'], default: 'present', doc: 'Whether it is there.' },
  durable: { type: 'bool', default: true, doc: 'Whether it outlives the broker.' },
  auto_delete: { type: 'bool', default: false, doc: 'Removed when nobody uses it any more.' },
  message_ttl: { type: 'int', doc: 'How long messages live, in milliseconds.' },
  auto_expires: { type: 'int', doc: 'How long it lives unused, in milliseconds.' },
  max_length: { type: 'int', doc: 'How many messages it holds.' },
  dead_letter_exchange: { type: 'str', doc: 'Where rejected messages go.' },
  dead_letter_routing_key: { type: 'str', doc: 'With which routing key.' },
  max_priority: { type: 'int', doc: 'How many priorities it knows.' },
  arguments: { type: 'dict', default: {}, doc: 'Further arguments of the queue.' },
  vhost: { type: 'str', default: '/', doc: 'Its virtual host.' },
  login_user: { type: 'str', default: 'guest', doc: 'Who logs in to the management API.' },
  login_password: { type: 'str', default: 'guest', secret: true, doc: 'The password for it.' },
  login_host: { type: 'str', default: 'localhost', doc: 'Host of the management API.' },
  login_port: { type: 'str', default: '15672', doc: 'Port of it.' },
  login_protocol: { type: 'str', choices: ['http', 'https'], default: 'http', doc: 'How to talk to it.' },
  ca_cert: { type: 'path', aliases: ['cacert'], doc: 'Authority of its certificate, on the host.' },
  client_cert: { type: 'path', aliases: ['cert'], doc: 'Own certificate.' },
  client_key: { type: 'path', aliases: ['key'], doc: 'Key of it.' },
} as const satisfies ArgTable

type Args = ArgsOf<typeof table>

type QueueState = {
  readonly durable: boolean
  readonly auto_delete: boolean
  readonly arguments: Plain
}

export const rabbitmqQueue = defineState({
  summary: 'Makes and removes queues of RabbitMQ.',
  details:
    'Works through the management API, with `curl` on the host. A queue that is there with other properties cannot be changed: that is a failure.',
  args: table,
  examples: `
- community.rabbitmq.rabbitmq_queue:
    name: requests
    message_ttl: 60000
    login_user: predictor
    login_password: "{{ broker_password }}"
- rabbitmq_queue: { name: old, state: absent }
`,
  returnDocs: { name: 'Name of the queue.' },
  look: args => request(args, 'GET'),
  read(output, args, { checkMode }): QueueState | undefined {
    if (output.status !== 0) {
      // 7: nobody answers; 127: no curl yet
      if (checkMode && [7, 127].includes(output.status)) return undefined
      throw new ModuleFailure(output.stderr.trim() || `curl ended with ${output.status}`, { rc: output.status })
    }
    const parts = sections(output.stdout)
    const code = parts.get('code')?.trim()
    if (code === '404') return undefined
    const body = parts.get('body') ?? ''
    if (code !== '200')
      throw new ModuleFailure(`the management API answers ${code}: ${body.trim()}`, { status: Number(code) })
    const queue: unknown = JSON.parse(body)
    const all = recordAt(queue, 'arguments')
    const asked = argumentsOf(args)
    return {
      durable: Reflect.get(Object(queue), 'durable') === true,
      auto_delete: Reflect.get(Object(queue), 'auto_delete') === true,
      arguments: Object.fromEntries(Object.entries(all).filter(([key]) => key in asked)) as Plain, // JSON of the API
    }
  },
  want(args, state): Partial<QueueState> | undefined {
    if (args.state === 'absent') return undefined
    const wanted = { durable: args.durable, auto_delete: args.auto_delete, arguments: argumentsOf(args) as Plain } // plain by its schema
    if (state !== undefined && !same(state, wanted)) {
      throw new ModuleFailure(
        `RabbitMQ cannot change a queue that is there: ${args.name} is ${JSON.stringify(state)}, wanted ${JSON.stringify(wanted)}`,
      )
    }
    return state ?? wanted
  },
  change(args, { to }) {
    const body = { durable: args.durable, auto_delete: args.auto_delete, arguments: argumentsOf(args) }
    return {
      script: lines(
        request(args, to === undefined ? 'DELETE' : 'PUT', to === undefined ? undefined : JSON.stringify(body)),
        sh`case $code in 2*) ;; *) echo "the management API answers $code: $(cat -- "$body")" >&2; exit 1 ;; esac`,
      ),
    }
  },
  returns: ({ name }) => ({ name }),
})

function same(is: QueueState, want: QueueState): boolean {
  const text = ({ durable, auto_delete, arguments: all }: QueueState) =>
    JSON.stringify([
      durable,
      auto_delete,
      Object.entries(recordAt({ all }, 'all')).sort(([a], [b]) => (a < b ? -1 : 1)),
    ])
  return text(is) === text(want)
}

function argumentsOf(args: Args): Readonly<Record<string, unknown>> {
  const named = {
    'x-message-ttl': args.message_ttl,
    'x-expires': args.auto_expires,
    'x-max-length': args.max_length,
    'x-dead-letter-exchange': args.dead_letter_exchange,
    'x-dead-letter-routing-key': args.dead_letter_routing_key,
    'x-max-priority': args.max_priority,
  }
  return { ...args.arguments, ...Object.fromEntries(Object.entries(named).filter(([, value]) => value !== undefined)) }
}

/** One request; leaves the status in `$code` and the body in the file `$body`, and prints both. Curl reads what is secret from its standard input. */
function request(args: Args, method: string, data?: string): Script {
  const url = `${args.login_protocol}://${args.login_host}:${args.login_port}/api/queues/${encodeURIComponent(args.vhost)}/${encodeURIComponent(args.name)}`
  const settings = [
    `url = ${quoted(url)}`,
    `request = ${method}`,
    `user = ${quoted(`${args.login_user}:${args.login_password}`)}`,
    ...(data === undefined ? [] : ['header = "Content-Type: application/json"', `data-raw = ${quoted(data)}`]),
    ...(args.ca_cert === undefined ? [] : [`cacert = ${quoted(args.ca_cert)}`]),
    ...(args.client_cert === undefined ? [] : [`cert = ${quoted(args.client_cert)}`]),
    ...(args.client_key === undefined ? [] : [`key = ${quoted(args.client_key)}`]),
  ]
  return lines(
    sh`command -v curl >/dev/null || { echo 'curl is not on this host' >&2; exit 127; }
body=$(mktemp) || exit
trap 'rm -f -- "$body"' EXIT
code=$(printf '%s\n' ${settings} | curl --silent --show-error --globoff --max-time 30 --output "$body" --write-out '%{http_code}' --config -) || exit`,
    section('code'),
    sh`echo "$code"`,
    section('body'),
    sh`cat -- "$body"`,
  )
}
