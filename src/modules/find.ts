import type { ScriptResult } from '../connection/connection.ts'
import type { ArgsOf, ArgTable } from '../schema/arguments.ts'
import { section, sections } from '../shell/sections.ts'
import { lines, type Script, script, sh } from '../shell/sh.ts'
import { expandingWord } from '../shell/words.ts'
import { defineAction, ModuleFailure, type Result } from './module.ts'
import { parseStat, statFormat } from './parts/attributes.ts'
import { contentFunction, decoded } from './parts/file-look.ts'
import { globPattern } from './parts/glob-pattern.ts'
import { pythonRegex, search } from './parts/python-regex.ts'
import { bitKeys, kindKeys } from './parts/stat-facts.ts'

const table = {
  paths: { type: 'list', elements: 'str', required: true, aliases: ['name', 'path'], doc: 'Folders to look in.' },
  patterns: {
    type: 'list',
    elements: 'str',
    default: [],
    aliases: ['pattern'],
    doc: 'Shell patterns, or regular expressions with `use_regex`, for the name without its folder.',
  },
  excludes: { type: 'list', elements: 'str', aliases: ['exclude'], doc: 'Patterns of names to leave out.' },
  contains: { type: 'str', doc: 'A regular expression that a line of the file begins with.' },
  read_whole_file: { type: 'bool', default: false, doc: '`contains` is searched in the whole text.' },
  file_type: {
    type: 'str',
    default: 'file',
    choices: ['any', 'directory', 'file', 'link'],
    doc: 'What to look for.',
  },
  age: { type: 'str', doc: 'Least age, such as `4d` or `90m`; with a minus, the greatest.' },
  age_stamp: { type: 'str', default: 'mtime', choices: ['atime', 'ctime', 'mtime'], doc: 'The time that `age` means.' },
  size: { type: 'str', doc: 'Least size, such as `10m`; with a minus, the greatest.' },
  recurse: { type: 'bool', default: false, doc: 'Looks into the folders below.' },
  hidden: { type: 'bool', default: false, doc: 'Finds names with a leading dot, too.' },
  follow: { type: 'bool', default: false, doc: 'Enters folders behind links.' },
  get_checksum: { type: 'bool', default: false, doc: 'Reads the SHA-1 of each file.' },
  checksum_algorithm: {
    type: 'str',
    default: 'sha1',
    choices: ['md5', 'sha1', 'sha224', 'sha256', 'sha384', 'sha512'],
    aliases: ['checksum', 'checksum_algo'],
    doc: 'How the checksum is made.',
  },
  use_regex: { type: 'bool', default: false, doc: '`patterns` and `excludes` are regular expressions.' },
  depth: { type: 'int', doc: 'How many levels of folders are entered, with `recurse`.' },
  limit: { type: 'int', doc: 'Ends after so many matches.' },
  exact_mode: { type: 'bool', default: true, doc: '`mode` is all of the bits, not some of them.' },
  mode: { type: 'raw', doc: 'Permission bits to look for.', unsupported: 'files are not chosen by their mode yet' },
  encoding: { type: 'str', doc: 'The encoding of the files.', ignored: 'text is read as UTF-8' },
} as const satisfies ArgTable

type Args = ArgsOf<typeof table>

/** Larger files are not searched through. */
const SEARCHED_BYTES = 4_000_000

export const find = defineAction({
  summary: 'Finds files by name, age, size or content.',
  args: table,
  check: ({ age, size }) => [
    ...(age === undefined || AGE.test(age.toLowerCase()) ? [] : ['failed to process age']),
    ...(size === undefined || SIZE.test(size.toLowerCase()) ? [] : ['failed to process size']),
  ],
  examples: `
- find:
    paths: /var/log
    patterns: ['*.gz', '*.old']
    age: 4w
    recurse: true
  register: old
- file: { path: "{{ item.path }}", state: absent }
  loop: "{{ old.files }}"
- ansible.builtin.find: paths=/etc contains='^PermitRootLogin' file_type=file hidden=yes
`,
  returnDocs: {
    files: 'What was found: `path`, `mode`, `size`, `mtime` and the other keys of `stat`.',
    matched: 'How many.',
    examined: 'How many names were looked at.',
    skipped_paths: 'Folders that could not be read → why.',
  },
  readOnly: true,
  act: args => ({
    script: lines(
      sh`LC_ALL=C; export LC_ALL`,
      args.contains !== undefined && contentFunction,
      section('now'),
      sh`date +%s`,
      ...args.paths.map((path, i) => lookIn(path, i, args)),
    ),
  }),
  read: readFound,
})

