import { madeUpSecret } from '../kubernetes/account.ts'
import type { Blueprint } from '../kubernetes/blueprint.ts'
import { formats, isSecretFile } from '../kubernetes/formats.ts'
import { splitImage } from '../kubernetes/image.ts'
import { render } from '../kubernetes/render.ts'
import type { ManifestFormat } from '../project/kubernetes.ts'
import { type CommitFlags, commit, publishSettings, requireImage } from './k8s-commit.ts'
import { type K8sFlags, readPlan } from './k8s-plan.ts'
import { withTag } from './k8s-tag.ts'

export interface PublishFlags extends CommitFlags, K8sFlags {
  readonly tag?: string
  readonly format?: ManifestFormat
  /** The command's name in the journal. */
  readonly command?: string
}

/** Commits the manifests to the repository of the project; gives the exit status, and what is in force then. */
export async function publishManifests(
  flags: PublishFlags,
): Promise<{ readonly exitStatus: 0 | 99; readonly blueprint: Blueprint }> {
  const { project, blueprint } = readPlan(withTag(flags))
  const settings = publishSettings(project, flags)
  const digest = await requireImage(blueprint.image, flags)
  const all = formats[flags.format ?? settings.format](blueprint)
  const files = new Map(
    [...all].filter(([name]) => !isSecretFile(name)).map(([name, text]) => [name, listedOf(name, text, all)]),
  )
  warnOfSecrets(blueprint)
  const message = flags.message === undefined ? messageOf(blueprint, digest) : `${flags.message}\n`
  const exitStatus = await commit(project, settings, async () => ({ files, message }), {
    ...flags,
    command: flags.command ?? 'k8s publish',
    more: { image: blueprint.image, digest },
  })
  return { exitStatus, blueprint }
}

/** A Kustomize base does not name the Secrets that are left out. */
function listedOf(name: string, text: string, all: ReadonlyMap<string, string>): string {
  if (!name.endsWith('kustomization.yaml')) return text
  const secrets = [...all.keys()].filter(isSecretFile).map(file => file.replace(/^.*\//, ''))
  return text
    .split('\n')
    .filter(line => !secrets.some(secret => line === `  - ${secret}`))
    .join('\n')
}

/** Passwords are in no repository: says which Secrets the cluster has to get otherwise. */
function warnOfSecrets(blueprint: Blueprint): void {
  const said = render(blueprint)
    .filter(({ kind }) => kind === 'Secret')
    .map(({ metadata }) => metadata.name)
  for (const name of said) {
    process.stderr.write(
      `[WARNING]: Secret ${name} is not committed. The cluster needs it once: mlops k8s render --output DIR writes it as a file for kubectl apply -f;\n` +
        '  or make one of your own there, by hand or sealed, and name it: kubernetes: { secret: NAME }\n',
    )
  }
  const madeUp = madeUpSecret(blueprint)
  if (madeUp === undefined) return
  process.stderr.write(
    `[WARNING]: Secret ${madeUp} with the broker's password is not committed. The cluster needs it once: mlops k8s apply makes one up there;\n` +
      '  or make one of your own there, by hand or sealed, and name it: kubernetes: { secret: NAME }\n',
  )
}

function messageOf({ project, image, models }: Blueprint, digest: string | undefined): string {
  const { name, tag } = splitImage(image)
  const what = `${name.slice(name.lastIndexOf('/') + 1)}${tag === undefined ? '' : `:${tag}`}`
  const lines = [
    `Image: ${image}`,
    `Image-Digest: ${digest ?? 'not looked up'}`,
    ...models.map(model => `Model-${model.name[0]?.toUpperCase()}${model.name.slice(1)}: ${model.digest}`),
  ]
  return `${`Run ${what} in ${project}`.slice(0, 72)}\n\n${lines.join('\n')}\n`
}
