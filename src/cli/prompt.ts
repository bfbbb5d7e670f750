import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'
import { MlopsError } from '../errors.ts'

/** Asks a person, on the terminal. Secrets are not shown while they are typed. Throws `cli.no-terminal` when there is nobody to ask. */
export async function ask(question: string, { secret = false }: { secret?: boolean } = {}): Promise<string> {
  if (!process.stdin.isTTY) {
    throw new MlopsError('cli.no-terminal', `there is no terminal to ask: ${question.trim()}`, {
      hint: 'give the value on the command line, or as a variable (ansible_become_password, -e name=value)',
    })
  }
  const quiet = new Writable({ write: (_chunk, _encoding, done) => done() })
  const lines = createInterface({ input: process.stdin, output: secret ? quiet : process.stderr, terminal: true })
  try {
    if (secret) process.stderr.write(question)
    return await lines.question(secret ? '' : question)
  } finally {
    lines.close()
    if (secret) process.stderr.write('\n')
  }
}
