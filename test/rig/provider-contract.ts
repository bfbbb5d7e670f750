import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Connection } from '../../src/connection/connection.ts'
import { makeKeyPair } from '../../src/providers/key-pair.ts'
import { knownHosts } from '../../src/providers/known-hosts.ts'
import type { Provider, Server, Work } from '../../src/providers/provider.ts'
import { sh } from '../../src/shell/sh.ts'

export interface ContractSubject {
  readonly provider: Provider
  /** Servers of the project, in its order: at least two. */
  readonly names: readonly string[]
  readonly work: Work
  /** Stops a machine from outside, without a word to the provider; undefined: the servers are not of its making, and not its to remove. */
  readonly stop: ((server: Server) => Promise<void>) | undefined
}

export interface ContractOptions {
  /** Of each test. */
  readonly timeoutMs?: number
  /** Registers tests of one provider alone, which run while its servers are up. */
  readonly meanwhile?: () => void
}

/** What each provider promises. The tests build on each other, in this order; at the end nothing is left. */
export function providerContract(
  name: string,
  subject: () => ContractSubject,
  { timeoutMs = 600_000, meanwhile }: ContractOptions = {},
): void {
  describe(`the contract of provider ${name}`, { timeout: timeoutMs }, () => {
    let made: readonly Server[] = []
    const byName = (wanted: string) => {
      const found = made.find(server => server.name === wanted)
      if (found === undefined) throw new Error(`no server ${wanted}`)
      return found
    }

    test('nothing stands in the way', async () => {
      const { provider, names } = subject()
      expect((await provider.preflight(names)).filter(problem => problem.severity === 'error')).toEqual([])
    })

    test('a plan has the servers that are asked for, in the order of mlops.yml', async () => {
      const { provider, names, stop } = subject()
      const plans = await provider.plan(names)
      expect(plans.map(plan => [plan.server, plan.action])).toEqual(names.map(each => [each, stop ? 'create' : 'keep']))
      expect((await provider.plan(names.slice(1))).map(plan => plan.server)).toEqual(names.slice(1))
      expect(await provider.plan([])).toEqual([])
    })

    test('what an interrupted run left is finished by the next one, and listed as planned', async () => {
      const { provider, names, work, stop } = subject()
      if (stop) {
        await expect(provider.create(await provider.plan(names), interruptedAtContact(work))).rejects.toThrow()
        expect((await provider.list()).filter(server => server.state === 'ready')).toEqual([])
        expect((await provider.plan(names)).map(plan => plan.action)).not.toContain('keep')
      }
      const plans = await provider.plan(names)
      await provider.create(plans, work)
      made = await provider.list()
      expect(made.map(server => [server.name, server.address, server.state])).toEqual(
        // A cloud gives the address when it makes the server.
        plans.map(plan => [plan.server, plan.address === '' ? expect.stringMatching(/./) : plan.address, 'ready']),
      )
    })

    test('made a second time, nothing changes', async () => {
      const { provider, names, work } = subject()
      const plans = await provider.plan(names)
      expect(plans.map(plan => plan.action)).toEqual(names.map(() => 'keep'))
      await provider.create(plans, work)
      expect(await provider.list()).toEqual(made)
    })

    test('each server lets us in at its address, with the key that was pinned and no other', async () => {
      const { names, work, stop } = subject()
      for (const server of made) {
        const [hostname] = await ask(server, work, ['hostname'])
        if (stop) expect(hostname).toBe(server.name)
        const impostor = { ...server, hostKey: makeKeyPair('another').publicKey }
        await expect(ask(impostor, work, ['true'])).rejects.toThrow('shows another key than the known one')
      }
      expect(made.map(server => server.name)).toEqual(names)
    })

    meanwhile?.()

    test('a server that reboots, and one that was stopped, come back as the machines that they were', async () => {
      const { provider, names, work, stop } = subject()
      const [first = '', second = ''] = names
      if (!stop) return expect((await provider.plan(names)).map(plan => plan.action)).toEqual(names.map(() => 'keep'))
      const marks = ['cat /proc/sys/kernel/random/boot_id', 'cat /etc/machine-id', 'cat kept']
      for (const each of [first, second]) await ask(byName(each), work, ['echo mine >kept'])
      const [[boot, ...rest], before] = [await ask(byName(first), work, marks), await ask(byName(second), work, marks)]

      // The line may drop before the answer comes.
      await ask(byName(first), work, ['sudo -n reboot']).catch(() => {})
      await stop(byName(second))
      await expect.poll(async () => (await states(provider))[1], { timeout: timeoutMs, interval: 250 }).toBe('stopped')
      const [plan] = await provider.plan([second])
      expect(plan).toMatchObject({ server: second, action: 'start' })
      await provider.create(plan ? [plan] : [], work)
      expect((await ask(byName(second), work, marks)).slice(1)).toEqual(before.slice(1))

      const again = () => ask(byName(first), work, marks).catch(() => [boot])
      await expect.poll(async () => (await again())[0], { timeout: timeoutMs, interval: 500 }).not.toBe(boot)
      expect((await ask(byName(first), work, marks)).slice(1)).toEqual(rest)
      expect(await provider.list()).toEqual(made)
    })

    test('one server alone can be removed, and the plan makes it again', async () => {
      const { provider, names, work, stop } = subject()
      const [first = ''] = names
      await provider.destroy(await provider.removals({ names: [first] }), work)
      expect((await provider.list()).map(server => server.name)).toEqual(stop ? names.slice(1) : names)
      const actions = (await provider.plan(names)).map(plan => plan.action)
      expect(actions).toEqual(names.map((_, i) => (stop && i === 0 ? 'create' : 'keep')))
    })

    test('after all is removed, nothing is left to remove', async () => {
      const { provider, work, stop } = subject()
      const removals = await provider.removals({})
      expect(removals.length > 0).toBe(stop !== undefined)
      await provider.destroy(removals, work)
      // what several projects share goes with the last of them, which may be leaving at this moment
      await expect.poll(() => provider.removals({}), { timeout: 10_000 }).toEqual([])
      expect(await provider.list()).toEqual(stop ? [] : made)
    })
  })
}

/** Runs commands on a server as its login user, over a line to the key that it is known by; gives what they print. */
export async function ask(server: Server, { open }: Work, commands: readonly string[]): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'mlops-contract-'))
  let connection: Connection | undefined
  try {
    const knownHostsFile = join(folder, 'known_hosts')
    writeFileSync(knownHostsFile, knownHosts([server]))
    connection = await open({
      ...{ host: server.name, type: 'ssh', address: server.address, port: server.port, user: server.user },
      ...{ privateKeyFile: server.privateKeyFile, hostKeyChecking: true, connectTimeoutMs: 180_000 },
      knownHostsFiles: [knownHostsFile],
    })
    const results = await connection.run(commands.map(command => ({ script: sh`sh -c ${command}` })))
    return results.map(result => result.stdout.trimEnd())
  } finally {
    await connection?.close()
    rmSync(folder, { recursive: true })
  }
}

async function states(provider: Provider): Promise<string[]> {
  return (await provider.list()).map(server => server.state)
}

/** Work that is interrupted, as by Ctrl-C, when the first server is to be contacted: some are started then, others perhaps not. */
function interruptedAtContact(work: Work): Work {
  const controller = new AbortController()
  const signal = work.signal ? AbortSignal.any([work.signal, controller.signal]) : controller.signal
  return {
    ...work,
    signal,
    open: target => {
      controller.abort()
      return work.open(target, signal)
    },
  }
}
