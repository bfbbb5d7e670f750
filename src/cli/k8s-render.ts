import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { MlopsError } from '../errors.ts'
import { helmChart } from '../kubernetes/helm.ts'
import { kustomization } from '../kubernetes/kustomize.ts'
import { render } from '../kubernetes/render.ts'
import { manifestFiles, yaml } from '../kubernetes/text.ts'
import { type K8sFlags, readPlan } from './k8s-plan.ts'

/** Lists what an earlier rendering wrote, so that the next one takes away what is no more. */
const list = '.mlops-rendered'

/** Writes the manifests to standard output or to a folder. */
export async function renderTo(flags: K8sFlags & { readonly output?: string; readonly format: string }): Promise<void> {
  const { project, blueprint } = readPlan(flags)
  const format = formats[flags.format]
  if (format === undefined) {
    throw new MlopsError('k8s.format', `there is no format ${flags.format}`, { hint: 'manifests, helm or kustomize' })
  }
  if (flags.output !== undefined) {
    const files = format(blueprint)
    writeFiles(resolve(flags.output), files)
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

const formats: Readonly<Record<string, (blueprint: Parameters<typeof render>[0]) => ReadonlyMap<string, string>>> = {
  manifests: blueprint => manifestFiles(render(blueprint)),
  helm: helmChart,
  kustomize: kustomization,
}

function isPublic({ kind }: { readonly kind: string }): boolean {
  return kind !== 'Secret'
}

/** Writes the files, takes away those of the last time, and keeps passwords from other users and from git. */
function writeFiles(folder: string, files: ReadonlyMap<string, string>): void {
  mkdirSync(folder, { recursive: true })
  const before = existsSync(join(folder, list)) ? readFileSync(join(folder, list), 'utf8').split('\n') : []
  const strange = [...files.keys()].find(name => !before.includes(name) && existsSync(join(folder, name)))
  if (strange !== undefined) {
    throw new MlopsError('k8s.output', `${join(folder, strange)} is there, and not from an earlier rendering`, {
      hint: 'name another folder, or move the file away',
    })
  }
  for (const name of before.filter(name => name !== '' && !files.has(name))) rmSync(join(folder, name), { force: true })
  for (const [name, text] of files) {
    const file = join(folder, name)
    mkdirSync(dirname(file), { recursive: true })
    rmSync(file, { force: true })
    writeFileSync(file, text, { mode: isSecret(name) ? 0o600 : 0o644 })
  }
  writeFileSync(join(folder, list), `${[...files.keys()].join('\n')}\n`)
  ignore(join(folder, '.gitignore'), [...files.keys()].filter(isSecret))
}

function ignore(file: string, names: readonly string[]): void {
  const text = existsSync(file) ? readFileSync(file, 'utf8') : ''
  const missing = names.map(name => `/${name}`).filter(line => !text.split('\n').includes(line))
  if (missing.length === 0) return
  writeFileSync(file, `${text}${text === '' || text.endsWith('\n') ? '' : '\n'}${missing.join('\n')}\n`)
}

function isSecret(name: string): boolean {
  return /secret\.yaml$/.test(name)
}
