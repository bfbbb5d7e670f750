import { readFileSync } from 'node:fs'
import { isAbsolute, relative, resolve } from 'node:path'
import { MlopsError, reasonOf } from '../errors.ts'
import { isEncrypted } from '../vault/envelope.ts'
import { openVault } from '../vault/keyring.ts'
import { revealed } from '../vault/revealed.ts'
import { data, type SourceDocument } from './node.ts'
import { parseOne } from './parse.ts'
import { utf8Of } from './utf8.ts'

/** The YAML (or JSON) document of a file, which may be encrypted. Throws `source.no-file`, `vault.*` `source.encoding` and the errors of `parse`. */
export function load(file: string): SourceDocument {
  const shown = shownPath(file)
  const bytes = read(file, shown)
  if (!isEncrypted(bytes)) return parseOne(utf8Of(bytes, shown), shown)
  const document = parseOne(utf8Of(openVault(bytes.toString('latin1'), shown), shown), shown)
  // a mapping is a file of variables: its values are secrets; the words of a playbook are not
  if (document.root.kind === 'map') revealed.add(data(document.root))
  return document
}

/** A path as people like to read it: relative where the file lies in the current folder. */
export function shownPath(file: string): string {
  const path = relative(process.cwd(), resolve(file))
  return path === '' || path.startsWith('..') || isAbsolute(path) ? file : path
}

function read(file: string, shown: string): Buffer {
  try {
    return readFileSync(file)
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined
    const reason = code === 'ENOENT' ? 'there is no such file' : reasonOf(cause)
    throw new MlopsError('source.no-file', `cannot read ${shown}: ${reason}`, { cause })
  }
}
