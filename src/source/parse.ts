import { MlopsError } from '../errors.ts'
import { parseCarefully } from './careful.ts'
import { ScalarNode, type SourceDocument } from './node.ts'
import { parsePlainly } from './plainly.ts'
import { SourceText } from './text.ts'

/** The documents of a YAML text as Ansible reads it (YAML 1.1 scalars). Throws `source.*` errors, all of the file at once. */
export function parse(text: string, file: string): readonly SourceDocument[] {
  const source = new SourceText(text.replace(/^\ufeff/, ''), file)
  const documents = parsePlainly(source) ?? parseCarefully(source)
  if (documents.length > 0) return documents
  return [{ file, root: new ScalarNode(null, { source, start: 0, end: 0, style: 'plain' }), warnings: [] }]
}

/** The only document of a text. Throws `source.several-documents` for more. */
export function parseOne(text: string, file: string): SourceDocument {
  const [first, second] = parse(text, file)
  if (second || !first) {
    throw new MlopsError('source.several-documents', `${file} holds several YAML documents; one is expected`, {
      at: second?.root.at,
    })
  }
  return first
}
