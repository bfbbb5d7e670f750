import { expect, test } from 'vitest'
import { registry } from '../modules/registry.ts'
import { absentModule } from './absent-module.ts'
import { modulesOfAnsible } from './modules-of-ansible.ts'

const known = (name: string) => registry.find(name) !== undefined

test('a module of Ansible that is not here is known, with the nearest that is', () => {
  expect(absentModule('community.general.snap', known)).toEqual({
    collection: 'community.general',
    instead: 'the nearest is `package`',
  })
  expect(absentModule('zfs', known)?.instead).toBe('the nearest are `mount` and `command`')
  expect(absentModule('win_copy', known)?.collection).toBe('ansible.windows')
  expect(absentModule('amazon.aws.ec2_instance', known)?.instead).toContain('mlops provision')
  expect(absentModule('their.own.copy', known)?.instead).toContain('`copy` is here')
  expect(absentModule('their.own.thing', known)?.instead).toContain('library/')
  expect(absentModule('community.general.snapp', known)).toBeUndefined()
  expect(absentModule('coppy', known)).toBeUndefined()
})

test('what is named as the nearest is here', () => {
  const names = Object.entries(modulesOfAnsible).flatMap(([collection, all]) =>
    all.map(name => `${collection}.${name}`),
  )
  expect(names.length).toBeGreaterThan(800)
  const absent = names.filter(name => !known(name))
  const named = absent.flatMap(name => [
    ...(absentModule(name, known)?.instead ?? `nothing for \`${name}\``).matchAll(/`(\w+)(?::.*?)?`/g),
  ])
  expect([...new Set(named.map(match => match[1] ?? ''))].filter(name => !known(name))).toEqual([])
})

test('a module is here under the name that Ansible has it by', () => {
  const full = Object.entries(modulesOfAnsible).flatMap(([collection, all]) =>
    all.map(name => [name, collection] as const),
  )
  const lost = full.filter(([name, collection]) => registry.find(name) && !registry.find(`${collection}.${name}`))
  expect(lost).toEqual([])
})
