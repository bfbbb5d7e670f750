import { sign, X509Certificate } from 'node:crypto'
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { folder } from '../../test/rig/mlops.ts'
import { HTPASSWD, PASSWORD, type Registry, startRegistry, USER } from '../../test/rig/registry.ts'
import { makeCertificate } from '../providers/docker/certificate.ts'
import { inspectImage, listRemoteTags } from './inspect.ts'
import { proxyFor } from './proxy.ts'
import { findImage } from './registry.ts'

let open: Registry
let closed: Registry

beforeAll(async () => {
  open = await startRegistry()
  closed = await startRegistry({ htpasswd: HTPASSWD, tls: true })
})

afterAll(async () => {
  await open?.stop()
  await closed?.stop()
})

const pair = Buffer.from(`${USER}:${PASSWORD}`).toString('base64')

/** An environment whose home has these files, and nothing else of ours but the path of programs. */
function home(files: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  return { HOME: folder(files), PATH: process.env['PATH'] }
}

function loggedIn(host: string): Record<string, string> {
  return { '.docker/config.json': JSON.stringify({ auths: { [host]: { auth: pair } } }) }
}

test('an image is found by tag and by digest, and one that is not there is not', async () => {
  const digest = await open.put('team/predictor', '1.0')
  const found = { digest, mediaType: 'application/vnd.oci.image.manifest.v1+json' }
  expect(await findImage(`${open.host}/team/predictor:1.0`)).toEqual(found)
  expect(await findImage(`${open.host}/team/predictor@${digest}`)).toEqual(found)
  expect(await findImage(`${open.host}/team/predictor:1.1`)).toBeUndefined()
  expect(await findImage(`${open.host}/team/predictor`)).toBeUndefined()
  expect(await findImage(`${open.host}/nobody/nothing:1`)).toBeUndefined()
})

test('a registry that wants a login gets the one of `docker login`', async () => {
  const environment = home(loggedIn(closed.host))
  expect(await findImage(`${closed.host}/team/predictor:1`, { environment })).toBeUndefined()
})

test('the login of Podman serves too, also one for a part of the registry', async () => {
  const auths = { [`${closed.host}/team`]: { auth: pair } }
  const environment = home({ '.config/containers/auth.json': JSON.stringify({ auths }) })
  expect(await findImage(`${closed.host}/team/predictor:1`, { environment })).toBeUndefined()
  await expect(findImage(`${closed.host}/others/predictor:1`, { environment })).rejects.toThrow('wants a login')
})

test('a program that keeps logins is asked', async () => {
  const environment = home({ '.docker/config.json': JSON.stringify({ credHelpers: { [closed.host]: 'tests' } }) })
  const programs = join(environment['HOME'] ?? '', 'bin')
  mkdirSync(programs)
  const answer = JSON.stringify({ ServerURL: closed.host, Username: USER, Secret: PASSWORD })
  const script = `#!/bin/sh\n[ "$1" = get ] && [ "$(cat)" = ${closed.host} ] && echo '${answer}'\n`
  writeFileSync(join(programs, 'docker-credential-tests'), script)
  chmodSync(join(programs, 'docker-credential-tests'), 0o755)
  const image = `${closed.host}/team/predictor:1`
  await expect(findImage(image, { environment })).rejects.toMatchObject({ code: 'image.login-program' })
  const withProgram = { ...environment, PATH: `${programs}:${environment['PATH']}` }
  expect(await findImage(image, { environment: withProgram })).toBeUndefined()
})

test('who is not logged in, or wrongly, is told', async () => {
  const image = `${closed.host}/team/predictor:1`
  await expect(findImage(image, { environment: home() })).rejects.toMatchObject({
    code: 'image.login',
    message: `${closed.host} wants a login for team/predictor (401: authentication required)`,
    hint: `docker login ${closed.host}; some registries say the same of repositories that they do not have`,
  })
  const wrong = Buffer.from(`${USER}:nonsense`).toString('base64')
  const environment = home({ '.docker/config.json': JSON.stringify({ auths: { [closed.host]: { auth: wrong } } }) })
  const refused = findImage(image, { environment })
  await expect(refused).rejects.toMatchObject({
    code: 'image.login',
    hint: `log in again: docker login ${closed.host}`,
  })
  await expect(refused).rejects.not.toThrow('nonsense')
})

test('a certificate counts when its authority is trusted, as by docker', async () => {
  const image = `${closed.host}/team/predictor:1`
  const strictly = { environment: home(loggedIn(closed.host)), insecure: false }
  await expect(findImage(image, strictly)).rejects.toMatchObject({ code: 'image.certificate' })
  const authority = `.config/docker/certs.d/${closed.host}/ca.crt`
  const environment = home({ ...loggedIn(closed.host), [authority]: closed.authority })
  expect(await findImage(image, { ...strictly, environment })).toBeUndefined()
})

