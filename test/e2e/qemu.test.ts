import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { loadProject } from '../../src/project/load.ts'
import type { Project } from '../../src/project/project.ts'
import { folderOf, machinesOf } from '../../src/providers/qemu/machine.ts'
import { shutDown } from '../../src/providers/qemu/process.ts'
import { QemuProvider } from '../../src/providers/qemu/qemu-provider.ts'
import { mlops, recap } from '../rig/mlops.ts'
import { ask, providerContract } from '../rig/provider-contract.ts'
import { randomSubnet } from '../rig/qemu.ts'
import { quietWork } from '../rig/servers.ts'

/** Emulated on a machine that does much else, a boot takes many minutes. */
const TIMEOUT_MS = 1_800_000
const names = ['prodserver', 'devserver']

describe('servers of provider qemu', { timeout: TIMEOUT_MS }, () => {
  let directory = ''
  let project: Project
  let provider: QemuProvider

  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'mlops-e2e-qemu-'))
    const described = {
      name: 'e2e-qemu',
      provider: 'qemu',
      qemu: { image: 'debian-12', subnet: randomSubnet(), memory: '512m', cpus: 1, disk: '4g' },
      servers: Object.fromEntries(names.map(name => [name, null])),
      services: { web: { server: 'prodserver', port: 8080 } },
    }
    writeFileSync(join(directory, 'mlops.yml'), stringify(described))
    writeFileSync(join(directory, 'site.yml'), PLAYBOOK)
    project = loadProject(join(directory, 'mlops.yml'))
    provider = new QemuProvider(project)
  })
  afterAll(async () => {
    await provider.destroy(await provider.removals({}), quietWork())
    rmSync(directory, { recursive: true, force: true })
  }, TIMEOUT_MS)

  providerContract('qemu', () => ({ provider, names, work: quietWork(), stop: server => powerOff(server.name) }), {
    timeoutMs: TIMEOUT_MS,
    meanwhile,
  })

  function meanwhile() {
    test('each is a whole Debian, with the size of disk that was asked for', async () => {
      const questions = [
        'systemctl is-system-running --wait',
        'sudo -n id -un',
        'cat /proc/1/comm',
        'test "$(df --output=size -m / | tail -1)" -gt 3500 && echo grown',
      ]
      for (const server of await provider.list())
        expect(await ask(server, quietWork(), questions)).toEqual(['running', 'root', 'systemd', 'grown'])
    })

    test('the command knows them, and a play brings each the address at which it finds the others', async () => {
      const provisioned = await mlops(['provision', '--json'], { cwd: directory })
      expect(JSON.parse(provisioned.stdout)).toMatchObject({ changed: false })
      const played = await mlops(['play', 'site.yml'], { cwd: directory })
      expect([played.status, played.stderr]).toEqual([0, ''])
      expect(recap(played.stdout)).toMatchObject(Object.fromEntries(names.map(name => [name, { changed: 2 }])))
      for (const lookAhead of ['on', 'off']) {
        const checked = await mlops(['play', 'site.yml', '--check'], {
          cwd: directory,
          env: { MLOPS_LOOK_AHEAD: lookAhead },
        })
        expect(checked.status, checked.stderr).toBe(0)
        expect(recap(checked.stdout)).toMatchObject(Object.fromEntries(names.map(name => [name, { changed: 0 }])))
      }
    })

    test('their ports answer here as there, each server at an address of its own', async () => {
      for (const { address, name } of await provider.list())
        for (const port of name === 'prodserver' ? [5100, 8080] : [5100])
          expect((await fetch(`http://${address}:${port}/hostname`)).status).toBe(200)
    })
  }

  async function powerOff(name: string): Promise<void> {
    const machine = machinesOf(project).get(name)
    if (machine === undefined) throw new Error(`no machine ${name}`)
    await shutDown(folderOf(project, name), machine)
  }
})

const PLAYBOOK = `
- hosts: all
  become: true
  tasks:
    - lineinfile: { path: /etc/hosts, line: "{{ hostvars[item].ansible_default_ipv4.address }} {{ item }}" }
      loop: "{{ groups['servers'] }}"
    - wait_for: { host: "{{ item }}", port: 22, timeout: 120 }
      loop: "{{ groups['servers'] }}"
    - shell: >
        for port in 5100 8080; do
          systemd-run --quiet python3 -m http.server "$port" --directory /etc;
        done
    - wait_for: { port: "{{ item }}", timeout: 120 }
      loop: [5100, 8080]
`