const AGE = /^(-?\d+)([smhdw])?$/
const SIZE = /^(-?\d+)([bkmgt])?$/
const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 }
const BYTES: Readonly<Record<string, number>> = { b: 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30, t: 2 ** 40 }

/** Begins a record: names may hold anything that a line may, and line breaks. */
const RECORD = '\x1f'

function lookIn(path: string, number: number, args: Args): Script {
  const depth = args.recurse ? args.depth : 1
  const below = sh`find ${args.follow ? ['-L'] : []} "$p" -mindepth 1 ${depth ? ['-maxdepth', String(depth)] : []}`
  const type =
    args.follow || args.file_type === 'any' ? [] : ['-type', { directory: 'd', file: 'f', link: 'l' }[args.file_type]]
  const visible = args.hidden ? [] : ['!', '-name', '.*']
  const each = lines(
    sh`for f do
  stat -c ${`${RECORD}${statFormat}|%d|%i|%h|%X|%Y|%Z|%x|%y|%z|%n`} -- "$f" || continue`,
    args.get_checksum &&
      sh`  if [ -f "$f" ] && ! [ -L "$f" ]; then printf ${`${RECORD}s`}; ${script(`${args.checksum_algorithm}sum`)} <"$f"; fi`,
    args.contains !== undefined &&
      sh`  if [ -f "$f" ] && [ -r "$f" ] && ! [ -L "$f" ]; then
    printf ${`${RECORD}c`}
    if [ "$(wc -c <"$f")" -gt ${SEARCHED_BYTES} ]; then echo large; else content "$f"; fi
  fi`,
    sh`done`,
  )
  const whole = args.contains === undefined ? each : lines(contentFunction, each)
  return lines(
    sh`p=${expandingWord(path)}`,
    section(`path ${number}`),
    sh`printf '%s' "$p"`,
    section(`found ${number}`),
    sh`if [ -d "$p" ]; then ${below} ${names(args)} ${type} ${visible} -exec sh -c ${whole.text} sh {} +; fi`,
    section(`wrong ${number}`),
    sh`[ -d "$p" ] || printf "'%s' is not a directory" "$p"`,
    section('examined'),
    sh`[ ! -d "$p" ] || ${below} -print0 2>/dev/null | tr -cd '\0' | wc -c`,
  )
}

/** Sorts out on the host what the patterns cannot mean; the exact answer is given here. */
function names({ patterns, use_regex, hidden }: Args): readonly string[] {
  // BusyBox lets no pattern match a leading dot
  if (use_regex || hidden || patterns.length === 0) return []
  const choice = patterns.flatMap(pattern => ['-o', '-name', pattern.replaceAll('\\', '\\\\')])
  return ['(', ...choice.slice(1), ')']
}

interface Found {
  readonly facts: Result
  readonly name: string
  readonly raw: number
  content?: Buffer | 'large' | undefined
}

function readFound({ stdout, stderr, status }: ScriptResult, args: Args): Result {
  const parts = sections(stdout)
  if (!parts.has('examined')) throw new ModuleFailure(stderr.trim() || `find ended with status ${status}`)
  const now = Number(parts.get('now'))
  const skipped: Record<string, string> = {}
  const files: Result[] = []
  for (const i of args.paths.keys()) {
    const wrong = parts.get(`wrong ${i}`)
    if (wrong) skipped[parts.get(`path ${i}`) ?? ''] = wrong
    for (const found of records(parts.get(`found ${i}`) ?? '')) {
      if (args.limit !== undefined && files.length >= args.limit) break
      if (isMeant(found, args, now)) files.push(found.facts)
    }
  }
  const examined = (parts.get('examined') ?? '').split('\n').reduce((sum, count) => sum + Number(count), 0)
  return {
    changed: false,
    msg: Object.keys(skipped).length > 0 ? 'Not all paths examined, check warnings for details' : 'All paths examined',
    files,
    matched: files.length,
    examined,
    skipped_paths: skipped,
  }
}