test('a registry is reached through the proxy of the environment, and its certificate checked all the same', async () => {
  const { port } = new URL(closed.url)
  const wanted: string[] = []
  // the name is known to the proxy alone
  const proxy = createServer().on('connect', (request, socket) => {
    wanted.push(`${request.headers['proxy-authorization']} ${request.url}`)
    const line = connect(Number(port), 'localhost', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n')
      line.pipe(socket).pipe(line)
    })
    line.on('error', () => {}).on('close', () => socket.destroy())
    socket.on('error', () => {}).on('close', () => line.destroy())
  })
  const host = `registry.example.org:${port}`
  const address = await listening(proxy)
  const files = { ...loggedIn(host), [`.config/docker/certs.d/${host}/ca.crt`]: closed.authority }
  const environment = {
    ...home(files),
    https_proxy: `http://me:it%3As@${address}`,
    NO_PROXY: 'example.com, .example.net',
  }
  const refused = findImage(`${host}/team/predictor:1`, { environment })
  await expect(refused).rejects.toMatchObject({
    code: 'image.certificate',
    message: expect.stringContaining('localhost'),
  })
  expect(await findImage(`${host}/team/predictor:1`, { environment, insecure: true })).toBeUndefined()
  expect(new Set(wanted)).toEqual(new Set([`Basic ${Buffer.from('me:it:s').toString('base64')} ${host}`]))
})

test.each([
  ['registry.example.org', true],
  ['REGISTRY.example.org', true],
  ['example.org:443', true],
  ['.example.org', true],
  ['*', true],
  ['a.example.com, *.example.org', true],
  ['example.org:5000', false],
  ['example', false],
  ['ample.org', false],
  ['', false],
])('NO_PROXY=%s excepts registry.example.org: %s', (text, excepted) => {
  const environment = { HTTPS_PROXY: 'proxy.example.org:3128', NO_PROXY: text }
  const found = proxyFor(new URL('https://registry.example.org/v2/'), environment)
  expect(found?.host).toBe(excepted ? undefined : 'proxy.example.org:3128')
})

test('a registry without TLS has to be allowed', async () => {
  await expect(findImage(`${open.host}/a:1`, { insecure: false })).rejects.toMatchObject({
    message: `registry ${open.host} cannot be reached: it does not speak TLS`,
  })
})

test('a login file that is no JSON is an error that does not show it', async () => {
  const environment = home({ '.docker/config.json': `{"auths": ${pair}` })
  await expect(findImage(`${closed.host}/a:1`, { environment })).rejects.toMatchObject({
    code: 'image.login-file',
    message: expect.not.stringContaining(pair),
  })
})

test('a registry that is not there is unreachable', async () => {
  const gone = await startRegistry()
  await gone.stop()
  await expect(findImage(`${gone.host}/a:1`)).rejects.toMatchObject({ name: 'ConnectionError', kind: 'unreachable' })
})

/** A server that answers each request as told; gives its host and what it was asked. */
async function answering(reply: (asked: { url: string; authorization: string | undefined }) => Reply) {
  const asked: { method: string; url: string; authorization: string | undefined }[] = []
  const server = createServer((request, response) => {
    const { method = '', url = '', headers } = request
    asked.push({ method, url, authorization: headers.authorization })
    const { status, headers: more = {}, body = '' } = reply({ url, authorization: headers.authorization })
    response.writeHead(status, more).end(method === 'HEAD' ? '' : body)
  })
  return { host: await listening(server), asked }
}

/** The address of a server that listens until the test is over. */
async function listening(server: Server): Promise<string> {
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => new Promise<void>(resolve => void server.close(() => resolve())))
  // an address of TCP, since it listens on one
  return `127.0.0.1:${(server.address() as AddressInfo).port}`
}

