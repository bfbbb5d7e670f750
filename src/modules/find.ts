import type { ScriptResult } from '../connection/connection.ts'
import { section, sections } from '../shell/sections.ts'
import { lines, sh } from '../shell/sh.ts'
import { defineAction, ModuleFailure, type Result } from './module.ts'
import { parseStat } from './parts/attributes.ts'
import { contentFunction, decoded } from './parts/file-look.ts'
import { type FindArgs, findArgs } from './parts/find-args.ts'
import { lookIn, RECORD } from './parts/find-look.ts'
import { AGE, type Found, isMeant, SIZE } from './parts/find-match.ts'
import { bitKeys, kindKeys } from './parts/stat-facts.ts'

export const find = defineAction({
  summary: 'Finds files by name, age, size or content.',
  args: findArgs,
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

function readFound({ stdout, stderr, status }: ScriptResult, args: FindArgs): Result {
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
