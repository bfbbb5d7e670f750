/** Parts of Node that short commands never touch; loading them takes longer than most of what such a command does. */
const late = new Set(
  [
    ...['child_process', 'crypto', 'dns', 'fs/promises', 'http', 'https', 'net', 'readline', 'readline/promises'],
    ...['stream/promises', 'timers/promises', 'tls', 'zlib'],
  ].flatMap(name => [name, `node:${name}`]),
)

/** A `require` that loads these when something of them is used for the first time. */
export function requireLate(require: NodeJS.Require): NodeJS.Require {
  const made = new Map<string, object>()
  const requireIt = (name: string) => {
    if (!late.has(name)) return require(name)
    const known = made.get(name) ?? standIn(() => require(name))
    made.set(name, known)
    return known
  }
  return Object.assign(requireIt, require)
}

function standIn(load: () => object): object {
  return new Proxy(
    {},
    {
      get: (_, key) => Reflect.get(load(), key),
      set: (_, key, value) => Reflect.set(load(), key, value),
      has: (_, key) => Reflect.has(load(), key),
      ownKeys: () => Reflect.ownKeys(load()),
      getOwnPropertyDescriptor: (_, key) => {
        const descriptor = Reflect.getOwnPropertyDescriptor(load(), key)
        return descriptor && { ...descriptor, configurable: true }
      },
    },
  )
}
