/** Sections of an INI text, by name, with their keys in lower case; keys before any section stand under `''`. */
export function iniSections(text: string): ReadonlyMap<string, ReadonlyMap<string, string>> {
  const sections = new Map<string, Map<string, string>>()
  let current = new Map<string, string>()
  let last: string | undefined
  sections.set('', current)
  for (const line of text.split(/\r?\n/)) {
    if (/^\s*[#;]/.test(line) || line.trim() === '') continue
    const header = /^\[([^\]]+)\]/.exec(line)
    const pair = /^([^=:\s][^=:]*?)\s*[=:]\s*(.*)$/.exec(line)
    if (header?.[1] !== undefined) {
      current = sections.get(header[1]) ?? new Map<string, string>()
      sections.set(header[1], current)
      last = undefined
    } else if (/^\s/.test(line) && last !== undefined) {
      current.set(last, `${current.get(last) ?? ''}\n${line.trim()}`)
    } else if (pair?.[1] !== undefined) {
      last = pair[1].toLowerCase()
      current.set(last, pair[2]?.trim() ?? '')
    }
  }
  return sections
}
