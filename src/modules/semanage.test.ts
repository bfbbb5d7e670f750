import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { sefcontext } from './sefcontext.ts'
import { seport } from './seport.ts'
import { attempt, type Shell, step, tmp } from './step.ts'

/** A semanage that lists what stands in `list`, and notes what else it is asked. */
function semanage(list: string) {
  const folder = tmp()
  mkdirSync(`${folder}/bin`)
  const programs = {
    selinuxenabled: 'exit 0',
    semanage: 'case " $* " in *" -l "*) cat list;; *) printf "%s|" "$@" >>called; echo >>called; cp next list;; esac',
  }
  for (const [name, body] of Object.entries(programs)) {
    writeFileSync(`${folder}/bin/${name}`, `#!/bin/sh\ncd '${folder}'\n${body}\n`)
    chmodSync(`${folder}/bin/${name}`, 0o755)
  }
  writeFileSync(`${folder}/list`, list)
  const environment = { PATH: `${folder}/bin:${process.env['PATH']}` }
  return {
    environment,
    next: (text: string) => writeFileSync(`${folder}/next`, text),
    called: () => readFileSync(`${folder}/called`, 'utf8'),
  }
}

describe.each<Shell>(['dash', 'busybox'])('with %s', shell => {
  test('the type of a port is checked, set, left alone and taken away', async () => {
    const { environment, next, called } = semanage('http_port_t  tcp   80, 443\nssh_port_t tcp 22\n')
    const args = { ports: '8888,443', proto: 'tcp', setype: 'http_port_t' }
    expect(await step(seport, args, { shell, environment, check: true })).toBe('changed')
    next('http_port_t  tcp   8888, 80, 443\nssh_port_t tcp 22\n')
    expect(await step(seport, args, { shell, environment })).toBe('changed')
    expect(called()).toBe('port|-a|-t|http_port_t|-p|tcp|8888|\n')
    expect(await step(seport, args, { shell, environment })).toBe('ok')
    next('http_port_t  tcp   80, 443\n')
    expect(await step(seport, { ...args, ports: ['8888'], state: 'absent' }, { shell, environment })).toBe('changed')
    expect(await step(seport, { ...args, ports: ['8888'], state: 'absent' }, { shell, environment })).toBe('ok')
    expect(
      await step(seport, { ...args, setype: 'ssh_port_t', ports: ['80'] }, { shell, environment, check: true }),
    ).toBe('changed')
  })

  test('a rule for labels is checked, set, left alone and taken away', async () => {
    const target = `/srv/it's "$x"(/.*)?`
    const { environment, next, called } = semanage('/etc   all files   system_u:object_r:etc_t:s0\n')
    const args = { target, setype: 'httpd_sys_content_t' }
    expect(await step(sefcontext, args, { shell, environment, check: true })).toBe('changed')
    next(`${target}   all files   system_u:object_r:httpd_sys_content_t:s0\n`)
    expect(await step(sefcontext, args, { shell, environment })).toBe('changed')
    expect(called()).toBe(`fcontext|-a|-f|a|-t|httpd_sys_content_t|-s|system_u|-r|s0|${target}|\n`)
    expect(await step(sefcontext, args, { shell, environment })).toBe('ok')
    next('')
    expect(await step(sefcontext, { target, state: 'absent' }, { shell, environment })).toBe('changed')
    expect(await step(sefcontext, { target, state: 'absent' }, { shell, environment })).toBe('ok')
    next(`${target} = /var/www\n`)
    expect(await step(sefcontext, { target, substitute: '/var/www' }, { shell, environment })).toBe('changed')
    expect(await step(sefcontext, { target, substitute: '/var/www' }, { shell, environment })).toBe('ok')
  })
})

test('a host without SELinux is told so', async () => {
  const { result } = await attempt(seport, { ports: ['1'], proto: 'tcp', setype: 'x' })
  expect(result.msg).toBe('SELinux is disabled on this host.')
})
