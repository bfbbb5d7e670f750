import type { ArgTable } from '../../schema/arguments.ts'
import { section, sections } from '../../shell/sections.ts'
import { lines, type Script, sh } from '../../shell/sh.ts'
import { type Inputs, ModuleFailure, type Result } from '../module.ts'

export const serviceArgs = {
  state: {
    type: 'str',
    choices: ['started', 'stopped', 'restarted', 'reloaded'],
    doc: 'What is wanted; `restarted` and `reloaded` act each time.',
  },
  enabled: { type: 'bool', doc: 'Whether it starts with the host.' },
} as const satisfies ArgTable

/** What service modules ask for, in one shape. */
export interface ServiceArgs {
  readonly name?: string | undefined
  readonly state?: 'started' | 'stopped' | 'restarted' | 'reloaded' | undefined
  readonly enabled?: boolean | undefined
  readonly masked?: boolean | undefined
  readonly force?: boolean
  readonly daemonReload?: boolean
  readonly daemonReexec?: boolean
  readonly scope?: 'system' | 'user' | 'global'
  readonly noBlock?: boolean
  readonly arguments?: string | undefined
  /** Of OpenRC. */
  readonly runlevel?: string
  readonly sleep?: number | undefined
}

export type ServiceState = {
  readonly manager: string
  readonly found: boolean
  readonly running?: boolean | undefined
  readonly enabled?: boolean | undefined
  readonly masked?: boolean | undefined
  /** `restarted`, `reloaded`: never what is seen, so that it is done each time. */
  readonly done?: string
  /** Whether systemd has read the unit files as they are now. */
  readonly unitsRead?: boolean
  readonly status?: Readonly<Record<string, string>>
}

/** Asks whichever service manager runs there: systemd, OpenRC, or scripts of /etc/init.d. */
export function lookService(args: ServiceArgs): Script {
  const { name } = args
  const systemctl = systemctlOf(args)
  return lines(
    sh`export LC_ALL=C SYSTEMD_PAGER=`,
    args.scope === 'user' && userBus,
    sh`if command -v systemctl >/dev/null && { [ -d /run/systemd/system ] || [ ${args.scope ?? 'system'} != system ]; }; then`,
    section('systemd'),
    name === undefined
      ? sh`:`
      : sh`
${systemctl} show --no-pager -- ${name} 2>/dev/null
echo "MlopsEnabled=$(${systemctl} is-enabled -- ${name} 2>/dev/null | head -n 1)"`,
    args.daemonReload === true &&
      sh`echo "MlopsStale=$(${systemctl} show --no-pager -p NeedDaemonReload -- '*' | grep -c yes)"`,
    name === undefined ? undefined : otherManagers(name, args.runlevel ?? 'default'),
    sh`fi`,
  )
}

function otherManagers(name: string, runlevel: string): Script {
  return lines(
    sh`elif command -v rc-service >/dev/null; then`,
    section('openrc'),
    sh`
rc-service --exists ${name} && echo found
rc-service ${name} status >/dev/null 2>&1 && echo running
rc-update show ${runlevel} 2>/dev/null | grep -q -F ${` ${name} |`} && echo enabled`,
    sh`else`,
    section('init'),
    sh`
[ -x /etc/init.d/${name} ] && echo found
/etc/init.d/${name} status >/dev/null 2>&1 && echo running
for link in /etc/rc[2345].d/S[0-9][0-9]${name}; do [ -e "$link" ] && { echo enabled; break; }; done
:`,
  )
}

export function readService(stdout: string): ServiceState {
  const parts = sections(stdout)
  const systemd = parts.get('systemd')
  if (systemd !== undefined) return readSystemd(systemd)
  const manager = parts.has('openrc') ? 'openrc' : 'init'
  const words = (parts.get(manager) ?? '').split('\n')
  return {
    manager,
    found: words.includes('found'),
    running: words.includes('running'),
    enabled: words.includes('enabled'),
    masked: false,
  }
}

function readSystemd(text: string): ServiceState {
  const status: Record<string, string> = {}
  for (const line of text.split('\n')) {
    const at = line.indexOf('=')
    if (at > 0) status[line.slice(0, at)] = line.slice(at + 1)
  }
  const { MlopsEnabled: enabled = '', MlopsStale: stale = '0', ...properties } = status
  const { LoadState: loaded = '', ActiveState: active = '' } = properties
  return {
    manager: 'systemd',
    found: loaded !== '' && loaded !== 'not-found',
    running: active === 'active' || active === 'activating' || active === 'reloading',
    enabled: /^(enabled|enabled-runtime|static|alias|indirect|generated)$/.test(enabled),
    masked: loaded === 'masked' || /^masked/.test(enabled),
    unitsRead: stale === '0',
    status: properties,
  }
}

export function wantService(
  args: ServiceArgs,
  state: ServiceState | undefined,
  { checkMode }: Inputs,
): Partial<ServiceState> {
  const asks = args.state !== undefined || args.enabled !== undefined
  // A check before the first run: an earlier task would have made the service.
  if (state !== undefined && !state.found && asks && !checkMode) {
    throw new ModuleFailure(`Could not find the requested service ${args.name}: host`)
  }
  const restarts = args.state === 'restarted' || (args.state === 'reloaded' && state?.running !== false)
  return {
    ...(args.enabled === undefined ? {} : { enabled: args.enabled }),
    ...(args.masked === undefined ? {} : { masked: args.masked }),
    ...(args.state === 'started' || args.state === 'reloaded' ? { running: true } : {}),
    ...(args.state === 'stopped' ? { running: false } : {}),
    ...(restarts ? { done: args.state } : {}),
    ...(args.daemonReload && !checkMode && state?.manager === 'systemd' ? { unitsRead: true } : {}),
  }
}