interface Reply {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

test('a registry that wants a token gets the one that its service gives for the login', async () => {
  const made = await makeCertificate(['tokens'])
  const service = await answering(({ url, authorization }) => {
    const asked = new URL(url, 'http://tokens').searchParams
    if (authorization !== `Basic ${pair}`) return { status: 401, body: '{"details": "who are you?"}' }
    const [type, name, actions = ''] = (asked.get('scope') ?? '').split(':')
    const token = signedToken(made, [{ type, name, actions: actions.split(',') }])
    return { status: 200, body: JSON.stringify({ token, account: asked.get('service') }) }
  })
  const token = { realm: `http://${service.host}/token`, certificate: made.authority }
  const registry = await startRegistry({ token })
  onTestFinished(() => registry.stop())
  const image = `${registry.host}/team/predictor:1`
  expect(await findImage(image, { environment: home(loggedIn(registry.host)) })).toBeUndefined()
  expect(service.asked.map(({ url }) => url)).toEqual([
    '/token?service=tests&scope=repository%3Ateam%2Fpredictor%3Apull',
  ])
  await expect(findImage(image, { environment: home() })).rejects.toMatchObject({
    message: `${registry.host} wants a login for team/predictor (401: who are you?)`,
  })
})

test('a login that may do nothing there is told from a wrong one', async () => {
  const strict = await answering(({ url, authorization }) =>
    url.startsWith('/token')
      ? { status: 200, body: '{"token": "nothing"}' }
      : {
          status: 401,
          headers: { 'WWW-Authenticate': `Bearer realm="http://${strict.host}/token"` },
          body: JSON.stringify({ errors: [{ message: authorization ?? 'nobody' }] }),
        },
  )
  const asked = findImage(`${strict.host}/a:1`, { environment: home(loggedIn(strict.host)) })
  await expect(asked).rejects.toMatchObject({
    code: 'image.denied',
    message: `${strict.host} does not let this login at a (401: Bearer nothing)`,
  })
})

/** A token as Distribution's specification says, signed with ES256. */
function signedToken({ certificate, key }: { certificate: string; key: string }, access: readonly unknown[]): string {
  const now = Math.floor(Date.now() / 1000)
  const x5c = [new X509Certificate(certificate).raw.toString('base64')]
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const claims = { iss: 'tests', sub: USER, aud: 'tests', exp: now + 600, nbf: now - 600, iat: now, jti: '1', access }
  const text = `${part({ typ: 'JWT', alg: 'ES256', x5c })}.${part(claims)}`
  const signature = sign('sha256', Buffer.from(text), { key, dsaEncoding: 'ieee-p1363' })
  return `${text}.${signature.toString('base64url')}`
}

test('what a registry says of an image is read as a whole', async () => {
  const digest = await open.put('team/shown', '1', { text: 'shown' })
  expect(await inspectImage(`${open.host}/team/shown:1`)).toMatchObject({
    ...{ digest, mediaType: 'application/vnd.oci.image.manifest.v1+json', attestations: [] },
    variants: [{ platform: 'linux/amd64', digest, labels: { text: 'shown' } }],
  })
  expect(await inspectImage(`${open.host}/team/shown:2`)).toBeUndefined()
  await open.put('team/shown', '0', { text: 'another' })
  expect(await listRemoteTags(`${open.host}/team/shown`)).toEqual(['0', '1'])
  expect(await listRemoteTags(`${open.host}/team/nothing`)).toEqual([])
})

test('a limit of requests is told with when to come again', async () => {
  const { host } = await answering(() => ({
    status: 429,
    headers: { 'Retry-After': '60' },
    body: JSON.stringify({ errors: [{ code: 'TOOMANYREQUESTS', message: 'You have reached your pull rate limit' }] }),
  }))
  await expect(findImage(`${host}/a:1`, { environment: home() })).rejects.toMatchObject({
    code: 'image.rate-limit',
    message: `${host} takes no more requests for now (429: You have reached your pull rate limit)`,
    hint: `try again in 60 seconds; with a login the limit is higher: docker login ${host}`,
  })
})

test('a service that stumbles is asked again', async () => {
  let turn = 0
  const { host, asked } = await answering(() => ({ status: ++turn < 3 ? 503 : 404 }))
  expect(await findImage(`${host}/a:1`)).toBeUndefined()
  expect(asked).toHaveLength(3)
})

test('a digest that the registry does not say is that of the bytes', async () => {
  const type = 'application/vnd.oci.image.index.v1+json'
  const { host } = await answering(() => ({ status: 200, headers: { 'Content-Type': type }, body: '{}' }))
  expect(await findImage(`${host}/a:1`)).toEqual({
    digest: 'sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a',
    mediaType: type,
  })
})

test('a login goes neither to another place that a registry sends us to, nor to one without TLS', async () => {
  const other = await answering(() => ({ status: 200, headers: { 'Docker-Content-Digest': 'sha256:1' } }))
  const first = await answering(({ authorization }) =>
    authorization === undefined
      ? { status: 401, headers: { 'WWW-Authenticate': 'Basic realm="tests"' } }
      : { status: 307, headers: { Location: `http://${other.host}/elsewhere` } },
  )
  const environment = home(loggedIn(first.host))
  expect(await findImage(`${first.host}/a:1`, { environment })).toMatchObject({ digest: 'sha256:1' })
  expect(first.asked.at(-1)?.authorization).toBe(`Basic ${pair}`)
  expect(other.asked.map(({ authorization }) => authorization)).toEqual([undefined])
})
