import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { ModelInfo } from '../jobs.ts'
import type { ModelName } from '../settings.ts'
import { type FieldProblem, rowProblems, shown } from './features.ts'
import { BadRequest, jsonObject, refuseProblems } from './json-body.ts'
import type { Predictor } from './predictor.ts'

/** More rows than this in one request would keep others waiting. */
export const maxRows = 10_000

export interface Api {
  readonly models: readonly ModelName[]
  readonly predictor: Predictor
  readonly version: string
}

/** `POST /api/american` for one text, `POST /api/predict` for rows of the table: JSON in, JSON out. */
export function apiRoutes(app: FastifyInstance, { models, predictor, version }: Api): void {
  if (models.includes('american')) {
    app.post('/api/american', async (request, reply) => {
      const { predicted, model } = await predictor.texts([textOf(request)])
      // Exactly these three: clients check.
      return named(reply, model).send({ is_american: predicted[0], version, model_date: model.date })
    })
  }
  if (models.includes('diabetes')) {
    app.post('/api/predict', async (request, reply) => {
      const { rows, single } = rowsOf(request)
      const { predicted, probability, model } = await predictor.rows(rows)
      const answer = single ? { predicted: predicted[0], probability: probability[0] } : { predicted, probability }
      return named(reply, model).send({ ...answer, version, model: model.id, model_date: model.date })
    })
  }
}

/** Says in a header which release answered. */
export function named(reply: FastifyReply, model: Pick<ModelInfo, 'id'>): FastifyReply {
  return reply.header('x-model', model.id)
}

function textOf(request: FastifyRequest): string {
  const text = jsonObject(request).get('text')
  if (typeof text === 'string') return text
  const problem = text === undefined ? 'is missing' : `must be a string, not ${shown(text)}`
  throw new BadRequest(400, 'body.invalid', `text ${problem}`, [{ field: 'text', message: problem }])
}

function rowsOf(request: FastifyRequest): { rows: readonly (readonly number[])[]; single: boolean } {
  const body = jsonObject(request)
  const [row, rows] = [body.get('row'), body.get('rows')]
  const single = row !== undefined
  if (single === (rows !== undefined))
    throw new BadRequest(400, 'body.invalid', 'the body must have either rows, a list of rows, or row')
  const given: unknown = single ? [row] : rows
  if (!Array.isArray(given) || given.length === 0)
    throw new BadRequest(400, 'body.invalid', 'rows must be a list of rows that is not empty', [
      { field: 'rows', message: 'must be a list of rows that is not empty' },
    ])
  return { rows: checkedRows(given, index => (single ? 'row' : `rows[${index}]`)), single }
}

/** Rows of eight numbers each; throws `BadRequest` with what is wrong, and where. */
export function checkedRows(
  given: readonly unknown[],
  fieldOf: (index: number) => string,
): readonly (readonly number[])[] {
  if (given.length > maxRows)
    throw new BadRequest(413, 'body.rows', `there are ${given.length} rows, at most ${maxRows} are taken at once`)
  const problems: FieldProblem[] = []
  const rows = given.flatMap((row, index) => {
    const found = rowProblems(row, fieldOf(index))
    problems.push(...found)
    return found.length === 0 && Array.isArray(row) ? [row] : []
  })
  refuseProblems(problems)
  return rows
}
