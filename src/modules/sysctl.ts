import type { ArgsOf, ArgTable } from '../schema/arguments.ts'
import { type Script, sh } from '../shell/sh.ts'
import { defineState } from './module.ts'
import { changeEdited, diffEdited, type Edit, linesOf, openText, wantEdited } from './parts/edited-file.ts'
import { absentFile, type FileState } from './parts/file-look.ts'
import { andThen, lookBeside, readBeside } from './parts/look-beside.ts'

const table = {
  name: { type: 'str', required: true, aliases: ['key'], doc: 'The setting, such as `vm.swappiness`.' },
  value: { type: 'str', aliases: ['val'], doc: 'Its value.' },
  state: { type: 'str', choices: ['present', 'absent'], default: 'present', doc: 'Whether it stands in the file.' },
  sysctl_file: { type: 'path', default: '/etc/sysctl.conf', doc: 'The file.' },
  sysctl_set: { type: 'bool', default: false, doc: 'Sets the running kernel, too.' },
  reload: { type: 'bool', default: true, doc: 'Loads the file after a change.' },
  ignoreerrors: { type: 'bool', default: false, doc: 'Settings that the kernel does not know are no failure.' },
} as const satisfies ArgTable

type Args = ArgsOf<typeof table>

/** The file, and what the kernel runs with: undefined when that is not asked for. */
type Setting = FileState & { readonly running?: string | undefined }

export const sysctl = defineState({
  summary: 'Keeps a setting of the kernel in a file, and in force.',
  args: table,
  check: ({ name, value, state }) => [
    ...(name !== undefined && /^\s*$/.test(name) ? ['`name` is empty'] : []),
    ...(name !== undefined && /[\n=]/.test(name) ? ['`name` holds no `=` and no line break'] : []),
    ...(state === 'present' && value === undefined ? ['`value` is needed with `state: present`'] : []),
    ...(state === 'present' && value?.trim() === '' ? ['`value` is empty'] : []),
    ...(value?.trim().includes('\n') ? ['`value` holds no line break'] : []),
  ],
  examples: `
- sysctl: name=net.ipv4.ip_forward value=1 sysctl_set=yes
- ansible.posix.sysctl:
    name: vm.swappiness
    value: "10"
    sysctl_file: /etc/sysctl.d/90-swap.conf
- sysctl: { name: kernel.panic, state: absent, reload: false }
`,
  look: args => lookBeside(args.sysctl_file, args.sysctl_set ? sh`sysctl -n -- ${args.name} 2>/dev/null` : sh`:`),
  read(output, args): Setting {
    const { file, beside } = readBeside(output)
    return { ...file, running: args.sysctl_set ? plain(beside) : undefined }
  },
  want(args, state): Partial<Setting> {
    const unknown = args.ignoreerrors && (state?.running ?? '') === ''
    return {
      ...wantEdited(filed(args), state ?? absentFile, edit(args, state)),
      ...(args.sysctl_set && args.state === 'present' && !unknown ? { running: plain(wantedValue(args)) } : {}),
    }
  },
  change(args, { from = unseen, to = {} }) {
    const { running, ...file } = to
    const done = edit(args, from)
    const writes = done.text !== undefined && file.sha1 !== from.sha1
    const change = writes ? changeEdited(filed(args), from, file, done) : {}
    const setting = `${args.name}=${wantedValue(args)}`
    const commands: Script[] = []
    if (running !== undefined && running !== from.running) {
      commands.push(
        sh`said=$(sysctl ${args.ignoreerrors ? ['-e'] : []} -w -- ${setting} 2>&1) || { printf 'setting %s failed: %s\n' ${args.name} "$said" >&2; exit 1; }`,
      )
    }
    if (args.reload && writes) {
      commands.push(
        sh`said=$(sysctl ${args.ignoreerrors ? ['-e'] : []} -p ${from.path || args.sysctl_file} 2>&1) || { printf 'Failed to reload sysctl: %s\n' "$said" >&2; exit 1; }`,
      )
    }
    return { ...change, script: commands.reduce((before, next) => andThen(before, next), change.script ?? sh`:`) }
  },
  diff: (args, { from, to }) => diffEdited(from ?? absentFile, withoutRunning(to ?? {}), edit(args, from)),
  returns: ({ name, value, state, sysctl_file }, { changed }) => ({ changed, name, value, state, sysctl_file }),
})

const unseen: Setting = absentFile

function filed(args: Args) {
  return { path: args.sysctl_file, backup: false, unsafe_writes: false }
}

function withoutRunning({ running: _, ...file }: Partial<Setting>): Partial<FileState> {
  return file
}

/** Words of truth become numbers, as in Ansible. */
function wantedValue({ value = '' }: Args): string {
  const text = value.trim()
  if (/^(y|yes|on|true|t)$/i.test(text)) return '1'
  if (/^(n|no|off|false|f)$/i.test(text)) return '0'
  return text
}

function plain(text: string): string {
  return text.trim().split(/\s+/).join(' ')
}

/** The last line of the setting counts; the others go. */
function edit(args: Args, from: FileState = absentFile): Edit {
  const file = openText(from)
  if (file.text === undefined && args.state === 'absent') return { text: undefined, msg: '' }
  const lines = linesOf(file.text)
  const name = args.name.trim()
  const own = lines.filter(line => nameIn(line) === name)
  const [, is] = own.at(-1)?.split(/=(.*)/s) ?? []
  if (args.state === 'present' && is !== undefined && plain(is) === plain(wantedValue(args))) {
    return { text: file.text, msg: '' }
  }
  const first = lines.findIndex(line => nameIn(line) === name)
  const kept = lines.filter(line => nameIn(line) !== name)
  if (args.state === 'present') {
    kept.splice(first === -1 ? kept.length : first, 0, `${name}=${file.own(wantedValue(args))}\n`)
  }
  return { text: kept.map(line => (line.endsWith('\n') ? line : `${line}\n`)).join(''), msg: '' }
}

function nameIn(line: string): string | undefined {
  if (/^\s*([#;]|$)/.test(line) || !line.includes('=')) return undefined
  return line.slice(0, line.indexOf('=')).trim()
}
