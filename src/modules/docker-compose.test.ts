import { execFileSync, spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { dockerCompose } from './docker-compose.ts'
import { attempt, step, tmp } from './step.ts'

const hasCompose =
  spawnSync('docker', ['version']).status === 0 &&
  (spawnSync('docker', ['compose', 'version']).status === 0 || spawnSync('docker-compose', ['version']).status === 0)

/** A project of services that sleep, from an image made of this machine's BusyBox. */
function project(): { src: string; write: (setting: string, command?: string[]) => void } {
  const src = tmp()
  const name = `mlops-test-${process.pid}-${Math.random().toString(36).slice(2)}`
  const image = `${name}:latest`
  execFileSync('sh', [
    '-c',
    `set -- "$(command -v busybox)"; cp "$1" ${src}/busybox
     tar -C / -chf - --transform 's,^${src.slice(1)}/,,' ${src.slice(1)}/busybox $(ldd "$1" 2>/dev/null | grep -o '/[^ )]*' | cut -c 2-) | docker import - ${image}`,
  ])
  const write = (setting: string, command = ['/busybox', 'sleep', '600']) =>
    writeFileSync(
      join(src, 'docker-compose.yml'),
      JSON.stringify({
        version: '3.8',
        services: {
          web: {
            image,
            command,
            stop_signal: 'SIGKILL',
            environment: { SETTING: setting },
          },
          worker: { image, command: ['/busybox', 'sleep', '600'], stop_signal: 'SIGKILL', network_mode: 'none' },
        },
        networks: { default: { driver: 'bridge' } },
      }),
    )
  write('one')
  writeFileSync(join(src, '.env'), `COMPOSE_PROJECT_NAME=${name}\n`)
  onTestFinished(async () => {
    await attempt(dockerCompose, { project_src: src, state: 'absent' })
    spawnSync('docker', ['image', 'rm', '--force', image])
  })
  return { src, write }
}

test.skipIf(!hasCompose)('a project is checked, brought up, left alone, scaled, and taken down', async () => {
  const { src, write } = project()
  const args = { project_src: src }
  expect(await step(dockerCompose, args, { check: true })).toBe('changed')
  const first = await attempt(dockerCompose, args)
  expect(first).toMatchObject({ outcome: 'changed' })
  expect(first.result.containers).toMatchObject([{ Service: 'web', State: 'running' }, { Service: 'worker' }])
  expect(first.result.actions).not.toHaveLength(0)
  expect(await step(dockerCompose, args)).toBe('ok')

  const three = { ...args, scale: { worker: 3 } }
  expect(await step(dockerCompose, three, { check: true })).toBe('changed')
  expect(await step(dockerCompose, three)).toBe('changed')
  expect(await step(dockerCompose, three)).toBe('ok')
  expect(await step(dockerCompose, { ...args, services: ['web'] })).toBe('ok')

  write('two')
  expect(await step(dockerCompose, three)).toBe('changed')
  expect(await step(dockerCompose, three)).toBe('ok')

  expect(await step(dockerCompose, { ...args, state: 'absent' }, { check: true })).toBe('changed')
  expect(await step(dockerCompose, { ...args, state: 'absent' })).toBe('changed')
  expect(await step(dockerCompose, { ...args, state: 'absent' })).toBe('ok')
})

test.skipIf(!hasCompose)('a project is stopped, waited for, and a service that it has not is named', async () => {
  const { src, write } = project()
  const args = { project_src: src }
  expect(await step(dockerCompose, { ...args, wait: true, wait_timeout: 30 })).toBe('changed')
  write('two')
  expect(await step(dockerCompose, { ...args, recreate: 'never' })).toBe('ok')
  expect(await step(dockerCompose, { ...args, state: 'stopped', timeout: 0 })).toBe('changed')
  expect(await step(dockerCompose, { ...args, state: 'stopped' })).toBe('ok')
  expect(await attempt(dockerCompose, { ...args, scale: { wroker: 3 } })).toMatchObject({
    outcome: 'failed',
    result: { msg: 'the project has no service wroker; it has web, worker' },
  })
})

test.skipIf(!hasCompose)('a container that ends while it is waited for is a failure with what it said', async () => {
  const { src, write } = project()
  write('one', ['/busybox', 'sh', '-c', 'echo it fell over; exit 3'])
  const { outcome, result } = await attempt(dockerCompose, { project_src: src, wait: true, wait_timeout: 30 })
  expect(outcome).toBe('failed')
  expect(result.msg).toContain('a container ended')
})

test('a number below zero is an error of the arguments', async () => {
  await expect(attempt(dockerCompose, { project_src: '/', scale: { worker: -1 } })).rejects.toThrow('from 0 up')
})
