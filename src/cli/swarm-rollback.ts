import { MlopsError } from '../errors.ts'
import { appendJournal } from '../project/state.ts'
import { deploy, digestsOf } from '../swarm/deploy.ts'
import { lookAtSwarm, partOf } from '../swarm/look.ts'
import { isSameStack, keepRelease, releasesOf } from '../swarm/releases.ts'
import { type StackFile, withReplicas } from '../swarm/stack.ts'
import type { ReachFlags } from './session.ts'
import { onManager, requireSwarm, waitForServices } from './swarm-reach.ts'

/** Puts the release before the present one in force again; gives the exit status. */
export async function rollBackSwarm(flags: ReachFlags): Promise<number> {
  requireSwarm(flags.project)
  const start = Date.now()
  return await onManager(flags, async (manager, project) => {
    const { name } = project
    const [present, ...earlier] = await releasesOf(manager, name)
    const before = present && earlier.find(({ stack }) => !isSameStack(stack, present.stack))
    if (present === undefined || before === undefined) {
      throw new MlopsError('swarm.no-release', `nothing of ${name} was deployed before what runs now`)
    }
    for (const line of differences(present.stack, before.stack)) process.stdout.write(`${line}\n`)
    const { services } = await lookAtSwarm(manager, name)
    const numbers = services.flatMap(service => {
      const replicas = service.Spec.Mode.Replicated?.Replicas
      return replicas === undefined ? [] : [[partOf(service, name), replicas] as const]
    })
    const stack = withReplicas(before.stack, Object.fromEntries(numbers))
    await deploy(manager, name, stack)
    const { status } = await waitForServices(manager, name, { digests: digestsOf(stack) })
    if (status === 0) {
      await keepRelease(manager, name, stack)
      process.stdout.write('It runs. The next mlops swarm apply brings what mlops.yml says.\n')
    }
    appendJournal(project, { at: start, command: 'swarm rollback', ms: Date.now() - start, exitStatus: status })
    return status
  })
}

/** What people tell releases apart by. */
function differences(from: StackFile, to: StackFile): string[] {
  const services = Object.keys({ ...from.services, ...to.services })
  const lines = services.flatMap(name => {
    const [was, is] = [from.services[name]?.image, to.services[name]?.image]
    return was === is ? [] : [`${name}: ${was ?? 'nothing'} → ${is ?? 'nothing'}`]
  })
  const models = (stack: StackFile) => Object.keys(stack.configs).sort().join()
  if (models(from) !== models(to)) lines.push('worker: the models of then')
  return lines.length > 0 ? lines : ['Settings of then, of the same image and models.']
}
