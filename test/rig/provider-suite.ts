import { describe, expect, test } from 'vitest'
import type { Provider, Server, Work } from '../../src/providers/provider.ts'

export interface SuiteSubject {
  readonly provider: Provider
  /** Servers of the project, in its order: at least two. */
  readonly names: readonly string[]
  readonly work: Work
  /** Whether the servers are of the provider's own making, and so its to remove. */
  readonly makes: boolean
}

/** What each provider promises. The tests build on each other, in this order; at the end nothing is left. */
export function providerSuite(name: string, subject: () => SuiteSubject): void {
  describe(`provider ${name}`, () => {
    let made: readonly Server[] = []

    test('nothing stands in the way', async () => {
      const { provider, names } = subject()
      expect((await provider.preflight(names)).filter(problem => problem.severity === 'error')).toEqual([])
    })

    test('a plan has the servers that are asked for, in the order of mlops.yml', async () => {
      const { provider, names } = subject()
      expect((await provider.plan(names)).map(plan => plan.server)).toEqual(names)
      expect((await provider.plan(names.slice(1))).map(plan => plan.server)).toEqual(names.slice(1))
      expect(await provider.plan([])).toEqual([])
    })

    test('what is made is listed as planned, and is ready', async () => {
      const { provider, names, work, makes } = subject()
      const plans = await provider.plan(names)
      expect(plans.every(plan => plan.action === (makes ? 'create' : 'keep'))).toBe(true)
      await provider.create(plans, work)
      made = await provider.list()
      expect(made.map(server => [server.name, server.address, server.state])).toEqual(
        plans.map(plan => [plan.server, plan.address, 'ready']),
      )
    })

    test('made a second time, nothing changes', async () => {
      const { provider, names, work } = subject()
      const plans = await provider.plan(names)
      expect(plans.map(plan => plan.action)).toEqual(names.map(() => 'keep'))
      await provider.create(plans, work)
      expect(await provider.list()).toEqual(made)
    })

    test('one server alone can be removed, and the plan makes it again', async () => {
      const { provider, names, work, makes } = subject()
      const [first = ''] = names
      await provider.destroy(await provider.removals({ names: [first] }), work)
      expect((await provider.list()).map(server => server.name)).toEqual(makes ? names.slice(1) : names)
      const actions = (await provider.plan(names)).map(plan => plan.action)
      expect(actions).toEqual(names.map((_, i) => (makes && i === 0 ? 'create' : 'keep')))
    })

    test('after all is removed, nothing is left to remove', async () => {
      const { provider, work, makes } = subject()
      const removals = await provider.removals({})
      expect(removals.length > 0).toBe(makes)
      await provider.destroy(removals, work)
      expect(await provider.removals({})).toEqual([])
      expect(await provider.list()).toEqual(makes ? [] : made)
    })
  })
}
