import { readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { parseArgs } from 'node:util'
import { messageOf, PredictorError } from '../errors.ts'
import type { Files } from '../model/files.ts'
import { readCandidate } from './candidate.ts'
import { type Check, judge, type Verdict } from './gate.ts'
import { cardOf, writeRelease } from './release.ts'

export const gateUsage = `Usage: main.js gate --candidate FOLDER --name NAME --data FILE [--live FOLDER] [--out FOLDER]
                    [--author TEXT] [--commit ID] [--force] [--max-drop POINTS] [--level P] [--max-bytes N]

Judges a model before it goes live: does it load, does it fit, does it answer, is it as good as the live one?
Exit status 0: accepted, and written as a release to the folder --out. 3: refused. 1: it could not be judged.
`

const limits = { maxBytes: 64 * 1024 * 1024, maxFiles: 64 }

/** `gate`: prints what was checked, a line each, and writes an accepted model as a release. Gives the exit status. */
export async function gateCommand(
  args: readonly string[],
  defaults: { readonly backend: 'auto' | 'cpu' | 'node'; readonly version: string },
  say: (line: string) => void,
): Promise<number> {
  const options = readOptions(args)
  const bytes = await readFile(options.data).catch(error => {
    throw new PredictorError('data.missing', `the evaluation rows cannot be read: ${messageOf(error)}`)
  })
  const { evaluation, open } = await judging(options.name, { bytes, name: basename(options.data) }, defaults.backend)
  const candidate = await readOrRefuse(options.candidate, { ...limits, maxBytes: options.maxBytes })
  if (!(candidate instanceof Map)) return finish(refusal(messageOf(candidate)), say)
  const live = options.live === undefined ? undefined : await readCandidate(options.live, limits).catch(() => undefined)
  const verdict = await judge({ candidate, live, evaluation, open, threshold: options, force: options.force })
  if (verdict.accepted && options.out !== undefined) {
    const card = cardOf(candidate, verdict, {
      name: options.name,
      author: options.author,
      commit: options.commit,
      date: new Date().toISOString(),
      version: defaults.version,
    })
    await writeRelease(join(options.out, card.id), candidate, card)
  }
  return finish(verdict, say)
}

/** How models of this name are judged; TensorFlow.js is loaded only for those that need it. */
async function judging(model: string, data: { bytes: Buffer; name: string }, backend: 'auto' | 'cpu' | 'node') {
  if (model === 'american') return (await import('./judged-texts.ts')).judgedByTexts(data)
  const [{ judgedByTable }, { loadEngine }] = await Promise.all([
    import('./judged-table.ts'),
    import('../model/tensorflow.ts'),
  ])
  return judgedByTable({ text: data.bytes.toString('utf8'), name: data.name }, await loadEngine(backend))
}

function finish(verdict: Verdict, say: (line: string) => void): number {
  for (const check of verdict.checks) say(lineOf(check))
  if (verdict.accepted) say(`accepted ${verdict.candidate?.id}`)
  else say('refused')
  return verdict.accepted ? 0 : 3
}

const marks: Record<Check['result'], string> = { passed: 'ok', warned: 'warning', failed: 'FAILED', forced: 'forced' }

function lineOf({ name, result, text }: Check): string {
  return `${marks[result].padEnd(7)} ${name}: ${text}`
}

function refusal(text: string): Verdict {
  return {
    accepted: false,
    checks: text.split('\n').map(line => ({ name: 'parse', result: 'failed', text: line })),
    candidate: undefined,
    liveId: undefined,
    comparison: undefined,
  }
}

async function readOrRefuse(dir: string, allowed: typeof limits): Promise<Files | PredictorError> {
  try {
    return await readCandidate(dir, allowed)
  } catch (error) {
    if (error instanceof PredictorError) return error
    throw new PredictorError('candidate.missing', `the candidate cannot be read: ${messageOf(error)}`)
  }
}

function readOptions(args: readonly string[]) {
  const string = { type: 'string' } as const
  let values: Record<string, string | boolean | undefined>
  try {
    values = parseArgs({
      args: [...args],
      options: {
        candidate: string,
        live: string,
        name: string,
        data: string,
        out: string,
        author: string,
        commit: string,
        force: { type: 'boolean' },
        'max-drop': string,
        level: string,
        'max-bytes': string,
      },
    }).values
  } catch (error) {
    throw new PredictorError('usage', messageOf(error), { hint: gateUsage.split('\n')[0] ?? '' })
  }
  const problems: string[] = []
  const text = (option: string) => {
    const value = values[option]
    return typeof value === 'string' ? value : undefined
  }
  const needed = (option: string) => {
    const value = text(option)
    if (value === undefined) problems.push(`--${option} is missing`)
    return value ?? ''
  }
  const number = (option: string, fallback: number, most: number) => {
    const value = text(option)
    if (value === undefined) return fallback
    if (/^\d+(\.\d+)?$/.test(value) && Number(value) <= most) return Number(value)
    problems.push(`--${option} must be a number from 0 to ${most}, not ${JSON.stringify(value)}`)
    return fallback
  }
  const options = {
    candidate: needed('candidate'),
    name: needed('name'),
    data: needed('data'),
    live: text('live'),
    out: text('out'),
    author: text('author') ?? 'unknown',
    commit: text('commit'),
    force: values.force === true,
    maxDrop: number('max-drop', 5, 100),
    level: number('level', 0.05, 1),
    maxBytes: number('max-bytes', limits.maxBytes, 1024 ** 3),
  }
  if (problems.length > 0)
    throw new PredictorError('usage', problems.join('\n'), { hint: gateUsage.split('\n')[0] ?? '' })
  return options
}
