import type { Position } from '../errors.ts'
import type { ScalarNode, SourceNode } from '../source/node.ts'

/** One line of the script that cloud-init makes of a list of commands, and where it is written. */
export interface CommandLine {
  readonly text: string
  readonly at: Position
}

/** The commands of `runcmd` or `bootcmd`. */
export interface Commands {
  /** The script as cloud-init writes it (util.shellify), so that both have the same digest. */
  readonly script: string
  /** Its lines behind the first, which is `#!/bin/sh`. */
  readonly lines: readonly CommandLine[]
}

/** What cloud-init makes of a list of commands: a text is a line of shell, a list the words of one. */
export function commandsOf(node: SourceNode | undefined): Commands {
  const items = node?.kind === 'seq' ? node.items : []
  const lines = items.flatMap(linesOf)
  return { script: ['#!/bin/sh', ...lines.map(({ text }) => text), ''].join('\n'), lines }
}

function linesOf(item: SourceNode): CommandLine[] {
  if (item.kind === 'seq') return [{ text: item.items.map(word).join(' '), at: item.at }]
  if (item.kind !== 'scalar' || typeof item.value !== 'string') return []
  const { value } = item
  let offset = 0
  return value.split('\n').map(text => {
    const at = item.locate(offset, Math.max(1, text.length))
    offset += text.length + 1
    return { text, at: text.trim() === '' ? item.at : at }
  })
}

/** Each word in single quotes, as Python prints it. */
function word(node: SourceNode): string {
  const text = node.kind === 'scalar' ? python(node) : ''
  return `'${text.replaceAll("'", "'\\''")}'`
}

function python({ value, sourceText }: ScalarNode): string {
  if (typeof value === 'string') return value
  if (typeof value === 'boolean') return value ? 'True' : 'False'
  return value === null ? 'None' : sourceText
}
