export interface IniEdit {
  /** Undefined: what stands before the first section. */
  readonly section: string | undefined
  readonly option: string | undefined
  readonly values: readonly string[]
  readonly state: 'present' | 'absent'
  /** Other lines with the same option go. */
  readonly exclusive: boolean
  readonly noExtraSpaces: boolean
  readonly ignoreSpaces: boolean
  readonly allowNoValue: boolean
  /** A line that is commented out is taken for the option. */
  readonly modifyInactive: boolean
}

interface Line {
  text: string
  done: boolean
}

/** Brings an option or a section of an INI text to a state, as Ansible's `ini_file` does: in place, comments kept. */
export function editIni(text: string, edit: IniEdit): { readonly text: string; readonly msg: string } {
  const all = text.split(/(?<=\n)/).filter(Boolean)
  const last = all.pop()
  if (last !== undefined) all.push(last.endsWith('\n') ? last : `${last}\n`)
  const found = sectionOf(all, edit.section)
  if (found === undefined) {
    if (edit.state === 'absent') return { text, msg: 'OK' }
    const option = optionLines(edit)
    const msg = option.length > 0 ? 'section and option added' : 'only section added'
    return { text: [...all, `[${edit.section}]\n`, ...option].join(''), msg }
  }
  const section = all.slice(found.start, found.end).map(line => ({ text: line, done: false }))
  const kept = edit.section === undefined ? 0 : 1
  const msg = edit.state === 'present' ? bring(section, edit, kept) : take(section, edit, kept)
  if (msg === 'OK') return { text, msg }
  const after = section.map(line => line.text)
  return { text: [...all.slice(0, found.start), ...after, ...all.slice(found.end)].join(''), msg }
}

function sectionOf(lines: readonly string[], section: string | undefined): { start: number; end: number } | undefined {
  const start = section === undefined ? 0 : lines.findIndex(line => line.startsWith(`[${section}]`))
  if (start === -1) return undefined
  const from = section === undefined ? 0 : start + 1
  const next = lines.findIndex((line, i) => i >= from && line.startsWith('['))
  return { start, end: next === -1 ? lines.length : next }
}

function optionLines({ option, values, noExtraSpaces, allowNoValue }: IniEdit): string[] {
  if (option === undefined) return []
  if (values.length === 0) return allowNoValue ? [`${option}\n`] : []
  return values.map(value => `${option}${noExtraSpaces ? '=' : ' = '}${value}\n`)
}

/** The value of a line that sets the option; `inactive` when it is commented out. */
function match(option: string, line: string, withInactive: boolean): { value: string; inactive: boolean } | undefined {
  const name = option.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
  const found = new RegExp(`^[ \\t]*(${withInactive ? '[#;]?' : ''})[ \\t]*${name}[ \\t]*(?:=|$)[ \\t]*(.*)`, 's').exec(
    line.replace(/\n$/, ''),
  )
  return found === null ? undefined : { value: found[2] ?? '', inactive: found[1] !== '' }
}

function bring(section: Line[], edit: IniEdit, kept: number): string {
  const { option, exclusive, allowNoValue, modifyInactive } = edit
  if (option === undefined) return 'OK'
  let msg = 'OK'
  const left = [...edit.values]
  let bare = allowNoValue && left.length === 0
  const set = (line: Line, value: string | undefined) => {
    const [text = ''] = optionLines({ ...edit, values: value === undefined ? [] : [value] })
    const is = match(option, line.text, true)
    const same = edit.ignoreSpaces && is?.inactive === false ? is.value === (value ?? '') : line.text === text
    if (!same) {
      line.text = text
      msg = 'option changed'
    }
    line.done = true
  }
  for (const line of section.slice(kept)) {
    const is = match(option, line.text, modifyInactive)
    if (is === undefined) continue
    const at = left.indexOf(is.value)
    if (at !== -1) {
      set(line, is.value === '' && allowNoValue ? undefined : is.value)
      left.splice(at, 1)
    } else if (bare) {
      set(line, undefined)
      bare = false
      break
    }
  }
  if (exclusive && !allowNoValue) {
    for (const line of section.slice(kept)) {
      if (line.done || match(option, line.text, modifyInactive) === undefined) continue
      const value = left.shift()
      if (value === undefined) break
      set(line, value)
    }
    const rest = section.filter((line, i) => i < kept || line.done || match(option, line.text, false) === undefined)
    if (rest.length < section.length) msg = 'option changed'
    section.splice(0, section.length, ...rest)
  }
  const missing = bare || left.length > 0 ? optionLines({ ...edit, values: left }) : []
  if (missing.length === 0) return msg
  const end = section.findLastIndex(line => !/^[ \t]*([#;].*)?\n?$/.test(line.text)) + 1
  section.splice(Math.max(end, kept), 0, ...missing.map(text => ({ text, done: true })))
  return 'option added'
}

function take(section: Line[], { option, values, exclusive }: IniEdit, kept: number): string {
  if (option === undefined) {
    if (section.length === 0) return 'OK'
    section.length = 0
    return 'section removed'
  }
  const left = section.filter((line, i) => {
    const is = i < kept ? undefined : match(option, line.text, false)
    return is === undefined || (!exclusive && !values.includes(is.value))
  })
  if (left.length === section.length) return 'OK'
  section.splice(0, section.length, ...left)
  return 'option changed'
}
