import { readFileSync, writeFileSync } from 'node:fs'
import { extname } from 'node:path'
import { parseAllDocuments } from 'yaml'
import { apiVersion } from '../argocd/application.ts'
import { isFields } from '../argocd/spec.ts'
import { MlopsError, throwAll } from '../errors.ts'
import type { Manifest } from '../kubernetes/manifest.ts'
import { yaml } from '../kubernetes/text.ts'
import { linesOfStdin } from './argocd-login.ts'

/** The resources of a file, a URL, or `-` for standard input. Throws all that is wrong with them at once. */
export async function readResources(from: string, kind: 'Application' | 'AppProject'): Promise<readonly Manifest[]> {
  const text = await textFrom(from)
  const file = from === '-' ? 'standard input' : from
  const errors: MlopsError[] = []
  const found: Manifest[] = []
  for (const document of parseAllDocuments(text)) {
    for (const { message, linePos } of document.errors) {
      const at = linePos && { file, line: linePos[0].line, column: linePos[0].col }
      errors.push(new MlopsError('argocd.file', message.split(/ at line |:\n/)[0] ?? message, { at }))
    }
    if (document.errors.length > 0 || document.contents === null) continue
    const [line = 1] = [text.slice(0, document.contents?.range?.[0] ?? 0).split('\n').length]
    const value: unknown = document.toJS()
    if (isFields(value) && value['kind'] === kind && isFields(value['metadata']))
      found.push({ ...value, apiVersion, kind, metadata: { name: '', ...value['metadata'] } })
    else {
      const what = isFields(value) && value['kind'] !== undefined ? `a ${String(value['kind'])}` : 'something else'
      errors.push(new MlopsError('argocd.kind', `this is ${what}, and no ${kind}`, { at: { file, line, column: 1 } }))
    }
  }
  if (errors.length === 0 && found.length === 0) errors.push(new MlopsError('argocd.file', `${file} holds no ${kind}`))
  throwAll(errors)
  return found
}

/** Writes resources: `yaml` and `json` are formats for standard output, all else is a file. */
export function writeResources(output: string, resources: readonly Manifest[]): void {
  const isJson = output === 'json' || extname(output) === '.json'
  const [first] = resources
  const text = isJson
    ? `${JSON.stringify(resources.length === 1 ? first : { apiVersion: 'v1', kind: 'List', items: resources }, null, 2)}\n`
    : resources.map(yaml).join('---\n')
  if (output === 'yaml' || output === 'json' || output === '-') {
    process.stdout.write(text)
    return
  }
  try {
    writeFileSync(output, text)
  } catch (cause) {
    throw new MlopsError('argocd.file', `${output} cannot be written: ${reasonOf(cause)}`, { cause })
  }
  process.stdout.write(`${output}\n`)
}

async function textFrom(from: string): Promise<string> {
  if (from === '-') return (await linesOfStdin()).join('\n')
  try {
    if (!/^https?:\/\//.test(from)) return readFileSync(from, 'utf8')
    const answer = await fetch(from)
    if (answer.ok) return await answer.text()
  } catch (cause) {
    throw new MlopsError('argocd.file', `${from} cannot be read: ${reasonOf(cause)}`, { cause })
  }
  throw new MlopsError('argocd.file', `${from} is not there`)
}

/** Without the path, which is said already. */
function reasonOf(cause: unknown): string {
  const { cause: deeper, message } = Object(cause)
  return String(Object(deeper).message ?? message)
    .replace(/^E[A-Z]+: /, '')
    .replace(/, \w+ '.*'$/, '')
}
