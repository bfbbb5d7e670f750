import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { attempt, type Shell, step, tmp } from './step.ts'
import { sysctl } from './sysctl.ts'

/** A kernel that keeps its settings in a folder, so that this machine keeps its own. */
function kernel(): { folder: string; environment: Record<string, string> } {
  const folder = tmp()
  mkdirSync(`${folder}/bin`)
  mkdirSync(`${folder}/kernel`)
  const body = `#!/bin/sh
k=${folder}/kernel
set_one() { printf '%s\\n' "$2" | sed 's/^ *//' >"$k/$1"; }
while :; do case $1 in
  -e) ignore=yes; shift ;;
  -n) [ "$2" = -- ] && shift; cat "$k/$2"; exit ;;
  -w) [ "$2" = -- ] && shift; case $2 in bad.*) [ -n "$ignore" ]; exit ;; esac; set_one "\${2%%=*}" "\${2#*=}"; exit ;;
  -p) while IFS='=' read -r n v; do n=$(echo $n); case $n in ''|'#'*) ;; bad.*) [ -n "$ignore" ] || exit 255 ;; *) set_one "$n" "$v" ;; esac; done <"$2"; exit 0 ;;
esac; done
`
  writeFileSync(`${folder}/bin/sysctl`, body)
  chmodSync(`${folder}/bin/sysctl`, 0o755)
  return { folder, environment: { PATH: `${folder}/bin:${process.env['PATH']}` } }
}

describe.each<Shell>(['dash', 'busybox'])('with %s', shell => {
  test('a setting is checked, written, loaded, and then left alone', async () => {
    const { folder, environment } = kernel()
    const path = `${folder}/it's "$x".conf`
    writeFileSync(path, '# kept\nvm.a = 1\nvm.swappiness = 60\nother\n')
    const args = { name: 'vm.swappiness', value: '10', sysctl_file: path }
    expect(await step(sysctl, args, { shell, environment, check: true })).toBe('changed')
    expect(existsSync(`${folder}/kernel/vm.swappiness`)).toBe(false)
    expect(await step(sysctl, args, { shell, environment })).toBe('changed')
    expect(readFileSync(path, 'utf8')).toBe('# kept\nvm.a = 1\nvm.swappiness=10\nother\n')
    expect(readFileSync(`${folder}/kernel/vm.swappiness`, 'utf8')).toBe('10\n')
    expect(await step(sysctl, args, { shell, environment })).toBe('ok')
    expect(await step(sysctl, { ...args, state: 'absent', value: undefined }, { shell, environment })).toBe('changed')
    expect(readFileSync(path, 'utf8')).toBe('# kept\nvm.a = 1\nother\n')
    expect(await step(sysctl, { ...args, state: 'absent', value: undefined }, { shell, environment })).toBe('ok')
  })

  test('the running kernel is set when asked, values compared by their words', async () => {
    const { folder, environment } = kernel()
    const path = `${folder}/new.conf`
    const args = { name: 'net.range', value: '1024\t 65535', sysctl_file: path, sysctl_set: true, reload: false }
    expect(await step(sysctl, args, { shell, environment })).toBe('changed')
    expect(readFileSync(`${folder}/kernel/net.range`, 'utf8')).toBe('1024\t 65535\n')
    expect(await step(sysctl, args, { shell, environment })).toBe('ok')
    writeFileSync(`${folder}/kernel/net.range`, '1\n')
    expect(await step(sysctl, args, { shell, environment })).toBe('changed')
    expect(await step(sysctl, { ...args, name: 'net.on', value: 'yes' }, { shell, environment })).toBe('changed')
    expect(readFileSync(path, 'utf8')).toBe('net.range=1024\t 65535\nnet.on=1\n')
  })

  test('blanks around a setting are no part of it, and nothing is no value', async () => {
    const path = `${tmp()}/x.conf`
    const args = { name: ' a.b ', value: ' 1 ', sysctl_file: path, reload: false }
    expect(await step(sysctl, args, { shell })).toBe('changed')
    expect(readFileSync(path, 'utf8')).toBe('a.b=1\n')
    expect(await step(sysctl, args, { shell })).toBe('ok')
    await expect(attempt(sysctl, { ...args, value: ' ' }, { shell })).rejects.toThrow('`value` is empty')
  })

  test('what the kernel does not take is a failure, unless errors are ignored', async () => {
    const { folder, environment } = kernel()
    const args = { name: 'bad.one', value: '1', sysctl_file: `${folder}/x.conf` }
    expect((await attempt(sysctl, args, { shell, environment })).result.msg).toMatch(/^Failed to reload sysctl/)
    const others = { ...args, name: 'bad.two', ignoreerrors: true }
    expect(await step(sysctl, others, { shell, environment })).toBe('changed')
    const running = { ...args, name: 'bad.three', sysctl_set: true, reload: false }
    expect((await attempt(sysctl, running, { shell, environment })).result.msg).toMatch(/^setting bad.three failed/)
    const ignored = { ...running, name: 'bad.four', ignoreerrors: true }
    expect(await step(sysctl, ignored, { shell, environment })).toBe('changed')
    expect(await step(sysctl, ignored, { shell, environment })).toBe('ok')
  })
})
