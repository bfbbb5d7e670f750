import type { ArgTable } from '../schema/arguments.ts'
import { lines, sh } from '../shell/sh.ts'
import { defineState, ModuleFailure } from './module.ts'

const table = {
  names: { type: 'str', required: true, aliases: ['name'], doc: 'Names of plugins, with commas between.' },
  new_only: { type: 'bool', default: false, doc: 'Leaves other plugins as they are; otherwise they are disabled.' },
  state: { type: 'str', choices: ['enabled', 'disabled'], default: 'enabled', doc: 'Whether they are enabled.' },
  broker_state: {
    type: 'str',
    choices: ['online', 'offline'],
    default: 'online',
    doc: 'Whether the broker is told, or only the file is changed.',
  },
  prefix: { type: 'str', doc: 'Where the broker is installed.' },
} as const satisfies ArgTable

/** Plugins that are enabled by name; those that others need are not among them. */
type Plugins = { readonly enabled?: readonly string[] }

export const rabbitmqPlugin = defineState({
  summary: 'Enables and disables plugins of RabbitMQ.',
  details: 'Without `new_only`, `state: enabled` means exactly these plugins, as with Ansible.',
  args: table,
  examples: `
- rabbitmq_plugin: names=rabbitmq_management new_only=true
- community.rabbitmq.rabbitmq_plugin:
    names: rabbitmq_management,rabbitmq_shovel
    broker_state: offline
- rabbitmq_plugin: { names: rabbitmq_shovel, state: disabled }
`,
  returnDocs: { enabled: 'Plugins that were enabled.', disabled: 'Plugins that were disabled.' },
  look: args =>
    lines(
      ready(args),
      // the tool takes seconds to start, to tell what stands in this file
      args.prefix === undefined &&
        sh`f=\${RABBITMQ_ENABLED_PLUGINS_FILE:-/etc/rabbitmq/enabled_plugins}
if [ -d /etc/rabbitmq ] && ! grep -qs '^[^#]*ENABLED_PLUGINS' /etc/rabbitmq/rabbitmq-env.conf; then
  [ ! -e "$f" ] || tr -d '[]. \n' <"$f" | tr ',' '\n'; exit
fi`,
      sh`plugins list --quiet --enabled --minimal`,
    ),
  read({ status, stdout, stderr }, _args, { checkMode }): Plugins {
    if (status !== 0) {
      if (checkMode && status === 127) return { enabled: [] }
      throw new ModuleFailure(stderr.trim() || `rabbitmq-plugins ended with ${status}`, { rc: status })
    }
    return { enabled: names(stdout, /\s+/) }
  },
  want({ names: asked, new_only, state }, from): Plugins {
    const is = from?.enabled ?? []
    const own = names(asked, /,/)
    if (state === 'disabled') return { enabled: is.filter(name => !own.includes(name)) }
    return { enabled: [...new Set([...(new_only ? is : []), ...own])].sort() }
  },
  change(args, { from, to }) {
    const { on, off } = difference(from, to)
    const how = args.broker_state === 'offline' ? '--offline' : '--online'
    return {
      script: lines(
        ready(args),
        on.length > 0 && sh`plugins enable ${how} ${on} || exit`,
        off.length > 0 && sh`plugins disable ${how} ${off} || exit`,
      ),
    }
  },
  returns(_args, { from, to, changed }) {
    const { on, off } = difference(from, to)
    return { changed, enabled: on, disabled: off }
  },
})

function ready({ prefix }: { readonly prefix?: string | undefined }) {
  const folders = prefix === undefined ? [] : [`${prefix}/bin`, `${prefix}/sbin`]
  return sh`PATH=$PATH:/sbin:/usr/sbin:/opt/rabbitmq/sbin; for f in ${folders}; do PATH=$f:$PATH; done
command -v rabbitmq-plugins >/dev/null || { echo 'rabbitmq-plugins is not on this host' >&2; exit 127; }
plugins() { rabbitmq-plugins "$@"; }`
}

function names(text: string, separator: RegExp): string[] {
  return text
    .split(separator)
    .map(name => name.trim())
    .filter(name => name !== '')
    .sort()
}

function difference(from: Plugins | undefined, to: Plugins | undefined) {
  const [is, want] = [from?.enabled ?? [], to?.enabled ?? []]
  return { on: want.filter(name => !is.includes(name)), off: is.filter(name => !want.includes(name)) }
}
