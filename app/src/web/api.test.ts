import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { afterEach, describe, expect, test } from 'vitest'
import { americanFolder, americanModel, labFolder } from '../testing/model-dir.ts'
import { type ServeOptions, serve as serveWith } from '../testing/serve.ts'
import type { OpenApi } from './openapi.ts'

const closers: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})
// Written once: what lies there for a moment already need not be waited for.
const folders = { modelDir: labFolder('a'), americanDir: americanFolder() }
const serve = (options: ServeOptions = {}) => serveWith(closers, { ...folders, ...options })

async function post(url: string, body: unknown, headers: Record<string, string> = {}) {
  const bytes =
    typeof body === 'string' || Buffer.isBuffer(body) ? new Uint8Array(Buffer.from(body)) : JSON.stringify(body)
  const reply = await fetch(url, {
    method: 'POST',
    body: bytes,
    headers: { 'content-type': 'application/json', ...headers },
  })
  return { status: reply.status, headers: reply.headers, json: await reply.json() }
}

/** Rows of the lab, as its model a answers them. */
const row = [6, 148, 72, 35, 0, 33.6, 0.627, 50]
const other = [1, 85, 66, 29, 0, 26.6, 0.351, 31]

describe('POST /api/american', () => {
  test('answers with the label, the version and the date, and nothing else', async () => {
    const { url } = await serve()
    const { status, headers, json } = await post(`${url}/api/american`, { text: '#covid19 new york' })
    expect(status).toBe(200)
    expect(headers.get('content-type')).toBe('application/json; charset=utf-8')
    expect(headers.get('x-model')).toMatch(/^[0-9a-f]{12}$/)
    expect(json).toEqual({
      is_american: 1,
      version: '1.2.3',
      model_date: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
    })
    expect((await post(`${url}/api/american`, { text: 'our neighbour in Leeds' })).json).toMatchObject({
      is_american: 0,
    })
  })

  test.each<[string, unknown]>([
    ['an empty text', ''],
    ['emoji', '😷👩‍⚕️🇺🇸'],
    ['half of a character', '\ud83d new york'],
    ['controls and line ends', '\0\r\n\u2028'],
  ])('answers %s', async (_, text) => {
    const { url } = await serve()
    expect((await post(`${url}/api/american`, { text, more: 'is ignored' })).json).toMatchObject({
      is_american: expect.toSatisfy(label => label === 0 || label === 1),
    })
  })

  test('takes a body without a content type for JSON, and other JSON types too', async () => {
    const { url } = await serve()
    const bare = await fetch(`${url}/api/american`, {
      method: 'POST',
      body: new Uint8Array(Buffer.from('{"text":""}')),
    })
    expect(bare.status).toBe(200)
    for (const type of ['application/json; charset=utf-8', 'Application/JSON', 'application/ld+json'])
      expect((await post(`${url}/api/american`, { text: '' }, { 'content-type': type })).status).toBe(200)
  })

  test.each<[unknown, Record<string, string>, number, string, string]>([
    ['', {}, 400, 'body.empty', 'the body is empty.'],
    ['{"text":', {}, 400, 'body.json', 'the body is no JSON: '],
    [Buffer.from('{"text":"\xff"}', 'latin1'), {}, 400, 'body.json', 'the body is no JSON: '],
    ['"text"', {}, 400, 'body.shape', 'the body must be a JSON object.'],
    ['[{"text":""}]', {}, 400, 'body.shape', 'the body must be a JSON object.'],
    ['null', {}, 400, 'body.shape', 'the body must be a JSON object.'],
    [{}, {}, 400, 'body.invalid', 'text is missing.'],
    ['{"__proto__":{"text":"x"}}', {}, 400, 'body.invalid', 'text is missing.'],
    [{ text: 7 }, {}, 400, 'body.invalid', 'text must be a string, not 7.'],
    [{ text: null }, {}, 400, 'body.invalid', 'text must be a string, not null.'],
    [{ text: ['x'] }, {}, 400, 'body.invalid', 'text must be a string, not ["x"].'],
    [
      'text=x',
      { 'content-type': 'application/x-www-form-urlencoded' },
      415,
      'body.type',
      'the body must be application/json, not application/x-www-form-urlencoded.',
    ],
    [gzipSync('{"text":""}'), { 'content-encoding': 'gzip' }, 415, 'body.encoding', 'the body must not be compressed.'],
    [{ text: 'x'.repeat(1000) }, {}, 413, 'FST_ERR_CTP_BODY_TOO_LARGE', 'Request body is too large.'],
  ])('%# refuses %j in JSON', async (body, headers, status, code, error) => {
    const { url } = await serve()
    const reply = await post(`${url}/api/american`, body, headers)
    expect(reply).toMatchObject({ status, json: { code, error: expect.stringContaining(error) } })
  })

  test.each(['GET', 'HEAD', 'PUT', 'DELETE', 'PATCH'])('refuses %s, and says what is allowed', async method => {
    const { url } = await serve({ workers: 0 })
    const reply = await fetch(`${url}/api/american`, { method })
    expect([reply.status, reply.headers.get('allow')]).toEqual([405, 'POST, OPTIONS'])
    if (method !== 'HEAD') expect(await reply.json()).toMatchObject({ code: 'method-not-allowed' })
  })

  test('says so when there is no model, and answers when it comes', async () => {
    const americanDir = americanFolder()
    writeFileSync(join(americanDir, 'model.json'), '{}')
    const { url } = await serve({ americanDir })
    const none = await post(`${url}/api/american`, { text: 'new york' })
    expect([none.status, none.headers.get('retry-after'), none.json.code]).toEqual([503, '5', 'model.missing'])
    writeFileSync(join(americanDir, 'model.json'), americanModel())
    expect((await post(`${url}/api/american`, { text: 'new york' })).json).toMatchObject({ is_american: 1 })
  })
})

