import type { ServerPlan } from '../provider.ts'
import type { Wish } from './choices.ts'
import * as tag from './metadata.ts'
import { addressOf, hasFloatingIp, WAKE } from './servers.ts'
import type { NovaServer } from './wire.ts'

/** What would be done for a server, given the one that the cloud has or not. */
export function planFor(wish: Wish, server: NovaServer | undefined, ready: ReadonlySet<string>): ServerPlan {
  const plan = { server: wish.spec.name, address: (server && addressOf(server)) ?? '' }
  if (server === undefined) return { ...plan, action: 'create' }
  // Only what never ran may be thrown away unasked: nobody has put anything into it.
  if (neverRan(server)) return { ...plan, action: 'replace' }
  const differs = differences(wish, server)
  if (server.status in WAKE) return { ...plan, action: 'start', differs }
  const lacksAddress = wish.settings.floatingIp !== false && !hasFloatingIp(server)
  return { ...plan, action: ready.has(server.id) && !lacksAddress ? 'keep' : 'finish', differs }
}

/** It failed before it ever started. */
export function neverRan(server: NovaServer): boolean {
  return server.status === 'ERROR' && (server['OS-SRV-USG:launched_at'] ?? null) === null
}

function differences({ spec, settings }: Wish, { metadata, image, flavor }: NovaServer): string | undefined {
  const says = (what: string, wanted: string | undefined, now: readonly (string | undefined)[]) =>
    wanted === undefined || now.includes(wanted) ? undefined : `its ${what} is ${now[0]}, mlops.yml says ${wanted}`
  return (
    says('image', settings.image, [metadata[tag.IMAGE], image === '' ? undefined : image.id]) ??
    says('flavor', settings.flavor, [metadata[tag.FLAVOR], flavor.id]) ??
    says('user', spec.user, [metadata[tag.USER]]) ??
    (metadata[tag.SETTINGS] === tag.settingsDigest(settings)
      ? undefined
      : 'it was made with another network, other groups, or another key pair, volume or zone than mlops.yml says') ??
    (metadata[tag.USER_DATA] === tag.userDataDigest(spec) ? undefined : 'its user data has been changed since')
  )
}
