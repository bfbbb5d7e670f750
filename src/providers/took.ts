/** How long something took, as ` (1.2 s)`. */
export function took(since: number): string {
  return ` (${((Date.now() - since) / 1000).toFixed(1)} s)`
}