describe('POST /api/predict', () => {
  test('answers one row with numbers, and many with lists', async () => {
    const { url } = await serve()
    const one = await post(`${url}/api/predict`, { row })
    expect(one.json).toEqual({
      predicted: expect.toSatisfy(label => label === 0 || label === 1),
      probability: expect.any(Number),
      version: '1.2.3',
      model: one.headers.get('x-model'),
      model_date: expect.stringMatching(/Z$/),
    })
    const many = await post(`${url}/api/predict`, { rows: [row, other, row] })
    expect(many.json.probability).toHaveLength(3)
    expect(many.json.probability[0]).toBe(many.json.probability[2])
    expect(many.json.probability[0]).toBeCloseTo(one.json.probability, 6)
  })

  test('names each value that cannot be, by its field', async () => {
    const { url } = await serve()
    const { status, json } = await post(`${url}/api/predict`, {
      rows: [row, [1, 2], [1, 2, 3, '4', 5, 6, 7, -8], 'row'],
    })
    expect([status, json]).toEqual([
      400,
      {
        error: 'rows[1] must have 8 numbers, not 2 (and 3 more).',
        code: 'body.invalid',
        problems: [
          { field: 'rows[1]', message: 'must have 8 numbers, not 2' },
          { field: 'rows[2][3]', message: '(skin_thickness) must be a number, not "4"' },
          { field: 'rows[2][7]', message: '(age) must be from 0 to 150, not -8' },
          { field: 'rows[3]', message: 'must be a list of 8 numbers' },
        ],
      },
    ])
  })

  test.each([
    ['{}', 'the body must have either rows, a list of rows, or row.'],
    ['{"row":[],"rows":[]}', 'the body must have either rows, a list of rows, or row.'],
    ['{"rows":[]}', 'rows must be a list of rows that is not empty.'],
    ['{"rows":{"0":[]}}', 'rows must be a list of rows that is not empty.'],
    ['{"row":[6,1e999,72,35,0,33.6,0.627,50]}', 'row[1] (glucose) must be from 0 to 1000, not Infinity.'],
    ['{"row":[6,null,72,35,0,33.6,0.627,50]}', 'row[1] (glucose) must be a number, not null.'],
  ])('refuses %s', async (body, error) => {
    const { url } = await serve({ workers: 0 })
    expect(await post(`${url}/api/predict`, body)).toMatchObject({ status: 400, json: { error } })
  })
})

