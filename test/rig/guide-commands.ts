import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { root } from './mlops.ts'

/** A command of a page of the guide, with the lines that the page shows behind it. */
export interface GuideCommand {
  readonly command: string
  readonly shown: readonly string[]
  /** What stands behind `console`: `not-run` is for another machine, `fails` ends with another status than 0. */
  readonly mark: '' | 'not-run' | 'fails'
}

/** The commands of the console blocks of a page, in their order. */
export function guideCommands(page: string): readonly GuideCommand[] {
  const text = readFileSync(join(root, 'docs/guide', page), 'utf8')
  return [...text.matchAll(/^```console ?(not-run|fails|)\n([\s\S]*?)^```$/gm)].flatMap(([, mark = '', body = '']) =>
    body
      .split(/^\$ /m)
      .slice(1)
      .map(part => {
        const [command = '', ...shown] = part.trimEnd().split('\n')
        // what stands behind two blanks and a hash is for readers
        return {
          command: command.replace(/ {2,}# .*$/, ''),
          shown,
          mark: mark === 'not-run' || mark === 'fails' ? mark : '',
        }
      }),
  )
}

/** A shell that keeps its folder from one command to the next. */
export function guideShell(folder: string, env: Readonly<Record<string, string>>) {
  let cwd = folder
  return async (command: string): Promise<{ readonly status: number | null; readonly said: string }> => {
    const child = spawn('bash', ['-c', `${command}\nstatus=$?; pwd >&3; exit $status`], {
      cwd,
      env: { ...process.env, NO_COLOR: '1', ...env },
      stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    })
    onTestFinished(() => void child.kill())
    let [said, where] = ['', '']
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', text => {
        said += text
      })
    }
    child.stdio[3]?.on('data', text => {
      where += text
    })
    const status = await new Promise<number | null>(done => child.on('close', done))
    cwd = where.trim() || cwd
    return { status, said }
  }
}

/** The lines of a page that a command did not print: numbers, digests, times and blanks may be others. `…` stands for any lines. */
export function unsaid(shown: readonly string[], said: string): readonly string[] {
  const lines = new Set(said.split('\n').map(shape))
  return shown.filter(line => line !== '' && line !== '…' && !lines.has(shape(line)))
}

function shape(line: string): string {
  return line
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '#')
    .replace(/\b[0-9a-f]{7,64}\b/g, '#')
    .replace(/\d+(\.\d+)*/g, '#')
    .replace(/\s+/g, ' ')
    .trim()
}
