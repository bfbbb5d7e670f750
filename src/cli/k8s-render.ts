import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { MlopsError } from '../errors.ts'
import { formats, isSecretFile } from '../kubernetes/formats.ts'
import { render } from '../kubernetes/render.ts'
import { yaml } from '../kubernetes/text.ts'
import type { ManifestFormat } from '../project/kubernetes.ts'
import { listFile } from '../publish/folder.ts'
import { type K8sFlags, readPlan } from './k8s-plan.ts'
import { makeFolder, writeInto } from './output-folder.ts'

/** Writes the manifests to standard output or to a folder. */
export async function renderTo(
  flags: K8sFlags & { readonly output?: string; readonly format: ManifestFormat },
): Promise<void> {
  const { project, blueprint } = readPlan(flags)
  if (flags.output !== undefined) {
    const files = formats[flags.format](blueprint)
    const folder = resolve(flags.output)
    writeInto(flags.output, 'k8s.output', () => writeFiles(folder, files))
    for (const name of files.keys()) process.stdout.write(`${join(flags.output, name)}\n`)
    return
  }
  if (flags.format !== 'manifests') {
    throw new MlopsError('k8s.output', `${flags.format} is a folder of files: where?`, { hint: '--output DIR' })
  }
  const manifests = render(blueprint)
  process.stdout.write(manifests.filter(isPublic).map(yaml).join('---\n'))
  for (const { metadata } of manifests.filter(manifest => !isPublic(manifest))) {
    process.stderr.write(
      `Secret ${metadata.name} of ${project.name} is left out here: --output DIR writes it, mlops k8s apply applies it\n`,
    )
  }
}

function isPublic({ kind }: { readonly kind: string }): boolean {
  return kind !== 'Secret'
}

/** Writes the files, takes away those of the last time, and keeps passwords from other users and from git. */
function writeFiles(folder: string, files: ReadonlyMap<string, string>): void {
  makeFolder(folder)
  const before = existsSync(join(folder, listFile)) ? readFileSync(join(folder, listFile), 'utf8').split('\n') : []
  const strange = [...files.keys()].find(name => !before.includes(name) && existsSync(join(folder, name)))
  if (strange !== undefined) {
    throw new MlopsError('k8s.output', `${join(folder, strange)} is there, and not from an earlier rendering`, {
      hint: 'name another folder, or move the file away',
    })
  }
  const gone = before.filter(name => name !== '' && !files.has(name) && isBelow(folder, name))
  for (const name of gone) rmSync(join(folder, name), { force: true })
  for (const [name, text] of files) {
    const file = join(folder, name)
    makeFolder(dirname(file))
    rmSync(file, { force: true })
    writeFileSync(file, text, { mode: isSecretFile(name) ? 0o600 : 0o644 })
  }
  writeFileSync(join(folder, listFile), `${[...files.keys()].join('\n')}\n`)
  ignore(join(folder, '.gitignore'), [...files.keys()].filter(isSecretFile))
}

/** Whether a name of the list stays in the folder: others may have written that file. */
function isBelow(folder: string, name: string): boolean {
  return !relative(folder, join(folder, name)).startsWith('..')
}

function ignore(file: string, names: readonly string[]): void {
  const text = existsSync(file) ? readFileSync(file, 'utf8') : ''
  const missing = names.map(name => `/${name}`).filter(line => !text.split('\n').includes(line))
  if (missing.length === 0) return
  writeFileSync(file, `${text}${text === '' || text.endsWith('\n') ? '' : '\n'}${missing.join('\n')}\n`)
}
