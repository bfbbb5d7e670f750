declare const scriptBrand: unique symbol

/** POSIX shell text in which every value is quoted. Made only by the `sh` tag and the functions of this file. */
export interface Script {
  readonly text: string
  readonly [scriptBrand]: true
}

/** What may stand in a `sh` template: data (quoted), scripts (taken as they are), and lists of either (joined by blanks). */
export type ShellValue = string | number | boolean | Script | readonly ShellValue[]

/**
 * The shell template tag. Every interpolated value is quoted as one word; arrays become one word per item;
 * a `Script` is inserted as it is. `sh\`rm -- ${path}\``. Throws `shell.nul` for a value with a NUL byte.
 * The text is raw (`\n` reaches the shell as it stands), but `\${` and an escaped backquote, which JavaScript asks for, lose the backslash.
 */
export function sh(strings: TemplateStringsArray, ...values: readonly ShellValue[]): Script {
  let text = plain(strings.raw[0])
  values.forEach((value, i) => {
    text += render(value) + plain(strings.raw[i + 1])
  })
  return script(text)
}

function plain(raw = ''): string {
  return raw.replaceAll('\\${', '${').replaceAll('\\`', '`')
}

/** Shell text of the user or of a file of ours, taken as it is: the only door for text that is not quoted. */
export function script(text: string): Script {
  return { text } as Script
}

/** Scripts one after the other, a line break between. */
export function lines(...scripts: readonly (Script | undefined | false)[]): Script {
  return script(
    scripts
      .filter(s => s !== undefined && s !== false)
      .map(s => s.text)
      .join('\n'),
  )
}

/** One word for the shell, quoted only where it must be (as Python's shlex.quote). */
export function quote(value: string): string {
  if (value.includes('\0')) throw new RangeError('a shell word cannot hold a NUL byte')
  if (value !== '' && /^[A-Za-z0-9_@%+=:,./-]+$/.test(value)) return value
  return `'${value.replaceAll("'", `'"'"'`)}'`
}

function render(value: ShellValue): string {
  if (typeof value === 'string') return quote(value)
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  if (isList(value)) return value.map(render).join(' ')
  return value.text
}

function isList(value: ShellValue): value is readonly ShellValue[] {
  return Array.isArray(value)
}
