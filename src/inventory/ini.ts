import type { Position } from '../errors.ts'
import { didYouMean } from '../near.ts'
import type { Draft, DraftGroup } from './draft.ts'
import { expandHosts } from './host-pattern.ts'
import { literal } from './literal.ts'
import { type Word, words } from './words.ts'

type Kind = 'hosts' | 'vars' | 'children'

interface Section {
  readonly kind: Kind
  readonly group: DraftGroup
}

/** Reads an inventory in Ansible's INI format into the draft; what is wrong goes to the draft's errors. */
export function readIni(text: string, file: string, draft: Draft): void {
  const before = draft.errors.length
  new IniReader(text, file, draft).read()
  const errors = draft.errors.splice(before)
  draft.errors.push(...errors.sort((a, b) => (a.at?.line ?? 0) - (b.at?.line ?? 0)))
}

class IniReader {
  private readonly lines: readonly string[]
  private readonly file: string
  private readonly draft: Draft
  /** Groups that a `[name]` or `[name:children]` line of this or an earlier source makes. */
  private readonly declared: Set<string>
  private readonly pendingVars: { name: string; at: Position }[] = []
  private readonly pendingChildren: { parent: DraftGroup; name: string; at: Position }[] = []
  private section: Section | undefined

  constructor(text: string, file: string, draft: Draft) {
    this.lines = text.replace(/^\uFEFF/, '').split('\n')
    this.file = file
    this.draft = draft
    this.declared = new Set(draft.groups.keys())
    this.section = { kind: 'hosts', group: draft.group('ungrouped') }
  }

  read(): void {
    this.lines.forEach((raw, i) => {
      const line = raw.trim()
      if (line === '' || line.startsWith('#') || line.startsWith(';')) return
      if (line.startsWith('[') && this.isHeader(line)) this.readHeader(raw, i)
      // Below a header that is wrong, lines cannot be judged.
      else if (this.section) this.readEntry(this.section, raw, i)
    })
    this.settleChildren()
    this.settleVars()
  }

