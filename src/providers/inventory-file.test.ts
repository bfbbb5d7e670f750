import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { loadInventory } from '../inventory/load.ts'
import type { ServerSpec } from '../project/project.ts'
import { inventoryText } from './inventory-file.ts'
import type { Server } from './provider.ts'

const server: Server = {
  ...{ name: 'prodserver', provider: 'docker', address: '10.77.0.11', port: 22, user: 'appuser' },
  ...{ hostKey: 'ssh-ed25519 AAAA', privateKeyFile: '/p/.mlops/cluster-key', image: 'debian-13' },
  ...{ state: 'ready', createdAt: undefined },
}
const spec: ServerSpec = {
  ...{ name: 'prodserver', provider: 'docker', image: 'debian-13', user: 'appuser', groups: ['servers'], port: 22 },
  ...{ userDataFile: undefined, address: undefined, hostKey: undefined, privateKeyFile: undefined },
  vars: { role: 'web' },
  at: { file: 'mlops.yml', line: 1, column: 1 },
}
const other: Server = {
  ...server,
  name: 'far',
  provider: 'static',
  address: '192.0.2.7',
  port: 2222,
  hostKey: undefined,
  connectTimeoutSeconds: 60,
}

test('an inventory holds each server in its groups and in one of its own name', () => {
  const folder = mkdtempSync(join(tmpdir(), 'mlops-inventory-'))
  try {
    const file = join(folder, 'inventory.yml')
    const entries = [
      { server, spec },
      { server: other, spec: { ...spec, name: 'far', vars: {} } },
    ]
    writeFileSync(file, inventoryText(entries, '/p/.mlops/known_hosts'))
    const inventory = loadInventory([file])
    expect([...inventory.hosts.keys()]).toEqual(['prodserver', 'far'])
    expect(inventory.groups.get('servers')?.hosts).toEqual(['prodserver', 'far'])
    expect(inventory.groups.get('far')?.hosts).toEqual(['far'])
    const vars = (host: string) =>
      Object.assign({}, ...(inventory.hosts.get(host)?.layers.map(layer => layer.vars) ?? []))
    expect(vars('prodserver')).toMatchObject({
      ansible_host: '10.77.0.11',
      ansible_user: 'appuser',
      ansible_ssh_private_key_file: '/p/.mlops/cluster-key',
      ansible_ssh_common_args: '-o UserKnownHostsFile=/p/.mlops/known_hosts',
      mlops_provider: 'docker',
      mlops_image: 'debian-13',
      role: 'web',
    })
    expect(vars('far')).toMatchObject({ ansible_port: 2222, ansible_timeout: 60, mlops_provider: 'static' })
    expect(vars('prodserver')).not.toHaveProperty('ansible_timeout')
    expect(vars('far')).not.toHaveProperty('ansible_ssh_common_args')
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('a folder with a blank is quoted for the shell words and for ssh', () => {
  expect(inventoryText([{ server, spec }], '/my folder/known_hosts')).toContain(
    `ansible_ssh_common_args: -o 'UserKnownHostsFile="/my folder/known_hosts"'`,
  )
})
