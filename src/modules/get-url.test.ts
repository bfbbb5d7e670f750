import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage } from 'node:http'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { getUrl } from './get-url.ts'
import { attempt, step, tmp } from './step.ts'

/** A server on this machine that answers with `content`, or 404 for `/missing`. */
async function serve(content: () => string, seen: (request: IncomingMessage) => void = () => {}): Promise<string> {
  const server = createServer((request, response) => {
    seen(request)
    if (request.url?.startsWith('/missing')) response.statusCode = 404
    response.end(request.url?.endsWith('.sums') ? `${sha256(content())}  file.txt\n` : content())
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.close()
  })
  const address = server.address()
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

for (const shell of ['dash', 'busybox'] as const) {
  test(`a download is checked, made, and then left alone (${shell})`, async () => {
    const url = await serve(() => 'content')
    const dest = join(tmp(), `it's "$NONE" *`)
    const args = { url: `${url}/file.txt?x=1`, dest, mode: '0640' }
    expect(await step(getUrl, args, { check: true, shell })).toBe('changed')
    expect(existsSync(dest)).toBe(false)
    expect(await step(getUrl, args, { shell })).toBe('changed')
    expect(readFileSync(dest, 'utf8')).toBe('content')
    expect(statSync(dest).mode & 0o777).toBe(0o640)
    expect(await step(getUrl, args, { shell })).toBe('ok')
    expect(await step(getUrl, { ...args, mode: 'u+x' }, { shell })).toBe('changed')
    expect(statSync(dest).mode & 0o777).toBe(0o740)
    expect(await step(getUrl, { ...args, mode: 'u+x' }, { shell })).toBe('ok')
  })
}

test('a folder takes the file under its own name, and force changes it only when the content is new', async () => {
  let content = 'one'
  const url = await serve(() => content)
  const folder = tmp()
  const args = { url: `${url}/file.txt`, dest: folder, force: true }
  expect(await step(getUrl, args)).toBe('changed')
  expect(readFileSync(join(folder, 'file.txt'), 'utf8')).toBe('one')
  expect(await step(getUrl, args)).toBe('ok')
  content = 'two'
  const { outcome, result } = await attempt(getUrl, { ...args, backup: true })
  expect(outcome).toBe('changed')
  expect(readFileSync(join(folder, 'file.txt'), 'utf8')).toBe('two')
  expect(readFileSync(String(result.backup_file), 'utf8')).toBe('one')
})

test('a digest is compared, as written and behind an address', async () => {
  const url = await serve(() => 'content')
  const dest = join(tmp(), 'file.txt')
  const wrong = await attempt(getUrl, { url: `${url}/file.txt`, dest, checksum: `sha256:${sha256('other')}` })
  expect(wrong).toMatchObject({ outcome: 'failed', result: { msg: expect.stringContaining('did not match') } })
  expect(existsSync(dest)).toBe(false)
  expect(await step(getUrl, { url: `${url}/file.txt`, dest, checksum: `sha256:${url}/x.sums` })).toBe('changed')
  expect(await step(getUrl, { url: `${url}/file.txt`, dest, checksum: `sha256:${sha256('content')}` })).toBe('ok')
  writeFileSync(dest, 'spoiled')
  expect(await step(getUrl, { url: `${url}/file.txt`, dest, checksum: `sha256:${sha256('content')}` })).toBe('changed')
  expect(readFileSync(dest, 'utf8')).toBe('content')
})

test('headers and a password reach the server whole, and a refusal is a failure that leaves nothing', async () => {
  let seen: IncomingMessage | undefined
  const url = await serve(
    () => 'x',
    request => {
      seen = request
    },
  )
  const folder = tmp()
  const odd = `a "quoted" \\ $HOME 'value'`
  await step(getUrl, {
    url: `${url}/f`,
    dest: `${folder}/f`,
    headers: { 'X-Odd': odd },
    url_username: 'me',
    url_password: `p"a\\s's`,
  })
  expect(seen?.headers['x-odd']).toBe(odd)
  expect(Buffer.from(String(seen?.headers.authorization).slice(6), 'base64').toString()).toBe(`me:p"a\\s's`)
  const missing = await attempt(getUrl, { url: `${url}/missing`, dest: `${folder}/g` })
  expect(missing).toMatchObject({ outcome: 'failed', result: { msg: expect.stringMatching(/Request failed: .*404/) } })
  expect(existsSync(`${folder}/g`)).toBe(false)
  expect(await attempt(getUrl, { url: `${url}/f`, dest: `${folder}/no/where` })).toMatchObject({
    outcome: 'failed',
    result: { msg: `Destination ${folder}/no does not exist` },
  })
})

test('a download in the home folder lies there, and a folder gets what is new there without force', async () => {
  let content = 'one'
  const url = await serve(() => content)
  const home = tmp()
  const environment = { HOME: home }
  expect(await step(getUrl, { url: `${url}/file.txt`, dest: '~/' }, { environment })).toBe('changed')
  content = 'two'
  expect(await step(getUrl, { url: `${url}/file.txt`, dest: '~/file.txt' }, { environment })).toBe('ok')
  expect(await step(getUrl, { url: `${url}/file.txt`, dest: '~' }, { environment })).toBe('changed')
  expect(readFileSync(join(home, 'file.txt'), 'utf8')).toBe('two')
  expect(await step(getUrl, { url: `${url}/file.txt`, dest: '~' }, { environment })).toBe('ok')
})

test('without curl, the wget of BusyBox downloads, refuses to show a password, and says what went wrong', async () => {
  const url = await serve(() => 'content')
  const dest = join(tmp(), `it's "$NONE" *`)
  const options = { shell: 'busybox', environment: { PATH: applets() } } as const
  expect(await step(getUrl, { url: `${url}/file.txt`, dest, checksum: `sha256:${url}/a.sums` }, options)).toBe(
    'changed',
  )
  expect(readFileSync(dest, 'utf8')).toBe('content')
  expect(await step(getUrl, { url: `${url}/file.txt`, dest }, options)).toBe('ok')
  const secret = await attempt(getUrl, { url, dest: `${dest}2`, username: 'me', password: 'sesame' }, options)
  expect(secret).toMatchObject({ outcome: 'failed', result: { msg: expect.stringContaining('curl is needed') } })
  const missing = await attempt(getUrl, { url: `${url}/missing`, dest: `${dest}2` }, options)
  expect(missing).toMatchObject({ outcome: 'failed', result: { msg: expect.stringMatching(/Request failed.*404/) } })
  expect(existsSync(`${dest}2`)).toBe(false)
})

/** A folder of BusyBox's commands, and so without curl. */
function applets(): string {
  const folder = tmp()
  execFileSync('busybox', ['--install', '-s', folder])
  return folder
}

test.each(['dash', 'busybox'] as const)('a file of the host is fetched by its address (%s)', async shell => {
  const folder = tmp()
  writeFileSync(join(folder, "it's 100% $HOME"), 'local')
  const dest = join(folder, 'got')
  const url = `file://${encodeURI(join(folder, "it's 100% $HOME"))}`
  expect(await step(getUrl, { url, dest }, { shell })).toBe('changed')
  expect(readFileSync(dest, 'utf8')).toBe('local')
  expect(await step(getUrl, { url, dest }, { shell })).toBe('ok')
  const gone = await attempt(getUrl, { url: `file://${folder}/gone`, dest: join(folder, 'other') }, { shell })
  expect(gone).toMatchObject({ outcome: 'failed', result: { msg: expect.stringContaining('Request failed: cp: ') } })
})
