import { readFileSync } from 'node:fs'
import { configDocument } from '../cloud-init/check.ts'
import { type Commands, commandsOf } from '../cloud-init/commands.ts'
import { failingCommands, lastWords } from '../cloud-init/failing-commands.ts'
import { cloudConfigs, unpacked } from '../cloud-init/user-data.ts'
import { MlopsError } from '../errors.ts'
import { shownPath } from '../source/load.ts'

/** What a boot left behind. */
export interface Boot {
  readonly server: string
  readonly userDataFile: string | undefined
  /** The end of /var/log/cloud-init-output.log. */
  readonly log: string
  /** What `cloud-init status` said, when all was not well. */
  readonly said: string
}

/** Why cloud-init failed: the commands of the user data that can be named, at their places, or what cloud-init says of itself. */
export function bootErrors(boot: Boot): MlopsError[] {
  const { server, log, said } = boot
  const hint = `read /var/log/cloud-init-output.log on ${server}; correct it, mlops destroy ${server}, and provision again`
  const scriptFailed = /scripts-user/.test(said)
  const words = lastWords(log, 12).map(line => `\n  | ${line}`)
  const failing = scriptFailed ? failingCommands(commands(boot), log, true) : []
  if (failing.length === 0) {
    const what = scriptFailed
      ? 'a script of the user data ended with an error'
      : `cloud-init failed: ${firstError(said)}`
    return [new MlopsError('server.cloud-init', `${server}: ${what}${words.join('')}`, { hint })]
  }
  return failing.map(({ command, said: reason }, i) => {
    const isLast = i === failing.length - 1
    const what = reason === undefined ? 'ended with an error' : `failed: ${reason}`
    return new MlopsError(
      'server.runcmd',
      `${server}: the command \`${command.text}\` of runcmd ${what}${isLast ? words.join('') : ''}`,
      { at: command.at, hint: isLast ? hint : undefined },
    )
  })
}

/** Commands that could not be run although cloud-init, which heeds the last one only, is content. */
export function commandWarnings(boot: Boot): string[] {
  return failingCommands(commands(boot), boot.log, false).map(({ command, said }) => {
    const { file, line, column } = command.at
    return `${file}:${line}:${column}: the command \`${command.text}\` of runcmd failed: ${said}`
  })
}

function commands({ userDataFile: file }: Boot): Commands {
  const none = commandsOf(undefined)
  if (file === undefined) return none
  const name = shownPath(file)
  try {
    const found = cloudConfigs(unpacked(readFileSync(file)), name)
    // of several parts and of templates, only the server knows what became of them
    const [config, second] = found
    if (config === undefined || second || config.isTemplate) return none
    const { root } = configDocument(config, name)
    return commandsOf(root.kind === 'map' ? root.get('runcmd') : undefined)
  } catch (error) {
    if (error instanceof MlopsError || (error instanceof Error && 'code' in error)) return none
    throw error
  }
}

function firstError(said: string): string {
  try {
    const { errors } = JSON.parse(said)
    if (Array.isArray(errors) && typeof errors[0] === 'string') return errors[0]
  } catch {
    // an older cloud-init says it in words
  }
  return said.trim().replace(/\s*\n\s*/g, '; ') || 'it says nothing of why'
}
