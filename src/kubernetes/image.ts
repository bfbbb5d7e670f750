/** An image's name and its tag: the tag is what follows the last `:` behind the last `/`; a digest is no tag. */
export function splitImage(image: string): { readonly name: string; readonly tag: string | undefined } {
  const [named = ''] = image.split('@')
  const colon = named.indexOf(':', named.lastIndexOf('/') + 1)
  return colon === -1 ? { name: named, tag: undefined } : { name: named.slice(0, colon), tag: named.slice(colon + 1) }
}
