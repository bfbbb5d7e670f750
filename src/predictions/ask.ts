import { Agent, request as httpRequest } from 'node:http'
import { request as httpsRequest, Agent as SecureAgent } from 'node:https'
import type { Question } from './questions.ts'

/** What became of one question. */
export type Reply =
  | {
      readonly kind: 'answer'
      readonly predicted: 0 | 1
      /** Of the rows of the table only. */
      readonly probability: number | undefined
      /** The code, the id of the model where it is told, and the model's date. */
      readonly version: string
      readonly modelId: string | undefined
      readonly modelDate: string
      readonly ms: number
    }
  /** `reason`: a word that counts; `says`: what the application said about it. */
  | { readonly kind: 'failure'; readonly reason: string; readonly says: string | undefined; readonly ms: number }

export interface Asking {
  ask(question: Question): Promise<Reply>
  close(): void
}

/** Asks an application over connections that are kept, no more than `connections` of them. */
export function asking(base: URL, { connections, timeoutMs }: { connections: number; timeoutMs: number }): Asking {
  const secure = base.protocol === 'https:'
  const kept = { keepAlive: true, maxSockets: connections }
  const agent = secure ? new SecureAgent(kept) : new Agent(kept)
  return {
    async ask(question) {
      const start = performance.now()
      const said = await post(routeOf(base, question), bodyOf(question), { agent, secure, timeoutMs })
      const ms = performance.now() - start
      if (typeof said === 'string') return { kind: 'failure', reason: said, says: undefined, ms }
      return { ...read(question, said), ms }
    },
    close: () => agent.destroy(),
  }
}

/** Where a model answers, below the address of an application. */
export function routeOf(base: URL, { model }: Pick<Question, 'model'>): URL {
  const folder = base.pathname.replace(/\/(api\/(american|predict))?\/?$/, '')
  return new URL(`${folder}/api/${model === 'american' ? 'american' : 'predict'}`, base)
}

interface Said {
  readonly status: number
  readonly model: string | undefined
  readonly body: string
}

type Without<T, K extends string> = T extends unknown ? Omit<T, K> : never

function read(question: Question, { status, body, model }: Said): Without<Reply, 'ms'> {
  const fields = json(body)
  if (status !== 200) {
    const says = fields.get('error')
    return { kind: 'failure', reason: `HTTP ${status}`, says: typeof says === 'string' ? says : undefined }
  }
  const [predicted, version, modelDate, probability] = [
    fields.get(question.model === 'american' ? 'is_american' : 'predicted'),
    fields.get('version'),
    fields.get('model_date'),
    fields.get('probability'),
  ]
  if ((predicted !== 0 && predicted !== 1) || typeof version !== 'string' || typeof modelDate !== 'string')
    return { kind: 'failure', reason: 'no prediction', says: `it answered ${body.slice(0, 80)}` }
  return {
    kind: 'answer',
    predicted,
    probability: typeof probability === 'number' ? probability : undefined,
    version,
    modelId: model,
    modelDate,
  }
}

function json(body: string): ReadonlyMap<string, unknown> {
  try {
    const value: unknown = JSON.parse(body)
    return new Map(typeof value === 'object' && value !== null ? Object.entries(value) : [])
  } catch {
    return new Map()
  }
}

function bodyOf(question: Question): string {
  return JSON.stringify(question.model === 'american' ? { text: question.text } : { row: question.row })
}

/** What came back, or in a word why nothing did. */
function post(
  url: URL,
  body: string,
  { agent, secure, timeoutMs }: { agent: Agent; secure: boolean; timeoutMs: number },
): Promise<Said | string> {
  return new Promise(resolve => {
    const headers = {
      'content-type': 'application/json',
      accept: 'application/json',
      'content-length': Buffer.byteLength(body),
    }
    const fail = (error: Error) => {
      clearTimeout(deadline)
      resolve(wordFor(error))
    }
    const sending = (secure ? httpsRequest : httpRequest)(url, { method: 'POST', headers, agent }, response => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', fail)
      response.on('end', () => {
        clearTimeout(deadline)
        const model = response.headers['x-model']
        resolve({
          status: response.statusCode ?? 0,
          model: typeof model === 'string' ? model : undefined,
          body: Buffer.concat(chunks).toString('utf8'),
        })
      })
    })
    const deadline = setTimeout(() => {
      resolve('timeout')
      sending.destroy()
    }, timeoutMs)
    sending.on('error', fail)
    sending.end(body)
  })
}

const words: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'refused',
  ECONNRESET: 'reset',
  EPIPE: 'reset',
  ETIMEDOUT: 'timeout',
  ENOTFOUND: 'unknown host',
  EAI_AGAIN: 'unknown host',
}

function wordFor(error: Error): string {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  return words[code] ?? (code || 'unreachable')
}
