import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'
import { MlopsError } from '../errors.ts'

const byVariable = 'give the value on the command line, or as a variable (ansible_become_password, -e name=value)'

export interface AskOptions {
  readonly secret?: boolean
  /** What can be done where nobody can be asked. */
  readonly hint?: string
}

/** Asks a person, on the terminal. Secrets are not shown while they are typed. Throws `cli.no-terminal` when there is nobody to ask, `cli.interrupted` at Ctrl-C and Ctrl-D. */
export async function ask(question: string, { secret = false, hint = byVariable }: AskOptions = {}): Promise<string> {
  if (!process.stdin.isTTY) {
    throw new MlopsError('cli.no-terminal', `there is no terminal to ask: ${question.trim()}`, {
      hint,
    })
  }
  const quiet = new Writable({ write: (_chunk, _encoding, done) => done() })
  const lines = createInterface({ input: process.stdin, output: secret ? quiet : process.stderr, terminal: true })
  try {
    if (secret) process.stderr.write(question)
    const answer = await lines.question(secret ? '' : question)
    if (secret) process.stderr.write('\n')
    return answer
  } catch (error) {
    if (!(error instanceof Error && error.name === 'AbortError')) throw error
    process.stderr.write('\n')
    throw new MlopsError('cli.interrupted', `interrupted at the question: ${question.trim()}`)
  } finally {
    lines.close()
  }
}
