import { MlopsError } from '../errors.ts'
import { splitImage } from '../kubernetes/image.ts'
import { deploymentsIn, imageIn, releaseIn, replicasIn, scaledFiles, workloadsIn } from '../kubernetes/published.ts'
import type { Project } from '../project/project.ts'
import type { Files } from '../publish/folder.ts'
import type { Published } from '../publish/publish.ts'
import { clusterOf } from './k8s-cluster.ts'
import { type CommitFlags, commit, publishSettings, requireImage } from './k8s-commit.ts'
import { waitForCommit } from './k8s-deploy.ts'
import { rollBack } from './k8s-rollback.ts'

export interface RollbackFlags extends CommitFlags {
  /** Seconds; true: five minutes. */
  readonly wait?: number | true
}

/** `mlops rollback` where a cluster runs the application; gives the exit status. */
export async function rollBackOnCluster(project: Project, flags: RollbackFlags): Promise<0 | 2 | 99> {
  const timeout = typeof flags.wait === 'number' ? flags.wait : 300
  if (project.kubernetes.publish === undefined) {
    if (flags.dryRun) throw new MlopsError('rollback.flag', '--dry-run is for what is published')
    return await rollBack({ project: project.file, timeout, json: flags.json === true })
  }
  if (flags.wait !== undefined) clusterOf(project, {})
  let files: Files = new Map()
  const edit = async (now: Published) => {
    const before = await releaseBefore(now)
    files = withNumbersOf(now.files, before.files)
    const image = imageOf(project, files)
    if (image !== undefined) await requireImage(image, flags)
    const what = image === undefined ? 'what ran before' : image.slice(image.lastIndexOf('/') + 1)
    const message = `${`Take ${project.name} back to ${what}`.slice(0, 72)}\n\nAs in ${before.commit}\n`
    return { files, message }
  }
  const settings = publishSettings(project, {})
  const exitStatus = await commit(project, settings, edit, { ...flags, command: 'rollback', history: true })
  if (exitStatus !== 0 || flags.wait === undefined || flags.dryRun) return exitStatus
  return await waitForCommit(project, workloadsIn(files), { timeout, quiet: flags.json === true })
}

/** The newest commit with other images or models than those in force. Throws `rollback.nothing`. */
async function releaseBefore({ files, earlier }: Published): Promise<{ commit: string; files: Files }> {
  const current = releaseIn(files).join()
  for await (const each of earlier()) if (each.files.size > 0 && releaseIn(each.files).join() !== current) return each
  throw new MlopsError('rollback.nothing', 'nothing else was published before what is in force', {
    hint:
      files.size === 0 ? 'nothing was published so far: mlops deploy' : 'mlops deploy --version TAG brings any image',
  })
}

/** What was scaled since stays scaled. */
function withNumbersOf(now: Files, before: Files): Files {
  let files = before
  for (const deployment of deploymentsIn(before)) {
    const replicas = replicasIn(now, deployment)
    if (replicas !== undefined) files = scaledFiles(files, deployment, replicas)
  }
  return files
}

function imageOf({ kubernetes }: Project, files: Files): string | undefined {
  return kubernetes.image === undefined ? undefined : imageIn(files, splitImage(kubernetes.image).name)
}
