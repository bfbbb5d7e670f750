import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { modprobe } from './modprobe.ts'
import { seboolean } from './seboolean.ts'
import { selinux } from './selinux.ts'
import { attempt, type Shell, step, tmp } from './step.ts'

function programs(answers: Readonly<Record<string, string>>): { folder: string; environment: Record<string, string> } {
  const folder = tmp()
  mkdirSync(`${folder}/bin`)
  for (const [name, body] of Object.entries(answers)) {
    writeFileSync(`${folder}/bin/${name}`, `#!/bin/sh\ncd '${folder}'\n${body}\n`)
    chmodSync(`${folder}/bin/${name}`, 0o755)
  }
  return { folder, environment: { PATH: `${folder}/bin:${process.env['PATH']}` } }
}

test.each<Shell>(['dash', 'busybox'])('a boolean is set once (%s)', async shell => {
  const { folder, environment } = programs({
    getsebool: 'echo "$2 --> $(cat value)"',
    selinuxenabled: 'exit 0',
    setsebool: 'echo "$@" >called; echo "$3" >value',
    semanage: 'echo "httpd_x   ($(cat value) , $(cat value))  text"',
  })
  writeFileSync(`${folder}/value`, 'off\n')
  const args = { name: 'httpd_x', state: true, persistent: true }
  expect(await step(seboolean, args, { shell, environment, check: true })).toBe('changed')
  expect(await step(seboolean, args, { shell, environment })).toBe('changed')
  expect(readFileSync(`${folder}/called`, 'utf8')).toBe('-P httpd_x on\n')
  expect(await step(seboolean, args, { shell, environment })).toBe('ok')
})

test('a host without SELinux is told so', async () => {
  const boolean = await attempt(seboolean, { name: 'httpd_x', state: true })
  expect(boolean.result).toMatchObject({ failed: true, msg: 'SELinux is disabled on this host.' })
  const configfile = `${tmp()}/config`
  const mode = await attempt(selinux, { state: 'enforcing', policy: 'targeted', configfile })
  expect(mode.result.msg).toBe(`SELinux is not on this host: there is no ${configfile}`)
  expect((await attempt(selinux, { state: 'disabled', configfile })).outcome).toBe('ok')
})

test.each<Shell>(['dash', 'busybox'])('the mode of SELinux is set in its file and in force (%s)', async shell => {
  const { folder, environment } = programs({
    getenforce: 'cat mode',
    setenforce: '[ "$1" = 1 ] && echo Enforcing >mode || echo Permissive >mode',
  })
  writeFileSync(`${folder}/mode`, 'Enforcing\n')
  const configfile = `${folder}/it's "$x"`
  writeFileSync(configfile, '# kept\nSELINUX=enforcing\nSELINUXTYPE=targeted\n')
  const args = { state: 'permissive', policy: 'mls', configfile }
  expect(await step(selinux, args, { shell, environment, check: true })).toBe('changed')
  expect(readFileSync(configfile, 'utf8')).toContain('SELINUX=enforcing')
  expect(await step(selinux, args, { shell, environment })).toBe('changed')
  expect(readFileSync(configfile, 'utf8')).toBe('# kept\nSELINUX=permissive\nSELINUXTYPE=mls\n')
  expect(readFileSync(`${folder}/mode`, 'utf8')).toBe('Permissive\n')
  expect(await step(selinux, args, { shell, environment })).toBe('ok')
})

test.each<Shell>(['dash', 'busybox'])('a kernel module is loaded with its parameters (%s)', async shell => {
  const { folder, environment } = programs({ modprobe: 'echo "$@" >called' })
  const args = { name: 'mlops-none', params: 'a=1 b=2' }
  expect(await step(modprobe, args, { shell, environment, check: true })).toBe('changed')
  const { result } = await attempt(modprobe, args, { shell, environment })
  expect(readFileSync(`${folder}/called`, 'utf8')).toBe('mlops-none a=1 b=2\n')
  // The second look asks the real kernel, which has no such module
  expect(result.msg).toBe('still not as wanted after the change: loaded is false, wanted true')
  expect(await step(modprobe, { ...args, state: 'absent' }, { shell, environment })).toBe('ok')
})
