import { commandWords } from './command-words.ts'
import type { ContainerArgs } from './container-args.ts'
import { healthcheck } from './container-health.ts'
import { reach } from './container-reach.ts'
import { resources } from './container-resources.ts'
import { capabilities, dict, flag, type SeenFiles, type Setting, set, text } from './container-setting.ts'
import { storage } from './container-storage.ts'
import { envFile, texts } from './container-values.ts'
import { numberAt, recordAt, textAt, textsAt } from './json-path.ts'

/** Every setting by the name of its argument. */
export const settings: Readonly<Record<string, Setting>> = inOrder({
  auto_remove: flag('auto_remove', '--rm', 'HostConfig.AutoRemove'),
  cap_drop: capabilities('cap_drop', '--cap-drop', 'HostConfig.CapDrop'),
  capabilities: capabilities('capabilities', '--cap-add', 'HostConfig.CapAdd'),
  // An entrypoint of several words rides in front of the command, as the command line of docker knows one word only.
  command: {
    kind: 'list',
    want: args => (args.command === undefined && args.entrypoint === undefined ? undefined : runs(args)),
    is: (container, { entrypoint }) => [
      ...(entrypoint === undefined ? [] : textsAt(container, 'Config.Entrypoint')),
      ...textsAt(container, 'Config.Cmd'),
    ],
    words: ({ entrypoint }) => (entrypoint === undefined ? [] : ['--entrypoint', entrypoint[0] ?? '']),
  },
  env: {
    kind: 'dict',
    want: (args, seen) => (args.env === undefined && args.env_file === undefined ? undefined : environment(args, seen)),
    is: container => pairs(textsAt(container, 'Config.Env')),
    fromImage: image => pairs(textsAt(image, 'Config.Env')),
    // Values may be secret: they go to docker through its standard input.
    words: () => [],
  },
  groups: set('groups', '--group-add', 'HostConfig.GroupAdd'),
  init: flag('init', '--init', 'HostConfig.Init'),
  interactive: flag('interactive', '--interactive', 'Config.OpenStdin'),
  ipc_mode: text('ipc_mode', '--ipc', 'HostConfig.IpcMode'),
  labels: {
    kind: 'dict',
    want: ({ labels }) => labels && texts(labels),
    is: container => texts(recordAt(container, 'Config.Labels')),
    fromImage: image => texts(recordAt(image, 'Config.Labels')),
    words: ({ labels }) => Object.entries(texts(labels)).flatMap(([name, value]) => ['--label', `${name}=${value}`]),
  },
  log_driver: text('log_driver', '--log-driver', 'HostConfig.LogConfig.Type'),
  log_options: dict('log_options', '--log-opt', 'HostConfig.LogConfig.Config'),
  pid_mode: text('pid_mode', '--pid', 'HostConfig.PidMode'),
  privileged: flag('privileged', '--privileged', 'HostConfig.Privileged'),
  restart_policy: {
    kind: 'value',
    want: ({ restart_policy: policy, restart_retries: retries = 0 }) =>
      policy === 'on-failure' ? `${policy}:${retries}` : policy,
    is(container) {
      const policy = textAt(container, 'HostConfig.RestartPolicy.Name') || 'no'
      return policy === 'on-failure'
        ? `${policy}:${numberAt(container, 'HostConfig.RestartPolicy.MaximumRetryCount')}`
        : policy
    },
    words: ({ restart_policy: policy, restart_retries: retries }) =>
      policy === undefined
        ? []
        : ['--restart', policy === 'on-failure' && retries !== undefined ? `${policy}:${retries}` : policy],
    live: true,
  },
  runtime: text('runtime', '--runtime', 'HostConfig.Runtime'),
  security_opts: set('security_opts', '--security-opt', 'HostConfig.SecurityOpt'),
  stop_signal: text('stop_signal', '--stop-signal', 'Config.StopSignal'),
  sysctls: dict('sysctls', '--sysctl', 'HostConfig.Sysctls'),
  tty: flag('tty', '--tty', 'Config.Tty'),
  user: text('user', '--user', 'Config.User'),
  userns_mode: text('userns_mode', '--userns', 'HostConfig.UsernsMode'),
  uts: text('uts', '--uts', 'HostConfig.UTSMode'),
  working_dir: text('working_dir', '--workdir', 'Config.WorkingDir'),
  healthcheck,
  ...reach,
  ...resources,
  ...storage,
})

/** Entrypoint and command as one list of words. */
export function runs({ command, entrypoint = [] }: ContainerArgs): string[] {
  const words = Array.isArray(command)
    ? command.map(String)
    : command === undefined || command === null
      ? []
      : commandWords(String(command))
  return [...entrypoint, ...words]
}

/** The environment that is asked for; the file's values first. */
export function environment({ env }: ContainerArgs, { envFile: file }: SeenFiles): Record<string, string> {
  return { ...envFile(file), ...texts(env) }
}

function pairs(lines: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    lines.map(line => {
      const cut = line.indexOf('=')
      return cut < 0 ? [line, ''] : [line.slice(0, cut), line.slice(cut + 1)]
    }),
  )
}

function inOrder(all: Readonly<Record<string, Setting>>): Readonly<Record<string, Setting>> {
  return Object.fromEntries(Object.entries(all).sort(([a], [b]) => (a < b ? -1 : 1)))
}
