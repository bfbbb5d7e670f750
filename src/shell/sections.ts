import { type Script, script, sh } from './sh.ts'

const mark = '\x1e'

/** Begins a part of a script's output; what follows is found again under `name` by `sections`. */
export function section(name: string): Script {
  return sh`printf '\036%s\n' ${name}`
}

/** The parts of an output by name; text before the first part is dropped. A name that came twice keeps both texts. */
export function sections(stdout: string): ReadonlyMap<string, string> {
  const parts = new Map<string, string>()
  for (const part of stdout.split(mark).slice(1)) {
    const end = part.indexOf('\n')
    const name = end < 0 ? part : part.slice(0, end)
    parts.set(name, (parts.get(name) ?? '') + (end < 0 ? '' : part.slice(end + 1)))
  }
  return parts
}

/**
 * Prints small text files, each line behind its path, with a single process. `globs` are patterns of ours,
 * not quoted; what cannot be read is left out.
 */
export function printFiles(...globs: readonly string[]): Script {
  return script(`LC_ALL=C grep -s -H '' ${globs.join(' ')} || :`)
}

/** Content by path of what `printFiles` printed, without the last line break. Paths hold no colon. */
export function readFiles(stdout: string): ReadonlyMap<string, string> {
  const files = new Map<string, string>()
  for (const line of stdout.split('\n')) {
    const end = line.indexOf(':')
    if (end < 0) continue
    const path = line.slice(0, end)
    const before = files.get(path)
    files.set(path, (before === undefined ? '' : `${before}\n`) + line.slice(end + 1))
  }
  return files
}
