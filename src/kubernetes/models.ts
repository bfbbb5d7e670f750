import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { MlopsError } from '../errors.ts'
import type { KubernetesModel } from '../project/kubernetes.ts'
import { modelFiles } from '../project/model-files.ts'
import type { Model } from './blueprint.ts'

/** The API server takes no larger ConfigMap. */
const mostBytes = 1_048_576

/** A model with its digest: what lies in a folder is read. `open` opens encrypted URLs. Throws `k8s.model`. */
export function readModel(model: KubernetesModel, open: (value: string) => string): Model {
  const { name } = model
  switch (model.from) {
    case 'url': {
      const url = open(model.url)
      return { name, from: 'url', url, digest: model.digest, isSecret: url !== model.url || holdsSecret(url) }
    }
    case 'claim':
      return { name, from: 'claim', claim: model.claim, path: model.path, digest: model.digest }
    case 'folder':
      return { name, from: 'files', ...readFolder(model) }
    default:
      return model satisfies never
  }
}

function readFolder({ name, folder, at }: KubernetesModel & { readonly from: 'folder' }) {
  const fail = (message: string, hint?: string) => new MlopsError('k8s.model', message, { at, hint })
  const names = modelFiles(name, folder, fail)
  const odd = names.find(file => !/^[-._a-zA-Z0-9]{1,253}$/.test(file))
  if (odd !== undefined) throw fail(`${odd} cannot be a key of a ConfigMap`, 'letters, digits, `.`, `-` and `_`')
  const hash = createHash('sha256')
  const files: Record<string, string> = {}
  let size = 0
  for (const file of names) {
    const bytes = readFileSync(join(folder, file))
    hash.update(`${file}\0${bytes.length}\0`).update(bytes)
    files[file] = bytes.toString('base64')
    size += files[file].length
  }
  if (size > mostBytes)
    throw fail(
      `the model ${name} is too large for a ConfigMap: ${size} bytes`,
      'put it in a volume (`claim`) or at a `url`',
    )
  return { files, digest: `sha256:${hash.digest('hex')}` }
}

/** A URL with an account or a query may hold a key. */
function holdsSecret(url: string): boolean {
  const { username, password, search } = new URL(url)
  return username !== '' || password !== '' || search !== ''
}
