import type { ScriptResult } from '../../connection/connection.ts'
import { section, sections } from '../../shell/sections.ts'
import { lines, type Script, sh } from '../../shell/sh.ts'
import { type FileState, lookAtFile, readFile } from './file-look.ts'

const options = { follow: true, content: true } as const

/** Looks at a text file and, beside it, at what `look` prints. */
export function lookBeside(path: string, look: Script): Script {
  return lines(
    section('beside'),
    sh`( ${look}
) </dev/null`,
    section('file'),
    lookAtFile(path, options),
  )
}

/** The answers of `lookBeside`. */
export function readBeside(output: ScriptResult): { readonly file: FileState; readonly beside: string } {
  const parts = sections(output.stdout)
  return { file: readFile({ ...output, stdout: parts.get('file') ?? '' }, options), beside: parts.get('beside') ?? '' }
}

/** The first script, whatever it ends with, and the second when it went well. */
export function andThen(first: Script | undefined, second: Script): Script {
  return first === undefined
    ? second
    : lines(
        sh`( ${first}
) || exit`,
        second,
      )
}
