import type { Command, Option } from 'commander'

interface Completed {
  /** The names of the command and of those around it: `argocd app sync`; empty: mlops itself. */
  readonly path: string
  readonly options: readonly Option[]
  /** What may follow: subcommands, choices. */
  readonly words: readonly { readonly name: string; readonly summary: string }[]
}

/** The completion script of a shell, made from the commands as they are. */
export function completionScript(shell: string, program: Command): string {
  const commands = completed(program, '')
  if (shell === 'fish') return fish(commands)
  return shell === 'zsh'
    ? `#compdef mlops\nautoload -U +X bashcompinit && bashcompinit\n${bash(commands)}`
    : bash(commands)
}

/** A command, and those below it. */
function completed(command: Command, path: string): Completed[] {
  const choices = command.registeredArguments.flatMap(argument => argument.argChoices ?? [])
  const words = [
    ...command.commands.map(each => ({ name: each.name(), summary: each.summary() })),
    ...choices.map(name => ({ name, summary: '' })),
  ]
  const below = command.commands.flatMap(each => completed(each, `${path} ${each.name()}`.trim()))
  return [{ path, options: command.options, words }, ...below]
}

/** Options are offered after a dash; files where nothing else is known. */
function bash(commands: readonly Completed[]): string {
  const paths = commands.filter(({ path }) => path !== '').map(({ path }) => `'${path}'`)
  const cases = commands.map(({ path, options, words }) => {
    const flags = [...new Set(options.flatMap(flagsOf)), '--help'].join(' ')
    return `    '${path}') flags='${flags}'; words='${words.map(({ name }) => name).join(' ')}' ;;`
  })
  return `_mlops() {
  local current="\${COMP_WORDS[COMP_CWORD]}" path= last=0 flags= words= i
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "\${path:+$path }\${COMP_WORDS[i]}" in
      ${paths.join('|')}) path="\${path:+$path }\${COMP_WORDS[i]}" last=$i ;;
    esac
  done
  case "$path" in
${cases.join('\n')}
  esac
  case "$current" in
    -*) COMPREPLY=($(compgen -W "$flags" -- "$current")) ;;
    *)
      if [ -n "$words" ] && [ "$COMP_CWORD" -eq $((last + 1)) ]; then
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
  const paths = commands.filter(({ path }) => path !== '').map(({ path }) => `'${path}'`)
  const lines = commands.flatMap(({ path, options, words }) => {
    const at = `complete -c mlops -n '__mlops_at${path === '' ? '' : ` ${path}`}'`
    return [
      ...words.map(({ name, summary }) => `${at} -f -a ${name}${summary === '' ? '' : ` -d ${quoted(summary)}`}`),
      ...options.map(
        option =>
          `${at}${option.long ? ` -l ${option.long.slice(2)}` : ''}${option.short ? shortFlag(option.short) : ''}${option.required ? ' -r' : ''} -d ${quoted(option.description)}`,
      ),
    ]
  })
  return `function __mlops_at
  set -l path
  for word in (commandline -opc)[2..-1]
    if contains -- (string join ' ' -- $path $word) ${paths.join(' ')}
      set path $path $word
    end
  end
  test "$path" = "$argv"
end
${lines.join('\n')}
`
}

function shortFlag(short: string): string {
  return short.startsWith('--') ? ` -l ${short.slice(2)}` : ` -s ${short.slice(1)}`
}

function flagsOf({ short, long }: Option): string[] {
  return [short, long].filter(flag => flag !== undefined)
}

function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
}