test('what is nested deeper than can be shown is refused, too', async () => {
  const { url } = await serve({ workers: 0, maxBodyBytes: 1_000_000 })
  const deep = `${'['.repeat(200_000)}${']'.repeat(200_000)}`
  const tensor = (data: string) => `{"inputs":[{"name":"text","datatype":"BYTES","shape":[1],"data":${data}}]}`
  for (const [path, body, error] of [
    ['/api/american', `{"text":${deep}}`, 'text must be a string, not a deeply nested list.'],
    [
      '/api/predict',
      `{"row":[${deep},1,1,1,1,1,1,1]}`,
      'row[0] (pregnancies) must be a number, not a deeply nested list.',
    ],
    ['/v2/models/american/infer', tensor(deep), 'inputs[0].data[0] must be a string, not a deeply nested list.'],
  ])
    expect(await post(`${url}${path}`, body)).toMatchObject({ status: 400, json: { code: 'body.invalid', error } })
})

test('requests that come at once are done in few batches, each with its own answer', async () => {
  const { url } = await serve()
  const texts = Array.from({ length: 60 }, (_, i) => (i % 2 === 0 ? 'new york color' : 'leeds colour'))
  const replies = await Promise.all(texts.map(text => post(`${url}/api/american`, { text })))
  expect(replies.map(reply => reply.json.is_american)).toEqual(texts.map((_, i) => (i % 2 === 0 ? 1 : 0)))
  const metrics = await (await fetch(`${url}/metrics`)).text()
  expect(metrics).toContain('predictor_batch_jobs_count 60')
  const alone = Number(/predictor_batch_jobs_bucket\{le="1"\} (\d+)/.exec(metrics)?.[1])
  expect(alone).toBeLessThan(60)
})

describe('one model alone', () => {
  test('has its own pages and routes, and the other none', async () => {
    const american = await serve({ models: ['american'] })
    const status = async (url: string, path: string, method = 'GET') => (await fetch(url + path, { method })).status
    expect(await status(american.url, '/')).toBe(200)
    for (const [method, path] of [
      ['POST', '/accuracy'],
      ['GET', '/predictions'],
      ['POST', '/api/predict'],
      ['GET', '/v2/models/diabetes'],
    ] as const)
      expect(await status(american.url, path, method)).toBe(404)
    expect(await (await fetch(`${american.url}/`)).text()).toContain('<strong>American predictor</strong>')
    expect(await (await fetch(`${american.url}/status`)).json()).toMatchObject({
      model: { name: 'american', engine: 'naive-bayes' },
    })
    const diabetes = await serve({ models: ['diabetes'] })
    for (const path of ['/api/american', '/american']) expect(await status(diabetes.url, path)).toBe(404)
    expect(await (await fetch(`${diabetes.url}/`)).text()).toContain('<strong>Diabetes predictor</strong>')
  })
})