  /** A line such as `[1:3].example.com` is a host. */
  private isHeader(line: string): boolean {
    return /^\[[^\]]*\]\s*([#;].*)?$/.test(line) || !line.includes(']')
  }

  private readHeader(raw: string, i: number): void {
    const start = raw.indexOf('[')
    const match = /^\s*\[\s*([^:\][\s]+)(?::(\w*))?\s*\]/.exec(raw)
    this.section = undefined
    if (!match) {
      const at = this.position(i, start, raw.trimEnd().length)
      this.draft.error('syntax', 'this is not a section: [group], [group:vars] or [group:children]', at)
      return
    }
    const [, name = '', suffix] = match
    const nameStart = raw.indexOf(name, start)
    const kind = suffix ?? 'hosts'
    if (kind !== 'hosts' && kind !== 'vars' && kind !== 'children') {
      const suffixStart = nameStart + name.length + 1
      const at = this.position(i, suffixStart, suffixStart + Math.max(1, kind.length))
      const hint =
        didYouMean(kind, ['vars', 'children', 'hosts']) ?? 'a section is [group], [group:vars] or [group:children]'
      this.draft.error('syntax', `there is no kind of section \`${kind}\``, at, hint)
      return
    }
    if (kind === 'vars') this.pendingVars.push({ name, at: this.position(i, nameStart, nameStart + name.length) })
    else this.declared.add(name)
    this.section = { kind, group: this.draft.group(name) }
  }

  private readEntry(section: Section, raw: string, i: number): void {
    switch (section.kind) {
      case 'hosts':
        this.readHost(section.group, raw, i)
        break
      case 'vars':
        this.readVariable(section.group, raw, i)
        break
      case 'children':
        this.readChild(section.group, raw, i)
        break
      default:
        section.kind satisfies never
    }
  }

  private readHost(group: DraftGroup, raw: string, i: number): void {
    const split = words(raw)
    if ('unclosed' in split) {
      this.draft.error('syntax', 'this quote is never closed', this.position(i, split.unclosed, split.unclosed + 1))
      return
    }
    const [first, ...assignments] = split.words
    if (!first) return
    if (first.text === '---') {
      const hint = 'an inventory in YAML needs a file name that ends in .yml or .yaml'
      this.draft.error('syntax', '`---` is not a host', this.position(i, first.start, first.end), hint)
      return
    }
    const hosts = expandHosts(first.text)
    if ('problem' in hosts) {
      this.draft.error('syntax', hosts.problem, this.position(i, first.start, first.end))
      return
    }
    const settings = this.readAssignments(assignments, i)
    for (const name of hosts.names) {
      const host = this.draft.host(name, group, this.file)
      if (hosts.port !== undefined) {
        host.settings.set('ansible_port', { value: hosts.port, at: () => this.position(i, first.start, first.end) })
      }
      for (const [key, setting] of settings) host.settings.set(key, setting)
    }
  }

  private readAssignments(assignments: readonly Word[], i: number): [string, { value: unknown; at: () => Position }][] {
    const settings: [string, { value: unknown; at: () => Position }][] = []
    for (const word of assignments) {
      const equals = word.text.indexOf('=')
      if (equals < 1) {
        const hint = 'a value with blanks needs quotes: key="a b"'
        const at = this.position(i, word.start, word.end)
        this.draft.error('syntax', `after a host come \`key=value\` pairs, not \`${word.text}\``, at, hint)
        continue
      }
      const key = word.text.slice(0, equals)
      const at = () => this.position(i, word.start, word.start + key.length)
      settings.push([key, { value: literal(word.text.slice(equals + 1)), at }])
    }
    return settings
  }

  private readVariable(group: DraftGroup, raw: string, i: number): void {
    const line = raw.trim()
    const start = raw.indexOf(line)
    const equals = line.indexOf('=')
    const key = line.slice(0, Math.max(0, equals)).trimEnd()
    if (key === '') {
      const at = this.position(i, start, start + line.length)
      this.draft.error('syntax', `in [${group.name}:vars] stand \`key=value\` lines`, at)
      return
    }
    group.settings.set(key, {
      value: literal(line.slice(equals + 1).trim()),
      at: () => this.position(i, start, start + key.length),
    })
  }

  private readChild(parent: DraftGroup, raw: string, i: number): void {
    const match = /^\s*([^\s#;]+)\s*([#;].*)?$/.exec(raw)
    const name = match?.[1]
    if (name === undefined) {
      const start = raw.length - raw.trimStart().length
      const at = this.position(i, start, raw.trimEnd().length)
      this.draft.error('syntax', `in [${parent.name}:children] stands one group a line`, at)
      return
    }
    const start = raw.indexOf(name)
    this.pendingChildren.push({ parent, name, at: this.position(i, start, start + name.length) })
  }

  /** Children may be made further down, so they are looked up at the end. */
  private settleChildren(): void {
    for (const { parent, name, at } of this.pendingChildren) {
      if (this.declared.has(name)) this.draft.addChild(parent, this.draft.group(name), at)
      else this.unknownGroup(name, `[${parent.name}:children]`, at)
    }
  }

  private settleVars(): void {
    for (const { name, at } of this.pendingVars) {
      if (!this.declared.has(name)) this.unknownGroup(name, `[${name}:vars]`, at)
    }
  }

  private unknownGroup(name: string, section: string, at: Position): void {
    const hint = didYouMean(name, this.declared) ?? `a group is made by a line [${name}]`
    this.draft.error('unknown-group', `${section} names a group that is not there: \`${name}\``, at, hint)
  }

  private position(i: number, start: number, end: number): Position {
    const text = (this.lines[i] ?? '').replace(/\r$/, '')
    return { file: this.file, line: i + 1, column: start + 1, length: Math.max(1, end - start), text }
  }
}
