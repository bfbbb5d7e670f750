import { MlopsError } from '../../errors.ts'
import type { ServerSpec } from '../../project/project.ts'
import type { Problem } from '../provider.ts'
import { type Choice, choose, readOffer, type Wish } from './choices.ts'
import type { CloudClient } from './client.ts'
import { firstBoot } from './first-boot.ts'
import * as tag from './metadata.ts'
import { neverRan } from './plan.ts'
import { quotaProblems } from './quota.ts'
import type { NovaServer } from './wire.ts'

/** What there is of a project. */
export interface Present {
  readonly servers: readonly NovaServer[]
  /** Ids of servers that were seen ready. */
  readonly ready: ReadonlySet<string>
  /** The public key that a server must let in. */
  readonly keyOf: (server: string) => string
}

/** What servers that are yet to be made are made of, and all that stands in the way. */
export async function lookBefore(
  client: CloudClient,
  wishes: readonly Wish[],
  present: Present,
): Promise<{ choices: Map<string, Choice>; problems: Problem[] }> {
  const found = (wish: Wish) => present.servers.find(server => server.metadata[tag.SERVER] === wish.spec.name)
  const toMake = wishes.filter(wish => {
    const server = found(wish)
    return server === undefined || neverRan(server)
  })
  const state = wishes.flatMap(wish => stateProblems(wish.spec.name, present))
  if (toMake.length === 0) return { choices: new Map(), problems: state }
  const { choices, problems } = choose(toMake, await readOffer(client, toMake))
  // what failed before it ran still counts in the quota, until it is replaced
  const more = toMake
    .filter(wish => found(wish) === undefined)
    .flatMap(({ spec }) => choices.get(spec.name)?.flavor ?? [])
  const userData = toMake.flatMap(({ spec }) => userDataProblems(spec, present.keyOf(spec.name)))
  return { choices, problems: [...state, ...problems, ...userData, ...(await quotaProblems(client, more))] }
}

/** A host key takes as much room as any other. */
const SOME_HOST_KEY = { privateKey: `${'x'.repeat(70)}\n`.repeat(6), publicKey: 'x'.repeat(100) }

function userDataProblems(spec: ServerSpec, publicKey: string): Problem[] {
  try {
    firstBoot(spec, publicKey, SOME_HOST_KEY)
    return []
  } catch (error) {
    if (!(error instanceof MlopsError)) throw error
    const { code, message, hint = '', at } = error
    return [{ code, severity: 'error', message, hint, at }]
  }
}

function stateProblems(name: string, { servers, ready, keyOf }: Present): Problem[] {
  const [server, second] = servers.filter(one => one.metadata[tag.SERVER] === name)
  if (server === undefined) return []
  const problem = (code: string, message: string): Problem => ({
    ...{ code: `openstack.${code}`, severity: 'error', message },
    hint: `mlops destroy ${name}, then provision again`,
  })
  if (second !== undefined) return [problem('doubled', `the cloud has two servers ${name} of this project`)]
  if (server.status === 'ERROR' && !neverRan(server)) {
    return [
      problem(
        'server-error',
        `${name} is in state ERROR: ${server.fault?.message.trim() ?? 'the cloud does not say why'}`,
      ),
    ]
  }
  // one that was seen ready has let us in: its key may have been changed since
  if (ready.has(server.id) || server.metadata[tag.LOGIN_KEY] === tag.keyDigest(keyOf(name))) return []
  return [problem('other-key', `${name} was made with another key than the one in .mlops/, so nobody can log in`)]
}