export function changeService(args: ServiceArgs, from: ServiceState | undefined, to: Partial<ServiceState>): Script {
  const name = args.name ?? ''
  const verbs = verbsOf(from, to)
  switch (from?.manager) {
    case 'openrc':
      return lines(...verbs.map(verb => openrcScript(args, name, verb)))
    case 'init':
      return lines(
        ...verbs.map(verb => {
          if (verb === 'enable' || verb === 'disable') {
            return sh`if command -v update-rc.d >/dev/null; then update-rc.d ${name} ${verb === 'enable' ? 'defaults' : 'disable'} && update-rc.d ${name} ${verb}
elif command -v chkconfig >/dev/null; then chkconfig ${name} ${verb === 'enable' ? 'on' : 'off'}
else echo 'neither update-rc.d nor chkconfig is on this host to enable services' >&2; exit 127; fi || exit`
          }
          return sh`if command -v service >/dev/null; then service ${name} ${verb} ${words(args.arguments)}; else /etc/init.d/${name} ${verb} ${words(args.arguments)}; fi || exit`
        }),
      )
    default:
      return systemdScript(args, verbs)
  }
}

export function serviceResult(
  args: ServiceArgs,
  { from, to, changed }: { from: ServiceState | undefined; to: ServiceState | undefined; changed: boolean },
): Result {
  const onlyRead =
    changed &&
    from?.running === to?.running &&
    from?.enabled === to?.enabled &&
    from?.masked === to?.masked &&
    to?.done === undefined
  return {
    ...(onlyRead ? { changed: false } : {}),
    ...(args.name === undefined ? {} : { name: args.name }),
    ...(args.state === undefined ? {} : { state: args.state === 'stopped' ? 'stopped' : 'started' }),
    ...(args.enabled === undefined ? {} : { enabled: args.enabled }),
    status: from?.status ?? {},
  }
}

type Verb = 'unmask' | 'mask' | 'enable' | 'disable' | 'start' | 'stop' | 'restart' | 'reload'

function verbsOf(from: ServiceState | undefined, to: Partial<ServiceState>): readonly Verb[] {
  const verbs: Verb[] = []
  if (to.masked !== undefined && to.masked !== from?.masked) verbs.push(to.masked ? 'mask' : 'unmask')
  if (to.enabled !== undefined && to.enabled !== from?.enabled) verbs.push(to.enabled ? 'enable' : 'disable')
  if (to.done === 'restarted') verbs.push('restart')
  else if (to.done === 'reloaded') verbs.push('reload')
  else if (to.running !== undefined && to.running !== from?.running) verbs.push(to.running ? 'start' : 'stop')
  return verbs
}

function systemdScript(args: ServiceArgs, verbs: readonly Verb[]): Script {
  const systemctl = systemctlOf(args)
  const name = args.name ?? ''
  const starts = verbs.some(v => v === 'start' || v === 'restart')
  return lines(
    sh`export LC_ALL=C SYSTEMD_PAGER=
failed() {
  printf 'Unable to %s service %s\n' "$1" ${name} >&2
  ${systemctl} status --no-pager -n 20 -- ${name} >&2
  exit 1
}`,
    args.scope === 'user' && userBus,
    args.daemonReload === true && sh`${systemctl} daemon-reload || exit`,
    args.daemonReexec === true && sh`${systemctl} daemon-reexec || exit`,
    ...verbs.map(verb => {
      const options = [
        ...(args.noBlock && ['start', 'stop', 'restart', 'reload'].includes(verb) ? ['--no-block'] : []),
        ...(args.force && ['enable', 'disable', 'mask'].includes(verb) ? ['--force'] : []),
      ]
      return sh`${systemctl} ${verb} ${options} -- ${name} || failed ${verb}`
    }),
    // A simple service counts as started when its process is, even if that ends at once.
    starts && args.noBlock !== true && sh`! ${systemctl} is-failed --quiet -- ${name} || failed start`,
  )
}

function openrcScript({ runlevel = 'default', arguments: more }: ServiceArgs, name: string, verb: Verb): Script {
  if (verb === 'enable') return sh`rc-update add ${name} ${runlevel} || exit`
  if (verb === 'disable') return sh`rc-update delete ${name} ${runlevel} || exit`
  return lines(
    // 32: it has crashed; OpenRC takes it for started until that is forgotten.
    verb === 'start' && sh`rc-service ${name} status >/dev/null 2>&1; [ $? -ne 32 ] || rc-service ${name} zap || exit`,
    sh`rc-service ${name} ${verb} ${words(more)} || exit`,
  )
}

/** The user's own service manager answers on a bus that only a login session names. */
const userBus = sh`[ -n "\${XDG_RUNTIME_DIR-}" ] || export XDG_RUNTIME_DIR="/run/user/$(id -u)"`

function systemctlOf({ scope = 'system' }: ServiceArgs): Script {
  return scope === 'system' ? sh`systemctl` : sh`systemctl ${`--${scope}`}`
}

function words(text: string | undefined): readonly string[] {
  return (text ?? '').split(/\s+/).filter(word => word !== '')
}
