import { mkdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { folder } from '../../test/rig/mlops.ts'
import {
  configFile,
  contextsOf,
  currentContext,
  readConfig,
  requireContext,
  withContext,
  withCurrent,
  withoutContext,
  withoutToken,
  writeConfig,
} from './config.ts'

/** As the argocd program writes it. */
const written = `contexts:
- name: lab.example.org
  server: lab.example.org
  user: lab.example.org
- name: kubernetes
  server: kubernetes
  user: kubernetes
current-context: lab.example.org
prompts-enabled: true
servers:
- grpc-web: true
  grpc-web-root-path: /argo
  server: lab.example.org
  certificate-authority-data: YWJj
- core: true
  grpc-web-root-path: ""
  server: kubernetes
users:
- auth-token: a.b.c
  name: lab.example.org
  refresh-token: r
- name: kubernetes
`

test('a file of the argocd program is read', () => {
  const config = readConfig(join(folder({ config: written }), 'config'))
  expect(currentContext(config)).toBe('lab.example.org')
  expect(contextsOf(config)).toEqual([
    {
      name: 'lab.example.org',
      server: 'lab.example.org',
      insecure: false,
      plainText: false,
      grpcWeb: true,
      rootPath: '/argo',
      core: false,
      authorities: 'abc',
      token: 'a.b.c',
    },
    expect.objectContaining({ name: 'kubernetes', core: true, token: undefined }),
  ])
})

test('a login is added for its owner alone, and what we do not know stays', () => {
  const file = join(folder({ config: written }), 'config')
  const login = {
    server: '127.0.0.1:8080',
    insecure: true,
    plainText: false,
    grpcWeb: false,
    rootPath: '',
    core: false,
    authorities: undefined,
  }
  writeConfig(withContext(readConfig(file), { name: 'local', token: 'x.y.z', ...login }))
  expect(statSync(file).mode & 0o777).toBe(0o600)
  const now = parse(readFileSync(file, 'utf8'))
  expect(now).toMatchObject({
    'current-context': 'local',
    'prompts-enabled': true,
    contexts: [{}, {}, { name: 'local', server: '127.0.0.1:8080', user: 'local' }],
    users: [{ 'auth-token': 'a.b.c', 'refresh-token': 'r' }, {}, { name: 'local', 'auth-token': 'x.y.z' }],
  })
  expect(now.servers).toContainEqual({ server: '127.0.0.1:8080', insecure: true, 'grpc-web-root-path': '' })
  expect(now.servers[0]['certificate-authority-data']).toBe('YWJj')
})

test('a login can be left, forgotten and removed', () => {
  const config = readConfig(join(folder({ config: written }), 'config'))
  expect(currentContext(withCurrent(config, 'kubernetes'))).toBe('kubernetes')
  expect(withoutToken(config, 'lab.example.org').fields['users']).toEqual([
    { name: 'lab.example.org' },
    { name: 'kubernetes' },
  ])
  const less = withoutContext(config, requireContext(config, 'lab.example.org'))
  expect(contextsOf(less).map(({ name }) => name)).toEqual(['kubernetes'])
  expect(less.fields['servers']).toHaveLength(1)
  expect(currentContext(less)).toBeUndefined()
  expect(() => requireContext(config, 'kubernete')).toThrow('there is no login kubernete in')
})

test('the file is where the argocd program has it', () => {
  const HOME = folder({})
  expect(configFile({ HOME })).toBe(join(HOME, '.config/argocd/config'))
  expect(configFile({ HOME, XDG_CONFIG_HOME: '/x' })).toBe('/x/argocd/config')
  mkdirSync(join(HOME, '.argocd'))
  expect(configFile({ HOME, XDG_CONFIG_HOME: '/x' })).toBe(join(HOME, '.argocd/config'))
  expect(configFile({ HOME, ARGOCD_CONFIG_DIR: '/y' })).toBe('/y/config')
})

test('a file that is not there is empty, and one that is no YAML is an error', () => {
  expect(contextsOf(readConfig(join(folder({}), 'config')))).toEqual([])
  const file = join(folder({ config: 'a: [' }), 'config')
  expect(() => readConfig(file)).toThrow(`${file} cannot be read`)
})
