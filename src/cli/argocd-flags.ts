import { type Command, Option } from 'commander'
import { type Given, type SpecFlag, specFlags } from '../argocd/spec-flags.ts'
import { collect } from './reach-flags.ts'

/** Flags of Argo CD's own program that say which server is meant, and how it is reached. */
export interface ServerFlags {
  readonly server?: string
  readonly authToken?: string
  readonly argocdContext?: string
  readonly config?: string
  readonly insecure?: boolean
  readonly plaintext?: boolean
  readonly grpcWeb?: boolean
  readonly grpcWebRootPath?: string
  readonly serverCrt?: string
  readonly clientCrt?: string
  readonly clientCrtKey?: string
  readonly header?: readonly string[]
  readonly core?: boolean
  readonly kubeContext?: string
  readonly appNamespace?: string
  /** Taken to be told of. */
  readonly portForward?: boolean
  readonly portForwardNamespace?: string
}

/** They may stand before and behind the names of commands, and in `ARGOCD_OPTS`. */
export function addServerFlags(command: Command): Command {
  return (
    command
      .option('--server <address>', 'the server (default: that of the login; also ARGOCD_SERVER)')
      .option('--auth-token <token>', 'a token; ARGOCD_AUTH_TOKEN keeps it out of the list of processes')
      .option('--argocd-context <name>', 'a login (default: the one in use)')
      .option('--config <file>', 'where logins are kept (default: ~/.config/argocd/config)')
      .option('--insecure', 'take any certificate')
      .option('--plaintext', 'without TLS')
      // gRPC is not spoken here: what the flag is for works without it
      .option('--grpc-web', 'as the argocd program takes it; changes nothing here')
      .option('--grpc-web-root-path <path>', 'the path that the server lies below')
      .option('--server-crt <file>', 'trust this certificate, or those that this authority signed')
      .option('--client-crt <file>', 'show this certificate')
      .option('--client-crt-key <file>', 'its key')
      .option('-H, --header <header>', 'a header for each request, NAME: VALUE; may be given again', collect)
      .option('--core', 'ask the cluster of the kubeconfig, not the server')
      .option('--kube-context <name>', 'with --core: a context of the kubeconfig')
      .option('-N, --app-namespace <name>', 'where Applications lie (default: in the namespace of Argo CD)')
      .addOption(new Option('--port-forward').hideHelp())
      .addOption(new Option('--port-forward-namespace <name>').hideHelp())
      // these change nothing here, and stand in scripts and in ARGOCD_OPTS
      .addOption(new Option('--loglevel <level>').hideHelp())
      .addOption(new Option('--logformat <format>').hideHelp())
      .addOption(new Option('--http-retry-max <number>').hideHelp())
      .addOption(new Option('--prompts-enabled').hideHelp())
  )
}

/** Flags of `app create` and `app set` that say something about the spec. */
export function addSpecFlags(command: Command): Command {
  for (const flag of specFlags) {
    const short = flag.short === undefined ? '' : `-${flag.short}, `
    if (flag.takes === 'switch') addSwitch(command, flag.name, flag.about)
    else if (flag.takes === 'texts') command.option(`${short}--${flag.name} ${flag.value}`, flag.about, collect)
    else command.option(`${short}--${flag.name} ${flag.value}`, flag.about)
  }
  return command
}

/** A flag that is on or off; `--NAME=false` is taken, too. */
export function addSwitch(command: Command, name: string, about: string): Command {
  return command.addOption(new Option(`--${name}`, about)).addOption(new Option(`--no-${name}`).hideHelp())
}

/** What was given of the flags about the spec. */
export function givenFlags(flags: Readonly<Record<string, unknown>>): Given {
  return Object.fromEntries(specFlags.map(({ name }: SpecFlag) => [name, flags[camelCase(name)]]))
}

/** Programs written in Go take `--flag=false`: it becomes what commander has for it. */
export function takeGoSwitches(command: Command): void {
  const parse = command.parseOptions.bind(command)
  command.parseOptions = args => parse(args.map(argument => goSwitch(command, argument)))
}

function goSwitch(command: Command, argument: string): string {
  const [, name, value] = /^--([a-z-]+)=(true|false)$/.exec(argument) ?? []
  if (name === undefined || !isSwitch(command, name)) return argument
  return value === 'true' ? `--${name}` : `--no-${name}`
}

function isSwitch(command: Command, name: string): boolean {
  const own = command.options.filter(option => option.long === `--${name}`)
  return own.some(option => option.isBoolean()) || command.commands.some(each => isSwitch(each, name))
}

function camelCase(name: string): string {
  return name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())
}
