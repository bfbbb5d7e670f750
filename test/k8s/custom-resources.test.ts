import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { lab, said } from './lab.ts'

// As cluster.test.ts, on clusters that know KEDA and RabbitMQ's cluster operator. Nobody waits here for what these make of it.
const it = lab('custom')
const { k8s, kubectl } = it
const known = execFileSync('kubectl', ['api-versions'], { encoding: 'utf8' }).split('\n')
const digest = `sha256:${'a'.repeat(64)}`
const models = { american: { url: 'https://models.example.org/american.json', digest } }
it.project(
  { solution: 2, broker: { by: 'operator' }, autoscale: 'queue', models },
  { vars: { served_models: ['american'] } },
)

test.skipIf(!known.includes('keda.sh/v1alpha1') || !known.includes('rabbitmq.com/v1beta1'))(
  'resources of operators are applied, left alone, and pruned like others',
  async () => {
    const kinds = 'scaledobject,triggerauthentication,rabbitmqcluster'
    const names = () => kubectl('get', kinds, '-o', 'name').trim()
    expect(said(await k8s('apply', '--create-namespace', '--no-wait'))).toMatch(/^0\n/)
    expect(names().split('\n')).toHaveLength(3)
    const versions = () => kubectl('get', kinds, '-o', 'jsonpath={.items[*].metadata.resourceVersion}')
    const before = versions()
    expect(
      (await k8s('apply', '--no-wait')).stdout.match(/^(ScaledObject|Trigger\w+|RabbitmqCluster) .* unchanged$/gm),
    ).toHaveLength(3)
    expect(versions()).toBe(before)
    it.project({ solution: 2, models }, { vars: { served_models: ['american'] } })
    const pruned = await k8s('apply', '--no-wait')
    expect(said(pruned)).toContain('RabbitmqCluster tweets-broker deleted')
    expect(names()).toBe('')
    expect((await k8s('delete', '--yes')).status).toBe(0)
  },
)
