/** Runs `work` for each item, at most `limit` at a time. All are finished before the first failure is thrown. */
export async function pool<T>(items: readonly T[], limit: number, work: (item: T) => Promise<void>): Promise<void> {
  const queue = [...items]
  const worker = async () => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) await work(item)
  }
  await settle(Array.from({ length: Math.min(limit, items.length) }, worker))
}

/** As Promise.all, but nothing is still at work when the first failure is thrown. */
export async function settle<T>(promises: readonly Promise<T>[]): Promise<T[]> {
  const results = await Promise.allSettled(promises)
  return results.map(result => {
    if (result.status === 'rejected') throw result.reason
    return result.value
  })
}

/** Named things in the order of `names`; those that are not named come last. */
export function inOrder<T extends { readonly name: string }>(items: readonly T[], names: readonly string[]): T[] {
  const place = (item: T) => (names.includes(item.name) ? names.indexOf(item.name) : names.length)
  return [...items].sort((a, b) => place(a) - place(b))
}