function records(text: string): Found[] {
  const found: Found[] = []
  for (const record of text.split(RECORD).slice(1)) {
    const last = found.at(-1)
    if (record.startsWith('s') && last) last.facts['checksum'] = record.slice(1).split(' ')[0]
    else if (record.startsWith('c') && last) {
      const answer = record.slice(1).trim()
      last.content = answer === 'large' ? answer : decoded(answer)
    } else {
      const file = readRecord(record.replace(/\n$/, ''))
      if (file) found.push(file)
    }
  }
  return found
}

function readRecord(record: string): Found | undefined {
  const [line = '', dev, inode, nlink, atime, mtime, ctime, atimeText, mtimeText, ctimeText, ...rest] =
    record.split('|')
  const stat = parseStat(line)
  if (stat === undefined) return undefined
  const raw = Number.parseInt(line, 16)
  // As Python's normpath: a path given with a slash at its end does not double it.
  const path = rest.join('|').replace(/(?!^)\/+/g, '/')
  const time = (whole = '0', human = '') => Number(`${whole}${/\.\d+/.exec(human)?.[0] ?? ''}`)
  return {
    name: path.slice(path.lastIndexOf('/') + 1),
    raw,
    facts: {
      path,
      mode: stat.mode,
      ...kindKeys(raw),
      uid: stat.uid,
      gid: stat.gid,
      size: stat.size,
      inode: Number(inode),
      dev: Number(dev),
      nlink: Number(nlink),
      atime: time(atime, atimeText),
      mtime: time(mtime, mtimeText),
      ctime: time(ctime, ctimeText),
      gr_name: known(stat.group),
      pw_name: known(stat.owner),
      ...bitKeys(raw & 0o7777),
    },
  }
}

function known(name: string): string {
  return /^(UNKNOWN|\d*)$/.test(name) ? '' : name
}

function isMeant({ facts, name, raw, content }: Found, args: Args, now: number): boolean {
  const type = raw & 0o170000
  const wanted = { directory: 0o040000, file: 0o100000, link: 0o120000, any: type }[args.file_type]
  if (type !== wanted || (!args.hidden && name.startsWith('.')) || !isNamed(name, args)) return false
  if (args.age !== undefined) {
    const age = amount(args.age, AGE, SECONDS)
    const is = now - Number(facts[args.age_stamp])
    if (age >= 0 && !args.age.startsWith('-') ? is < age : is > Math.abs(age)) return false
  }
  if (args.size !== undefined && type === 0o100000) {
    const size = amount(args.size, SIZE, BYTES)
    const is = Number(facts['size'])
    if (size >= 0 && !args.size.startsWith('-') ? is < size : is > Math.abs(size)) return false
  }
  if (args.contains === undefined || args.file_type !== 'file') return true
  if (content === 'large') {
    throw new ModuleFailure(`${String(facts['path'])} is too large to search in: use grep for files over 4 MB`)
  }
  return content !== undefined && holds(content.toString(), args.contains, args.read_whole_file)
}

function isNamed(name: string, { patterns, excludes = [], use_regex }: Args): boolean {
  const fits = (pattern: string) => (use_regex ? begins(name, pattern) : globPattern(pattern).test(name))
  if (patterns.length > 0 && !patterns.some(fits)) return false
  return !excludes.some(fits)
}

function holds(text: string, pattern: string, whole: boolean): boolean {
  if (whole) return search(pythonRegex(pattern), text) !== undefined
  return text.split(/(?<=\n)/).some(line => begins(line, pattern))
}

/** Python's `match`: the expression is found at the very beginning. */
function begins(text: string, pattern: string): boolean {
  return search(pythonRegex(`\\A(?:${pattern})`), text) !== undefined
}

function amount(text: string, form: RegExp, units: Readonly<Record<string, number>>): number {
  const [, number, unit = ''] = form.exec(text.toLowerCase()) ?? []
  return Number(number) * (units[unit] ?? 1)
}
