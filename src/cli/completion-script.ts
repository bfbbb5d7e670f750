import type { Command, Option } from 'commander'

interface Completed {
  readonly name: string
  readonly summary: string
  readonly options: readonly Option[]
  /** Words that may follow: subcommands, choices. */
  readonly words: readonly string[]
}

/** The completion script of a shell, made from the commands as they are. */
export function completionScript(shell: string, program: Command): string {
  const commands = program.commands.map(completed)
  if (shell === 'fish') return fish(commands)
  return shell === 'zsh'
    ? `#compdef mlops\nautoload -U +X bashcompinit && bashcompinit\n${bash(commands)}`
    : bash(commands)
}

function completed(command: Command): Completed {
  const choices = command.registeredArguments.flatMap(argument => argument.argChoices ?? [])
  return {
    name: command.name(),
    summary: command.summary(),
    options: [...command.options, ...command.commands.flatMap(each => each.options)],
    words: [...command.commands.map(each => each.name()), ...choices],
  }
}

/** Options are offered after a dash; files where nothing else is known. */
function bash(commands: readonly Completed[]): string {
  const cases = commands.map(({ name, options, words }) => {
    const flags = [...new Set(options.flatMap(flagsOf))].join(' ')
    return `    ${name}) flags='${flags} --help'; words='${words.join(' ')}' ;;`
  })
  return `_mlops() {
  local current="\${COMP_WORDS[COMP_CWORD]}" flags= words=
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W '${commands.map(({ name }) => name).join(' ')} --help --version' -- "$current"))
    return
  fi
  case "\${COMP_WORDS[1]}" in
${cases.join('\n')}
  esac
  case "$current" in
    -*) COMPREPLY=($(compgen -W "$flags" -- "$current")) ;;
    *)
      if [ -n "$words" ] && [ "$COMP_CWORD" -eq 2 ]; then
        COMPREPLY=($(compgen -W "$words" -- "$current"))
      else
        COMPREPLY=($(compgen -f -- "$current"))
      fi ;;
  esac
}
complete -o filenames -F _mlops mlops
`
}

function fish(commands: readonly Completed[]): string {
  const lines = commands.flatMap(({ name, summary, options, words }) => [
    `complete -c mlops -n __fish_use_subcommand -f -a ${name} -d ${quoted(summary)}`,
    ...words.map(word => `complete -c mlops -n '__fish_seen_subcommand_from ${name}' -a ${word}`),
    ...unique(options).map(
      option =>
        `complete -c mlops -n '__fish_seen_subcommand_from ${name}'${option.long ? ` -l ${option.long.slice(2)}` : ''}${option.short ? shortFlag(option.short) : ''}${option.required ? ' -r' : ''} -d ${quoted(option.description)}`,
    ),
  ])
  return `${lines.join('\n')}\n`
}

function shortFlag(short: string): string {
  return short.startsWith('--') ? ` -l ${short.slice(2)}` : ` -s ${short.slice(1)}`
}

function unique(options: readonly Option[]): Option[] {
  return [...new Map(options.map(option => [option.flags, option])).values()]
}

function flagsOf({ short, long }: Option): string[] {
  return [short, long].filter(flag => flag !== undefined)
}

function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
}
