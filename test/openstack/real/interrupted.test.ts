import { expect, test } from 'vitest'
import { leftovers, Operator, rcVariables } from '../lab.ts'
import { startTrial, type Trial } from './trial.ts'

const settings = { flavor: 'ssc.small', floating_ip: true }

test('a run that is interrupted while a server is being built is finished by the next one; nothing is doubled', async () => {
  const demo = await Operator.login(rcVariables())
  const trial = await startTrial({ settings, servers: ['prodserver'] })
  try {
    expect(await interrupt(trial)).toBe(99)
    const [before] = (await demo.call('GET', 'compute', '/servers')).servers
    const { status, stdout } = await trial.run(['provision'])
    expect([status, stdout]).toEqual([0, expect.stringContaining('finished')])
    const after = (await demo.call('GET', 'compute', '/servers')).servers
    expect(after.map((server: { id: string }) => server.id)).toEqual([before.id])
    expect(trial.servers().map(server => server.state)).toEqual(['ready'])
    // server, floating IP, key pair, security group
    expect(await leftovers(demo)).toHaveLength(4)
  } finally {
    await trial.stop()
  }
  expect(await leftovers(demo)).toEqual([])
})

test('after an interrupted run, destroy leaves nothing', async () => {
  const demo = await Operator.login(rcVariables())
  const trial = await startTrial({ settings, servers: ['prodserver', 'devserver'] })
  try {
    expect(await interrupt(trial)).toBe(99)
  } finally {
    await trial.stop()
  }
  expect(await leftovers(demo)).toEqual([])
})

/** Runs `provision`, and presses Ctrl-C when the cloud has said yes to a server; gives the exit status. */
async function interrupt(trial: Trial): Promise<number | null> {
  const { status } = await trial.run(['provision'], {
    onStart: async child => {
      await trial.recorder.next(({ method, path }) => method === 'POST' && path.endsWith('/servers'))
      child.kill('SIGINT')
    },
  })
  return status
}