describe('the Open Inference Protocol', () => {
  const rows = (data: unknown, shape = [2, 8], more = {}) => ({
    inputs: [{ name: 'rows', datatype: 'FP32', shape, data, ...more }],
  })

  test('names server and models, and says whether they are ready', async () => {
    const { url } = await serve({ americanDir: '/nonexistent' })
    const get = async (path: string) => {
      const reply = await fetch(url + path)
      return [reply.status, await reply.json()] as const
    }
    expect(await get('/v2')).toEqual([200, { name: 'mlops-predictor', version: '1.2.3', extensions: [] }])
    expect(await get('/v2/health/live')).toEqual([200, { live: true }])
    expect(await get('/v2/health/ready')).toEqual([200, { ready: true }])
    expect(await get('/v2/models/diabetes')).toEqual([
      200,
      {
        name: 'diabetes',
        versions: [expect.stringMatching(/^[0-9a-f]{12}$/)],
        platform: 'keras-json-h5',
        inputs: [{ name: 'rows', datatype: 'FP32', shape: [-1, 8] }],
        outputs: [
          { name: 'probability', datatype: 'FP32', shape: [-1] },
          { name: 'predicted', datatype: 'INT64', shape: [-1] },
        ],
      },
    ])
    expect(await get('/v2/models/diabetes/ready')).toEqual([200, { name: 'diabetes', ready: true }])
    expect(await get('/v2/models/american/ready')).toEqual([503, { name: 'american', ready: false }])
    expect(await get('/v2/models/nothing')).toEqual([
      404,
      { error: 'there is no model "nothing".', code: 'model.unknown' },
    ])
    const wrong = await fetch(`${url}/v2/models/diabetes/infer`)
    expect([wrong.status, wrong.headers.get('allow')]).toEqual([405, 'POST, OPTIONS'])
  })

  test('says that nothing is ready where there is no worker', async () => {
    const { url } = await serve({ workers: 0 })
    expect((await fetch(`${url}/v2/health/ready`)).status).toBe(503)
    expect((await fetch(`${url}/v2/health/live`)).status).toBe(200)
  })

  test('infers rows, nested or flat, as POST /api/predict does', async () => {
    const { url } = await serve()
    const plain = await post(`${url}/api/predict`, { rows: [row, other] })
    for (const data of [
      [row, other],
      [...row, ...other],
    ]) {
      const { status, json } = await post(`${url}/v2/models/diabetes/infer`, { id: 'seven', ...rows(data) })
      expect([status, json]).toEqual([
        200,
        {
          model_name: 'diabetes',
          model_version: plain.json.model,
          id: 'seven',
          outputs: [
            { name: 'probability', datatype: 'FP32', shape: [2], data: plain.json.probability },
            { name: 'predicted', datatype: 'INT64', shape: [2], data: plain.json.predicted },
          ],
        },
      ])
    }
    const chosen = await post(`${url}/v2/models/diabetes/infer`, {
      ...rows([row], [1, 8]),
      outputs: [{ name: 'predicted' }],
    })
    expect(chosen.json.outputs).toHaveLength(1)
  })

  test('infers texts', async () => {
    const { url } = await serve()
    const input = { name: 'text', datatype: 'BYTES', shape: [2, 1], data: [['color'], ['colour']] }
    const { json } = await post(`${url}/v2/models/american/infer`, { inputs: [input] })
    expect(json.outputs[1]).toEqual({ name: 'is_american', datatype: 'INT64', shape: [2], data: [1, 0] })
    const number = { ...input, data: ['color', 7] }
    expect(await post(`${url}/v2/models/american/infer`, { inputs: [number] })).toMatchObject({
      status: 400,
      json: { error: 'inputs[0].data[1] must be a string, not 7.' },
    })
  })

  test.each<[unknown, string]>([
    [{}, 'inputs must be a list of one tensor, rows.'],
    [{ inputs: [{}, {}] }, 'inputs must be a list of one tensor, rows.'],
    [{ id: 7, ...rows([row]) }, 'id must be a string.'],
    [rows([row], [1, 8], { name: 'x' }), 'inputs[0].name must be rows, not "x".'],
    [rows([row], [1, 8], { datatype: 'BYTES' }), 'inputs[0].datatype must be FP32, not "BYTES".'],
    [rows([row], [0, 8]), 'inputs[0].shape must be a list of sizes above 0.'],
    [rows([row], [8]), 'inputs[0].shape must be [N, 8], not [8].'],
    [rows([row], [2, 8]), 'inputs[0].data must have 16 values for its shape, not 8.'],
    [rows('x', [1, 8]), 'inputs[0].data must be a list.'],
    [rows([[...row.slice(0, 5), 'x', 0.627, 50]], [1, 8]), 'inputs[0].data[0][5] (bmi)'],
    [{ ...rows([row], [1, 8]), outputs: [{ name: 'x' }] }, 'outputs must name probability or predicted, not "x".'],
    [{ ...rows([row], [1, 8]), outputs: 'x' }, 'outputs must name probability or predicted, not nothing.'],
  ])('%# refuses what does not fit', async (body, error) => {
    const { url } = await serve({ workers: 0 })
    const reply = await post(`${url}/v2/models/diabetes/infer`, body)
    expect([reply.status, reply.json.code]).toEqual([400, 'body.invalid'])
    expect(reply.json.error).toContain(error)
  })
})

