/** An image's name, tag and digest: the tag is what follows the last `:` behind the last `/`, the digest what follows `@`. */
export function splitImage(image: string): {
  readonly name: string
  readonly tag: string | undefined
  readonly digest: string | undefined
} {
  const [named = '', digest] = image.split('@')
  const colon = named.indexOf(':', named.lastIndexOf('/') + 1)
  return colon === -1
    ? { name: named, tag: undefined, digest }
    : { name: named.slice(0, colon), tag: named.slice(colon + 1), digest }
}
