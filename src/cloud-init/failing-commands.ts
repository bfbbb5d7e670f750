import type { CommandLine, Commands } from './commands.ts'

/** A command of `runcmd` that failed on a server. */
export interface FailingCommand {
  readonly command: CommandLine
  /** What the shell said of it; undefined: nothing, its status was an error. */
  readonly said: string | undefined
}

/**
 * Which commands failed. cloud-init runs all of them as one script, whose status is that of its last command; in between, what the
 * shell itself could not run it tells with the number of the line.
 */
export function failingCommands({ lines }: Commands, output: string, scriptFailed: boolean): FailingCommand[] {
  const told = [
    ...output.matchAll(/^\/var\/lib\/cloud\/instances?\/(?:[^/]+\/)?scripts\/runcmd: (?:line )?(\d+): (.*)$/gm),
  ]
  const failing = told.flatMap(([, number, said = '']): FailingCommand[] => {
    // the first line of the script is #!/bin/sh
    const command = lines[Number(number) - 2]
    return command === undefined ? [] : [{ command, said }]
  })
  const last = lines.findLast(({ text }) => text.trim() !== '' && !text.trimStart().startsWith('#'))
  const mayEndEarlier = lines.some(({ text }) => /\bexit\b|\bset\s+-\w*e|\berrexit\b|\bexec\b/.test(text))
  const isTold = failing.some(({ command }) => command === last)
  if (scriptFailed && last && !mayEndEarlier && !isTold) failing.push({ command: last, said: undefined })
  return failing
}

/** The part of cloud-init-output.log that is of the last boot: the file goes on from boot to boot. */
export function lastBoot(log: string): string {
  const begin = log.lastIndexOf("running 'init-local'")
  return log.slice(log.lastIndexOf('\n', begin) + 1)
}

/** What programs said at the boot, of the text of cloud-init-output.log: without the lines of cloud-init itself. */
export function outputOfPrograms(log: string): string[] {
  const lines = log.split('\n').map(overwritten)
  return lines.filter(line => line.trim() !== '' && !OWN_LINES.some(pattern => pattern.test(line)))
}

/** What is left of a line that a program has written over, as with a progress in per cent, without colours and control characters. */
function overwritten(line: string): string {
  const last = line.trimEnd().split('\r').at(-1) ?? ''
  return last.replace(/\x1b\[[0-?]*[ -/]*[@-~]/g, '').replace(/[\x00-\x08\x0b-\x1f\x7f-\x9f]/g, '')
}

const OWN_LINES = [
  /^Cloud-init v\. /,
  /^ci-info: /,
  /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d+ - \S+\[[A-Z]+\]: /,
  /^<\d+>[A-Z][a-z]{2} [ \d]\d [\d:]+ cloud-init: /,
  /^-----(?:BEGIN|END) SSH HOST KEY/,
  /^(?:ssh|ecdsa)-[\w-]+ AAAA/,
]

/** The last lines that programs printed before cloud-init told of the failing scripts. */
export function lastWords(log: string, count: number): string[] {
  const end = log.search(/^.*cc_scripts_user\.py\[WARNING\]/m)
  return outputOfPrograms(end === -1 ? log : log.slice(0, end)).slice(-count)
}