describe('the OpenAPI document', () => {
  test('describes what is answered, and every example in it is', async () => {
    const { url } = await serve()
    const document: OpenApi = await (await fetch(`${url}/openapi.json`)).json()
    expect(document).toMatchObject({ openapi: '3.1.0', info: { version: '1.2.3' } })
    const ajv = new Ajv2020({ strict: false, validateFormats: false })
    const fits = (schema: object, value: unknown) => {
      const valid = ajv.compile({ ...schema, components: document.components })
      expect(valid(value), JSON.stringify([valid.errors, value])).toBe(true)
    }
    for (const [path, methods] of Object.entries(document.paths))
      for (const [method, { requestBody, responses }] of Object.entries(methods)) {
        const sent = requestBody?.content['application/json']
        if (sent) fits(sent.schema, sent.example)
        for (const name of path.includes('{name}') ? ['american'] : ['']) {
          const init =
            method === 'post'
              ? {
                  method,
                  body: JSON.stringify(sent?.example ?? {}),
                  headers: { accept: 'application/json', 'content-type': 'application/json' },
                }
              : {}
          const reply = await fetch(url + path.replace('{name}', name), init)
          expect(reply.status, `${method} ${path}`).toBe(200)
          fits(responses['200']?.content?.['application/json']?.schema ?? { not: {} }, await reply.json())
        }
        for (const { content } of Object.values(responses)) {
          const { schema, example } = content?.['application/json'] ?? {}
          if (schema && example !== undefined) fits(schema, example)
        }
      }
    const problem = { $ref: '#/components/schemas/Problem' }
    fits(problem, (await post(`${url}/api/american`, { text: 7 })).json)
    fits(problem, (await post(`${url}/api/predict`, { rows: [[]] })).json)
  })

  test('names the routes of the served models alone', async () => {
    const { url } = await serve({ models: ['american'] })
    const { paths }: OpenApi = await (await fetch(`${url}/openapi.json`)).json()
    expect(Object.keys(paths)).toContain('/api/american')
    expect(Object.keys(paths)).not.toContain('/api/predict')
  })

  test('is readable by people', async () => {
    const { url } = await serve()
    const page = await (await fetch(`${url}/docs`)).text()
    for (const path of ['/api/american', '/api/predict', '/v2/models/{name}/infer', '/readyz'])
      expect(page).toContain(`<code>${path}</code>`)
  })
})

describe('the forms', () => {
  const form = async (url: string, fields: Record<string, string>) => {
    const reply = await fetch(url, { method: 'POST', body: new URLSearchParams(fields) })
    return [reply.status, await reply.text()] as const
  }
  const fields = {
    pregnancies: '6',
    glucose: '148',
    blood_pressure: '72',
    skin_thickness: '35',
    insulin: '0',
    bmi: '33.6',
    pedigree: '0.627',
    age: '50',
  }

  test('answer a row, and keep what was typed', async () => {
    const { url } = await serve()
    const [status, page] = await form(`${url}/predict`, fields)
    const { json } = await post(`${url}/api/predict`, { row })
    expect(status).toBe(200)
    expect(page).toContain(`<strong>${(json.probability * 100).toFixed(1)} %</strong>`)
    expect(page).toContain('name="glucose" type="number" min="0" max="1000" step="1" value="148"')
  })

  test('show a row of the table to begin with', async () => {
    const { url } = await serve({ workers: 0 })
    const page = await (await fetch(`${url}/predict`)).text()
    const [, link = ''] = /<a href="(\/predict\?[^"]+)">row 1 of the table/.exec(page) ?? []
    expect(link.match(/=/g)).toHaveLength(8)
    expect(await (await fetch(url + link.replaceAll('&#38;', '&'))).text()).toContain('value="148"')
  })

  test('name each value that cannot be, beside its field', async () => {
    const { url } = await serve({ workers: 0 })
    const [status, page] = await form(`${url}/predict`, { ...fields, age: '1000', bmi: '' })
    expect(status).toBe(400)
    const links = '<a href="#bmi">Body mass index</a>, <a href="#age">Age</a>'
    expect(page).toContain(`<p class="problem" role="alert">The model was not asked. Please correct: ${links}.</p>`)
    expect(page).toContain('<small id="age-note" class="problem">must be from 0 to 150, not 1000</small>')
    expect(page).toContain('<small id="bmi-note" class="problem">must be a number</small>')
    expect(page.match(/aria-invalid="true"/g)).toHaveLength(2)
  })

  test('answer a text, and show it only as text', async () => {
    const { url } = await serve()
    const [status, page] = await form(`${url}/american`, { text: '\nnew york <b>' })
    expect(status).toBe(200)
    expect(page).toContain('<h1>American</h1>')
    // The first line end behind the tag is not the text's own.
    expect(page).toContain(' aria-describedby="text-note">\n\nnew york &#60;b&#62;</textarea>')
  })

  test('say beside the field that a text of blanks cannot be judged', async () => {
    const { url } = await serve({ workers: 0 })
    const [status, page] = await form(`${url}/american`, { text: ' \r\n' })
    expect(status).toBe(400)
    expect(page).toContain('<small id="text-note" class="problem">There is no text to judge: please write one.</small>')
  })
})
