/** The value at a path of names with dots between, in data that came from JSON; undefined where there is none. */
export function dig(data: unknown, path: string): unknown {
  let value = data
  for (const name of path.split('.')) {
    if (typeof value !== 'object' || value === null) return undefined
    value = Reflect.get(value, name)
  }
  return value
}

/** Text at a path; '' where there is none. */
export function textAt(data: unknown, path: string): string {
  const value = dig(data, path)
  return value === undefined || value === null ? '' : String(value)
}

/** A number at a path; 0 where there is none. */
export function numberAt(data: unknown, path: string): number {
  return Number(dig(data, path) ?? 0)
}

/** A list at a path; empty where there is none. */
export function listAt(data: unknown, path: string): readonly unknown[] {
  const value = dig(data, path)
  return Array.isArray(value) ? value : []
}

/** Text items of a list at a path. */
export function textsAt(data: unknown, path: string): readonly string[] {
  return listAt(data, path).map(String)
}

/** A mapping at a path; empty where there is none. */
export function recordAt(data: unknown, path: string): Readonly<Record<string, unknown>> {
  const value = dig(data, path)
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {}
}

/** The first object of what `docker … inspect` printed, or undefined. */
export function firstOf(text: string | undefined): Readonly<Record<string, unknown>> | undefined {
  try {
    const list: unknown = JSON.parse(text ?? '')
    const first: unknown = Array.isArray(list) ? list[0] : undefined
    return typeof first === 'object' && first !== null ? { ...first } : undefined
  } catch {
    return undefined
  }
}
