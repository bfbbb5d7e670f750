import { ConnectionError } from '../connection/connection.ts'
import { explain, MlopsError, refusalOf } from '../errors.ts'
import { revealed } from '../vault/revealed.ts'

declare const MLOPS_VERSION: string

/** Says what went wrong and gives the exit status: 1 for what the user can put right, 99 for an interrupted question, 4 for a host that cannot be reached, 70 for a bug of ours. */
export async function explainError(error: unknown, stream: NodeJS.WritableStream): Promise<1 | 4 | 70 | 99> {
  const out = { write: (text: string) => stream.write(revealed.hide(text)) }
  if (error instanceof MlopsError) {
    out.write(`${explain(error)}\n`)
    return error.code === 'cli.interrupted' ? 99 : 1
  }
  if (error instanceof ConnectionError) {
    out.write(`error: ${error.message}\n${error.hint ? `hint: ${error.hint}\n` : ''}`)
    return 4
  }
  const refusal = refusalOf(error)
  if (refusal !== undefined) {
    out.write(`error: ${refusal}\n`)
    return 1
  }
  const version = typeof MLOPS_VERSION === 'string' ? MLOPS_VERSION : 'development'
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error)
  out.write(
    `mlops has a bug: this should not have happened.\n\n${stack}\n\nmlops ${version}, Node ${process.version}, ${process.platform} ${process.arch}\n` +
      'Please report it with the command, the lines above, and the smallest playbook that shows it.\n',
  )
  return 70
}
