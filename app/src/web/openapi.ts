import type { ModelName } from '../settings.ts'
import { maxRows } from './api-routes.ts'
import { features } from './features.ts'
import { body, type Operation, ok, problem, problems, ref, type Schema, schemas } from './openapi-parts.ts'

/** The interface for programs, as an OpenAPI 3.1 document. */
export interface OpenApi {
  readonly openapi: '3.1.0'
  readonly info: { readonly title: string; readonly version: string; readonly description: string }
  readonly paths: Readonly<Record<string, Readonly<Partial<Record<'get' | 'post', Operation>>>>>
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> }
}

export function openApi(models: readonly ModelName[], version: string): OpenApi {
  const served = (name: ModelName) => models.includes(name)
  return {
    openapi: '3.1.0',
    info: {
      title: 'Predictor',
      version,
      description:
        'Predictions by models that are exchanged while they serve. The header x-model of an answer names the model.',
    },
    paths: {
      ...(served('american') ? { '/api/american': { post: american } } : {}),
      ...(served('diabetes') ? { '/api/predict': { post: predict }, '/accuracy': { post: accuracy } } : {}),
      ...inference(models),
      ...operation,
    },
    components: { schemas },
  }
}

const american: Operation = {
  operationId: 'american',
  summary: 'Says whether the author of a text is American',
  tags: ['american'],
  requestBody: body(
    { type: 'object', required: ['text'], properties: { text: { type: 'string' } } },
    { text: '#covid19 new york' },
  ),
  responses: {
    '200': ok(
      'The answer, the version of the code and the date of the model',
      {
        type: 'object',
        required: ['is_american', 'version', 'model_date'],
        properties: {
          is_american: { enum: [0, 1] },
          version: { type: 'string' },
          model_date: { type: 'string', format: 'date-time' },
        },
        additionalProperties: false,
      },
      { is_american: 1, version: '0.1.0', model_date: '2026-01-02T03:04:05.000Z' },
    ),
    ...problems,
  },
}

const exampleRow = [6, 148, 72, 35, 0, 33.6, 0.627, 50]

const predict: Operation = {
  operationId: 'predict',
  summary: 'Says how likely diabetes is, for one row or for many',
  tags: ['diabetes'],
  requestBody: body(
    {
      oneOf: [
        {
          type: 'object',
          required: ['rows'],
          properties: { rows: { type: 'array', items: ref('Row'), minItems: 1, maxItems: maxRows } },
        },
        { type: 'object', required: ['row'], properties: { row: ref('Row') } },
      ],
    },
    { rows: [exampleRow] },
  ),
  responses: {
    '200': ok(
      'Label and probability of each row, in their order; for `row` they are no lists',
      {
        type: 'object',
        required: ['predicted', 'probability', 'version', 'model', 'model_date'],
        properties: {
          predicted: { anyOf: [ref('Label'), { type: 'array', items: ref('Label') }] },
          probability: { anyOf: [ref('Probability'), { type: 'array', items: ref('Probability') }] },
          version: { type: 'string' },
          model: { type: 'string' },
          model_date: { type: 'string', format: 'date-time' },
        },
      },
      {
        predicted: [1],
        probability: [0.69],
        version: '0.1.0',
        model: 'a7eacaa3ee1e',
        model_date: '2026-01-02T03:04:05.000Z',
      },
    ),
    ...problems,
  },
}

const accuracy: Operation = {
  operationId: 'accuracy',
  summary: 'Counts how many of the served rows the model gets right; a page unless JSON is asked for',
  tags: ['diabetes'],
  responses: {
    '200': ok('Percent of the served rows', {
      type: 'object',
      required: ['accuracy', 'model'],
      properties: { accuracy: { type: 'number' }, model: { type: 'object' } },
    }),
    '503': problems['503'],
  },
}

function inference(models: readonly ModelName[]): OpenApi['paths'] {
  const tags = ['inference']
  const name = { name: 'name', in: 'path', required: true, schema: { enum: models } }
  const unknown = problem('There is no such model')
  const state = (key: string): Schema => ({
    type: 'object',
    required: [key],
    properties: { [key]: { type: 'boolean' } },
  })
  const example = models.includes('american')
    ? { inputs: [{ name: 'text', datatype: 'BYTES', shape: [1], data: ['#covid19 new york'] }] }
    : { inputs: [{ name: 'rows', datatype: 'FP32', shape: [1, features.length], data: exampleRow }] }
  return {
    '/v2': {
      get: {
        operationId: 'server',
        summary: 'Names the server and its version',
        tags,
        responses: { '200': ok('The server', { type: 'object' }) },
      },
    },
    '/v2/health/live': {
      get: {
        operationId: 'live',
        summary: 'Says that the server lives',
        tags,
        responses: { '200': ok('It lives', state('live')) },
      },
    },
    '/v2/health/ready': {
      get: {
        operationId: 'ready',
        summary: 'Says whether a worker takes jobs',
        tags,
        responses: { '200': ok('Ready', state('ready')), '503': ok('Not ready', state('ready')) },
      },
    },
    '/v2/models/{name}': {
      get: {
        operationId: 'model',
        summary: 'Tells what a model takes and gives',
        tags,
        parameters: [name],
        responses: { '200': ok('The model', { type: 'object' }), '404': unknown },
      },
    },
    '/v2/models/{name}/ready': {
      get: {
        operationId: 'modelReady',
        summary: 'Says whether a model answers',
        tags,
        parameters: [name],
        responses: { '200': ok('Ready', state('ready')), '404': unknown, '503': ok('Not ready', state('ready')) },
      },
    },
    '/v2/models/{name}/infer': {
      post: {
        operationId: 'infer',
        summary: 'Predicts for tensors, as the Open Inference Protocol has it',
        tags,
        parameters: [name],
        requestBody: body(ref('Inference'), example),
        responses: {
          '200': ok('Probability and label as tensors', {
            type: 'object',
            required: ['model_name', 'model_version', 'outputs'],
          }),
          '404': unknown,
          ...problems,
        },
      },
    },
  }
}

const operation: OpenApi['paths'] = Object.fromEntries(
  [
    ['/healthz', 'Says that the process lives'],
    ['/readyz', 'Says whether the broker is up and a worker takes jobs'],
    ['/version', 'Tells the version of the code and the models that answer'],
    ['/status', 'Tells queue, waiting and dead jobs, and models'],
  ].map(([path = '', summary = '']) => [
    path,
    {
      get: {
        operationId: path.slice(1),
        summary,
        tags: ['operation'],
        responses: {
          '200': ok('The state', { type: 'object' }),
          ...(path === '/readyz' ? { '503': ok('Not ready, with the reason', { type: 'object' }) } : {}),
        },
      },
    },
  ]),
)
