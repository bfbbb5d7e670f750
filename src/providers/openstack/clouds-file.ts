import { existsSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { MlopsError, type Position } from '../../errors.ts'
import { didYouMean } from '../../near.ts'
import { load } from '../../source/load.ts'
import { at, json, type MapNode } from '../../source/node.ts'
import type { Cloud } from './cloud.ts'
import { type CloudWords, cloudOf, type Environment } from './rc-variables.ts'

/** The clouds.yaml that openstacksdk would read, or undefined. */
export function findCloudsFile(environment: Environment): string | undefined {
  return findFile(environment['OS_CLIENT_CONFIG_FILE'], 'clouds', environment)
}

/**
 * A cloud of clouds.yaml, with the secrets of secure.yaml; without a name the only one there is.
 * Throws `openstack.cloud`, `openstack.credentials`.
 */
export function cloudFromFile(name: string | undefined, environment: Environment): Cloud {
  const file = findCloudsFile(environment)
  if (file === undefined) {
    throw new MlopsError('openstack.cloud', `cloud ${name ?? ''} is asked for, but there is no clouds.yaml`, {
      hint: 'put one here, into ~/.config/openstack or into /etc/openstack',
    })
  }
  const { clouds, place } = cloudsOf(file)
  const names = clouds.entries.map(({ key }) => String(key.value))
  const wanted = name ?? (names.length === 1 ? names[0] : undefined)
  const entry = clouds.entries.find(({ key }) => key.value === wanted)
  if (wanted === undefined || entry === undefined) {
    const message = wanted === undefined ? `${file} has several clouds` : `${file} has no cloud ${wanted}`
    const all = `it has ${names.join(', ')}`
    throw new MlopsError('openstack.cloud', message, {
      at: place,
      hint: wanted === undefined ? `${all}: name one with --cloud` : (didYouMean(wanted, names) ?? all),
    })
  }
  const secure = findFile(environment['OS_CLIENT_SECURE_FILE'], 'secure', environment)
  const secrets = secure === undefined ? undefined : at(cloudsOf(secure).clouds, [wanted])
  const words = wordsOf(merge(json(entry.value), secrets && json(secrets)))
  const caFile = words['cacert']
  const cloud = cloudOf(words, {
    source: `the settings of cloud ${wanted}`,
    label: word => word,
    hint: `add what is missing to ${file}; profiles of vendors are not read`,
  })
  return caFile === undefined ? cloud : { ...cloud, caFile: resolve(dirname(file), caFile) }
}

function findFile(named: string | undefined, stem: string, environment: Environment): string | undefined {
  if (named) return named
  const home = environment['XDG_CONFIG_HOME'] ?? join(environment['HOME'] ?? '/', '.config')
  const folders = ['.', join(home, 'openstack'), '/etc/openstack']
  return folders
    .flatMap(folder => ['yaml', 'yml', 'json'].map(ending => join(folder, `${stem}.${ending}`)))
    .find(file => existsSync(file))
}

function cloudsOf(file: string): { clouds: MapNode; place: Position } {
  const { root } = load(file)
  const entry = root.kind === 'map' ? root.entries.find(({ key }) => key.value === 'clouds') : undefined
  if (entry?.value.kind === 'map') return { clouds: entry.value, place: entry.key.at }
  throw new MlopsError('openstack.cloud', `${file} has no map of \`clouds\``, { at: root.at })
}

function merge(base: unknown, over: unknown): unknown {
  if (!isMap(base) || !isMap(over)) return over ?? base
  const keys = new Set([...Object.keys(base), ...Object.keys(over)])
  return Object.fromEntries([...keys].map(key => [key, merge(base[key], over[key])]))
}

/** A cloud's keys and those of its `auth`, flat. */
function wordsOf(cloud: unknown): CloudWords {
  if (!isMap(cloud)) return {}
  const { auth, verify, region, ...rest } = cloud
  const flat = {
    ...(verify === false && { insecure: 'true' }),
    ...(region !== undefined && { region_name: region }),
    ...rest,
    ...(isMap(auth) ? auth : {}),
  }
  return Object.fromEntries(
    Object.entries(flat).flatMap(([key, value]) =>
      ['string', 'number', 'boolean'].includes(typeof value) && value !== '' ? [[key, String(value)]] : [],
    ),
  )
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
