import { createHash, createHmac } from 'node:crypto'
import type { ArgsOf, ArgTable } from '../schema/arguments.ts'
import { sh } from '../shell/sh.ts'
import { defineState } from './module.ts'
import { changeEdited, diffEdited, type Edit, linesOf, openText, wantEdited } from './parts/edited-file.ts'
import { absentFile, ancestor, type FileState, lookAtFile, readFile } from './parts/file-look.ts'
import { andThen } from './parts/look-beside.ts'
import { pathResult } from './parts/placed-file.ts'

const table = {
  name: { type: 'str', required: true, aliases: ['host'], doc: 'The host, or `[host]:port`.' },
  key: { type: 'str', doc: 'Its key, as a line of the file. Needed unless it is to go.' },
  path: { type: 'path', default: '~/.ssh/known_hosts', doc: 'The file.' },
  hash_host: { type: 'bool', default: false, doc: 'Writes the name as a digest.' },
  state: { type: 'str', choices: ['absent', 'present'], default: 'present', doc: 'Whether the key is there.' },
} as const satisfies ArgTable

type Args = ArgsOf<typeof table>

export const knownHosts = defineState({
  summary: 'Keeps the key of a host in a file of known hosts.',
  args: table,
  check({ name, key, state }) {
    const words = key === undefined ? [] : keyWords(key)
    return [
      ...(state === 'present' && key === undefined ? ['No key specified when adding a host'] : []),
      ...(key !== undefined && (key.trim().includes('\n') || words.length < 3)
        ? ['`key` is one line: the host, the type, and the key']
        : []),
      ...(name !== undefined && /[\s,]/.test(name) ? ['`name` is one name'] : []),
      ...(name !== undefined && words.length >= 3 && !names(words[0] ?? '', name)
        ? ['Host parameter does not match hashed host field in supplied key']
        : []),
    ]
  },
  examples: `
- known_hosts:
    name: git.example.org
    key: git.example.org ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ5cyvGK5UE4rRJc8bSBrXdRWYLAqyFLqyYBTtqTZDUk
- ansible.builtin.known_hosts: { path: /etc/ssh/ssh_known_hosts, name: old.example.org, state: absent }
`,
  look: ({ path }) => lookAtFile(path, { follow: true, content: true }),
  read: output => readFile(output, { follow: true, content: true }),
  want: (args, state) => wantEdited(filed(args), state ?? absentFile, edit(args, state)),
  change(args, { from = absentFile, to = {} }) {
    const { script, ...rest } = changeEdited(filed(args), from, to, edit(args, from))
    if (from.missingParents === 0 || script === undefined) return { script: script ?? sh`:`, ...rest }
    // Folders on the way are for their owner alone, as ssh wants it
    const folders = Array.from({ length: from.missingParents }, (_, i) => ancestor(from.path, from.missingParents - i))
    return { script: andThen(script, sh`chmod 700 -- ${folders}`), ...rest }
  },
  diff: (args, { from, to }) => diffEdited(from ?? absentFile, to ?? {}, edit(args, from)),
  returns: ({ name, key, path, hash_host }, { from = absentFile, to = absentFile, changed }, inputs) => ({
    changed,
    name,
    key: key ?? null,
    path,
    hash_host,
    ...pathResult({ from, to, changed, inputs }),
  }),
})

function filed({ path }: Args) {
  return { path, backup: false, unsafe_writes: false }
}

function edit(args: Args, from: FileState = absentFile): Edit {
  const file = openText(from)
  if (file.text === undefined && args.state === 'absent') return { text: undefined, msg: '' }
  const lines = linesOf(file.text)
  const [, type, key] = keyWords(args.key ?? '')
  const about = (line: string) => {
    const [field = '', is, data] = keyWords(line)
    return { mine: names(field, args.name), type: is, key: data }
  }
  if (args.state === 'absent') {
    const goes = (line: string) => {
      const is = about(line)
      return is.mine && (args.key === undefined || (is.type === type && is.key === key))
    }
    return { text: lines.filter(line => !goes(line)).join(''), msg: '' }
  }
  const same = lines.filter(line => about(line).mine && about(line).type === type)
  const [only] = same
  const asWanted = (line: string) => about(line).key === key && line.startsWith('|1|') === args.hash_host
  if (same.length === 1 && only !== undefined && asWanted(only)) return { text: file.text, msg: '' }
  const kept = lines.filter(line => !same.includes(line)).map(line => (line.endsWith('\n') ? line : `${line}\n`))
  const field = args.hash_host ? hashed(args.name, saltOf(args)) : args.name
  return { text: [...kept, `${field} ${file.own(`${type} ${key}`)}\n`].join(''), msg: '' }
}

/** Host field, type and key; a marker in front (`@revoked`) makes another kind of line. */
function keyWords(line: string): readonly string[] {
  const text = line.trim()
  return text.startsWith('#') || text.startsWith('@') ? [] : text.split(/\s+/)
}

/** Whether a host field means the name: in plain words, or as a digest (sshd(8), known_hosts). */
function names(field: string, name: string): boolean {
  const [, , salt] = field.startsWith('|1|') ? field.split('|').slice(0, 3) : []
  if (salt !== undefined) return hashed(name, Buffer.from(salt, 'base64')) === field
  return field.split(',').includes(name)
}

function hashed(name: string, salt: Buffer): string {
  return `|1|${salt.toString('base64')}|${createHmac('sha1', salt).update(name).digest('base64')}`
}

/** The same for the same entry, so that each look at it finds the same line. */
function saltOf({ name, key = '' }: Args): Buffer {
  return createHash('sha1').update(`${name}\n${key}`).digest()
}
