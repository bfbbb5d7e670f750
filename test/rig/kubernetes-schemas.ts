import type { Manifest } from '../../src/kubernetes/manifest.ts'

/** Where the published schemas of each minor, and of custom resources, come from: packages that are generated from them. */
export const minors = {
  '1.27': 'kubernetes-models-1.27',
  '1.33': 'kubernetes-models-1.33',
  '1.34': 'kubernetes-models',
} as const

interface Model {
  validate(): void
}

/**
 * What a minor's schemas have against a manifest. Strict: a key that no schema looked at is unknown, since the validators that are
 * made from the schemas read what they know and nothing else.
 */
export async function schemaProblems(manifest: Manifest, minor: keyof typeof minors): Promise<string[]> {
  const { apiVersion, kind } = manifest
  const read = new Set<string>()
  const name = packageOf(apiVersion, minor)
  const module: Record<string, unknown> = await import(`${name}/${apiVersion}/${kind}`)
  // CommonJS or ES module, by version; the class is generated and has no type here
  const Kind = (module[kind] ?? (module['default'] as Record<string, unknown>)[kind]) as new (data: unknown) => Model
  try {
    // made first: making one reads every key
    watched(new Kind(manifest), '', read).validate()
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)]
  }
  return paths(manifest, '')
    .filter(path => !read.has(path))
    .map(path => `no schema knows ${path}`)
}

function packageOf(apiVersion: string, minor: keyof typeof minors): string {
  if (apiVersion.startsWith('keda.sh/')) return '@kubernetes-models/keda'
  return apiVersion.startsWith('argoproj.io/') ? '@kubernetes-models/argo-cd' : minors[minor]
}

/** The same data, which notes which of its keys are read. */
function watched<T>(value: T, path: string, read: Set<string>): T {
  if (typeof value !== 'object' || value === null) return value
  return new Proxy(value, {
    get(target, key, receiver) {
      const found: unknown = Reflect.get(target, key, receiver)
      if (typeof key === 'symbol' || !Object.hasOwn(target, key)) return found
      read.add(`${path}/${key}`)
      return watched(found, `${path}/${key}`, read)
    },
  })
}

function paths(value: unknown, path: string): string[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, item]) => [`${path}/${key}`, ...paths(item, `${path}/${key}`)])
}
