import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { authorizedKey } from './authorized-key.ts'
import { attempt, step, tmp } from './step.ts'

const one = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDgXyQfOfaSSZxEn3xmA1QF9XkC32O4SCPb1ZlBnR72X me@home'
const two = 'ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABgQC3M676hAmt8Ucc== some one'

for (const shell of ['dash', 'busybox'] as const) {
  test(`keys are checked, added, left alone, and removed (${shell})`, async () => {
    const path = join(tmp(), `it's "$NONE"`, 'authorized_keys')
    const args = { user: 'root', path, key: `${one}\n# a comment\n${two}\n` }
    expect(await step(authorizedKey, args, { check: true, shell })).toBe('changed')
    expect(existsSync(path)).toBe(false)
    expect(await step(authorizedKey, args, { shell })).toBe('changed')
    expect(readFileSync(path, 'utf8')).toBe(`${one}\n${two}\n`)
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect(await step(authorizedKey, args, { shell })).toBe('ok')
    expect(await step(authorizedKey, { ...args, key: one, state: 'absent' }, { shell })).toBe('changed')
    expect(readFileSync(path, 'utf8')).toBe(`${two}\n`)
    expect(await step(authorizedKey, { ...args, key: one, state: 'absent' }, { shell })).toBe('ok')
  })
}

test('a key is known by its body: options and comment are changed in place', async () => {
  const path = join(tmp(), 'keys')
  writeFileSync(path, `# kept\n${two}\n${one}\n`)
  const args = { user: 'root', path, key: one, key_options: 'command="echo \\"a b\\"",no-pty' }
  expect(await step(authorizedKey, args)).toBe('changed')
  expect(readFileSync(path, 'utf8')).toBe(`# kept\n${two}\ncommand="echo \\"a b\\"",no-pty ${one}\n`)
  expect(await step(authorizedKey, args)).toBe('ok')
  expect(await step(authorizedKey, { user: 'root', path, key: one, exclusive: true })).toBe('changed')
  expect(readFileSync(path, 'utf8')).toBe(`# kept\n${one}\n`)
})

test('what is no key is an error of the arguments, and an unknown user a failure', async () => {
  await expect(attempt(authorizedKey, { user: 'root', key: 'no key' })).rejects.toThrow('invalid key specified')
  expect(await attempt(authorizedKey, { user: 'mlops-no-such-user', key: one })).toMatchObject({
    outcome: 'failed',
    result: { msg: 'Failed to lookup user mlops-no-such-user' },
  })
})

test('the host fetches keys from an address, and what is no key there is a failure', async () => {
  const server = createServer((request, response) => {
    if (request.url === '/gone') response.statusCode = 404
    response.end(request.url === '/page' ? '<p>Sign in</p>' : `${one}\n${two}`)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const address = server.address()
  const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`
  const path = join(tmp(), 'keys')
  const args = { user: 'root', path, key: `${url}/it's$(id).keys`, exclusive: true }
  expect(await step(authorizedKey, args, { check: true })).toBe('changed')
  expect(await step(authorizedKey, args)).toBe('changed')
  expect(readFileSync(path, 'utf8')).toBe(`${one}\n${two}\n`)
  expect(await step(authorizedKey, args)).toBe('ok')
  const page = await attempt(authorizedKey, { ...args, key: `${url}/page` })
  expect(page.result.msg).toBe('invalid key specified: <p>Sign in</p>')
  const gone = await attempt(authorizedKey, { ...args, key: `${url}/gone` })
  expect(gone.result.msg).toMatch(/^Request failed: .*404/)
})
