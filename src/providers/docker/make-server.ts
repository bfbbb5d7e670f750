import { createServer } from 'node:net'
import type { Project, ServerSpec } from '../../project/project.ts'
import { hostKey, keyDigest, type LoginKey } from '../cluster-key.ts'
import type { ServerPlan } from '../provider.ts'
import { userData } from '../user-data.ts'
import { bakedReference, fillDisk } from './baked.ts'
import { containerName, createArguments } from './containers.ts'
import { docker } from './engine.ts'
import type { Kit } from './kit.ts'
import * as label from './labels.ts'
import { seedArchive } from './seed.ts'

export interface NewServer {
  readonly plan: ServerPlan
  readonly spec: ServerSpec
  readonly key: LoginKey
}

/** Creates a server's container, puts the seed of its first boot into it, and starts it. */
export async function makeServer(project: Project, { plan, spec, key }: NewServer, kit: Kit): Promise<void> {
  const name = containerName(project, spec.name)
  const host = hostKey(project, spec.name)
  const mirror = project.docker.registryMirror
  const publishedPort = kit.local ? undefined : await freePort()
  const labels = {
    ...label.ownLabels(project),
    [label.SERVER]: spec.name,
    [label.ADDRESS]: publishedPort === undefined ? plan.address : `127.0.0.1:${publishedPort}`,
    [label.INNER_ADDRESS]: plan.address,
    [label.USER]: spec.user,
    [label.HOST_KEY]: host.publicKey,
    [label.LOGIN_KEY]: keyDigest(key.publicKey),
    [label.SERVER_IMAGE]: spec.image,
    ...(plan.baked === undefined ? {} : { [label.BAKED]: plan.baked }),
  }
  const archive = seedArchive({
    ...{ server: spec.name, userData: userData(spec, key.publicKey), hostKey: host, authority: kit.authority },
    login: { user: spec.user, publicKey: key.publicKey },
    mirrorUrl: mirror.kind === 'url' ? mirror.url : undefined,
  })
  if (plan.action === 'replace') await docker(['rm', '--force', '--volumes', name])
  await docker(
    createArguments({
      ...{ project, spec, labels, publishedPort, address: plan.address },
      ...{ capabilities: kit.capabilities, hosts: kit.hosts, dns: kit.dns },
      image: plan.baked === undefined ? (kit.images.get(spec.image) ?? spec.image) : bakedReference(plan.baked),
    }),
  )
  if (plan.baked !== undefined) await fillDisk(name, plan.baked)
  await docker(['cp', '-', `${name}:/`], { input: archive })
  await docker(['start', name])
}

/** A port of 127.0.0.1 that nobody listens on. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })
}
