import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Requester } from '../broker/broker.ts'
import type { Predictions } from '../jobs.ts'
import { type ModelName, modelNames } from '../settings.ts'
import { type Api, checkedRows, maxRows, named } from './api-routes.ts'
import { features, shown } from './features.ts'
import { BadRequest, jsonObject } from './json-body.ts'
import type { Predictor } from './predictor.ts'

/** The Open Inference Protocol, version 2, over REST: what KServe, Triton and their clients speak. Tensors come as JSON. */
export function inferenceRoutes(
  app: FastifyInstance,
  { models, predictor, version, requester }: Api & { requester: Requester },
): void {
  const nameOf = (request: FastifyRequest): ModelName => {
    const { name = '' } = request.params as { name?: string } // the routes below have it
    const found = modelNames.find(each => each === name && models.includes(each))
    if (found === undefined) throw new BadRequest(404, 'model.unknown', `there is no model ${shown(name)}`)
    return found
  }

  app.get('/v2', async () => ({ name: 'mlops-predictor', version, extensions: [] }))
  app.get('/v2/health/live', async () => ({ live: true }))
  app.get('/v2/health/ready', async (_, reply) => {
    const ready = ((await requester.queue())?.consumers ?? 0) > 0
    return reply.code(ready ? 200 : 503).send({ ready })
  })
  app.get('/v2/models/:name', async request => {
    const name = nameOf(request)
    const info = await predictor.model(name)
    return { name, versions: info ? [info.id] : [], platform: info?.format ?? 'unknown', ...tensors[name] }
  })
  app.get('/v2/models/:name/ready', async (request, reply) => {
    const name = nameOf(request)
    const ready = (await predictor.model(name)) !== undefined
    return reply.code(ready ? 200 : 503).send({ name, ready })
  })
  app.post('/v2/models/:name/infer', async (request, reply) => {
    const name = nameOf(request)
    const { id, outputs, values } = inferenceOf(request, name)
    const result = await answer(predictor, name, values)
    const all = outputsOf(name, result)
    const chosen = outputs === undefined ? all : all.filter(output => outputs.includes(output.name))
    return named(reply, result.model).send({ model_name: name, model_version: result.model.id, ...id, outputs: chosen })
  })
}

/** What each model takes and gives; a shape's -1 is any number. */
const tensors = {
  diabetes: {
    inputs: [{ name: 'rows', datatype: 'FP32', shape: [-1, features.length] }],
    outputs: [
      { name: 'probability', datatype: 'FP32', shape: [-1] },
      { name: 'predicted', datatype: 'INT64', shape: [-1] },
    ],
  },
  american: {
    inputs: [{ name: 'text', datatype: 'BYTES', shape: [-1] }],
    outputs: [
      { name: 'probability', datatype: 'FP64', shape: [-1] },
      { name: 'is_american', datatype: 'INT64', shape: [-1] },
    ],
  },
} as const satisfies Record<ModelName, unknown>

const numberTypes = ['FP16', 'FP32', 'FP64', 'INT8', 'INT16', 'INT32', 'INT64', 'UINT8', 'UINT16', 'UINT32', 'UINT64']

interface Inference {
  readonly id: { readonly id?: string }
  /** Which outputs are wanted; `undefined`: all. */
  readonly outputs: readonly string[] | undefined
  readonly values: readonly unknown[]
}

function inferenceOf(request: FastifyRequest, model: ModelName): Inference {
  const body = jsonObject(request)
  const id = body.get('id')
  if (id !== undefined && typeof id !== 'string') throw invalid('id must be a string')
  const inputs = body.get('inputs')
  const [input] = tensors[model].inputs
  if (!Array.isArray(inputs) || inputs.length !== 1) throw invalid(`inputs must be a list of one tensor, ${input.name}`)
  const wanted = body.get('outputs')
  const known = tensors[model].outputs.map(({ name }) => String(name))
  const outputs = wanted === undefined ? undefined : Array.isArray(wanted) ? wanted.map(nameIn) : [undefined]
  const strange = outputs?.find(name => name === undefined || !known.includes(name))
  if (
    outputs !== undefined &&
    (outputs.length === 0 || outputs.some(name => name === undefined || !known.includes(name)))
  )
    throw invalid(`outputs must name ${known.join(' or ')}, not ${shown(strange)}`)
  const names = outputs?.filter(name => name !== undefined)
  return { id: id === undefined ? {} : { id }, outputs: names, values: valuesOf(tensor(inputs[0]), model) }
}

/** The rows or texts of a tensor: its data may be nested, or one list, as the protocol allows. */
function valuesOf(given: ReadonlyMap<string, unknown>, model: ModelName): readonly unknown[] {
  const [input] = tensors[model].inputs
  const [name, type, shape, data] = ['name', 'datatype', 'shape', 'data'].map(key => given.get(key))
  if (name !== input.name) throw invalid(`inputs[0].name must be ${input.name}, not ${shown(name)}`)
  const types = model === 'diabetes' ? numberTypes : [input.datatype]
  if (typeof type !== 'string' || !types.includes(type))
    throw invalid(`inputs[0].datatype must be ${input.datatype}, not ${shown(type)}`)
  if (!Array.isArray(shape) || !shape.every(size => Number.isSafeInteger(size) && size > 0))
    throw invalid('inputs[0].shape must be a list of sizes above 0')
  const [count = 0, ...rest]: number[] = shape
  const width = model === 'diabetes' ? features.length : 1
  const fits =
    model === 'diabetes'
      ? rest.length === 1 && rest[0] === width
      : rest.length === 0 || (rest.length === 1 && rest[0] === 1)
  if (!fits)
    throw invalid(`inputs[0].shape must be [N${model === 'diabetes' ? `, ${width}` : ''}], not ${shown(shape)}`)
  if (count > maxRows)
    throw new BadRequest(413, 'body.rows', `there are ${count} rows, at most ${maxRows} are taken at once`)
  if (!Array.isArray(data)) throw invalid('inputs[0].data must be a list')
  const flat: unknown[] = data.flat(1)
  if (flat.length !== count * width)
    throw invalid(`inputs[0].data must have ${count * width} values for its shape, not ${flat.length}`)
  if (model === 'diabetes') {
    const rows = Array.from({ length: count }, (_, row) => flat.slice(row * width, (row + 1) * width))
    return checkedRows(rows, index => `inputs[0].data[${index}]`)
  }
  const bad = flat.findIndex(text => typeof text !== 'string')
  if (bad !== -1) throw invalid(`inputs[0].data[${bad}] must be a string, not ${shown(flat[bad])}`)
  return flat
}

async function answer(predictor: Predictor, model: ModelName, values: readonly unknown[]): Promise<Predictions> {
  // They were checked as they were read.
  return model === 'diabetes' ? await predictor.rows(values as number[][]) : await predictor.texts(values as string[])
}

function outputsOf(model: ModelName, { probability, predicted }: Predictions) {
  const [sure, label] = tensors[model].outputs
  return [
    { ...sure, shape: [probability.length], data: probability },
    { ...label, shape: [predicted.length], data: predicted },
  ]
}

function tensor(value: unknown): ReadonlyMap<string, unknown> {
  return new Map(typeof value === 'object' && value !== null ? Object.entries(value) : [])
}

function nameIn(value: unknown): string | undefined {
  const name = tensor(value).get('name')
  return typeof name === 'string' ? name : undefined
}

function invalid(message: string): BadRequest {
  return new BadRequest(400, 'body.invalid', message)
}
