import { type ErrorDetails, MlopsError, MlopsErrors } from '../errors.ts'
import type { SourceWarning } from '../source/node.ts'

/** What was found while loading: everything is collected, so that all of it can be told at once. */
export class Problems {
  readonly errors: MlopsError[] = []
  readonly warnings: SourceWarning[] = []

  error(code: string, message: string, details: ErrorDetails = {}): void {
    this.errors.push(new MlopsError(`playbook.${code}`, message, details))
  }

  add(errors: Iterable<MlopsError>): void {
    for (const error of errors) this.errors.push(error)
  }

  warn(message: string, at: SourceWarning['at']): void {
    const known = this.warnings.some(w => w.message === message && w.at.file === at.file && w.at.line === at.line)
    if (!known) this.warnings.push({ message, at })
  }

  /** The errors in the order of the files and lines, each once, as one file may be imported several times. */
  sorted(): MlopsError[] {
    const files = [...new Set(this.errors.map(error => error.at?.file))]
    const place = ({ at }: MlopsError) => [files.indexOf(at?.file), at?.line ?? 0, at?.column ?? 0] as const
    const ordered = this.errors
      .map(error => ({ error, place: place(error) }))
      .sort((a, b) => a.place[0] - b.place[0] || a.place[1] - b.place[1] || a.place[2] - b.place[2])
    const seen = new Set<string>()
    return ordered
      .filter(({ error, place }) => {
        const id = `${place} ${error.message}`
        return !seen.has(id) && seen.add(id)
      })
      .map(({ error }) => error)
  }

  /** Runs `read`; an error of input that it throws is collected, and `undefined` comes back. */
  catch<T>(read: () => T): T | undefined {
    try {
      return read()
    } catch (error) {
      if (error instanceof MlopsErrors) this.add(error.errors)
      else if (error instanceof MlopsError) this.errors.push(error)
      else throw error
      return undefined
    }
  }
}
