/** A dict whose items are made when they are read; JavaScript's undefined means that there is none. It cannot be changed. */
export function lazyDict(
  names: () => Iterable<string>,
  read: (name: string) => unknown,
): Readonly<Record<string, unknown>> {
  const get = (name: string | symbol): unknown => (typeof name === 'string' ? read(name) : undefined)
  return new Proxy<Record<string, unknown>>(
    {},
    {
      get: (_target, name) => get(name),
      has: (_target, name) => get(name) !== undefined,
      ownKeys: () => [...new Set(names())],
      getOwnPropertyDescriptor: (_target, name) => {
        const value = get(name)
        return value === undefined ? undefined : { value, enumerable: true, configurable: true, writable: true }
      },
    },
  )
}
