import {
  type ApplicationName,
  applicationName,
  deleteApplication,
  getApplication,
  updateSpec,
} from '../argocd/applications.ts'
import { isFields } from '../argocd/spec.ts'
import { applyFlags } from '../argocd/spec-flags.ts'
import { MlopsError } from '../errors.ts'
import { didYouMean } from '../near.ts'
import { chosen } from './argocd-app-sync.ts'
import { givenFlags, type ServerFlags } from './argocd-flags.ts'
import { requireTarget, usesCluster, withEnvironment } from './argocd-server.ts'
import { watch } from './argocd-watch.ts'
import { ask } from './prompt.ts'

export interface SetFlags extends ServerFlags {
  readonly sourcePosition?: number
  readonly validate?: boolean
}

/** Changes what the flags say of an Application. */
export async function setApp(text: string, given: SetFlags): Promise<void> {
  const flags = withEnvironment(given)
  const { session } = requireTarget(flags)
  const said = givenFlags({ ...flags })
  if (Object.values(said).every(value => value === undefined)) {
    throw new MlopsError('argocd.flag', 'what is to be changed?', {
      hint: 'mlops argocd app set --help shows what there is, such as --revision or --sync-policy',
    })
  }
  const name = applicationName(text, flags.appNamespace)
  const { spec } = await getApplication(session, name)
  const next: unknown = structuredClone(spec)
  if (isFields(next)) applyFlags(next, said, flags.sourcePosition)
  await updateSpec(session, name, next, { validate: flags.validate ?? true })
  process.stdout.write(`application '${name.name}' updated\n`)
}

export interface DeleteFlags extends ServerFlags {
  readonly selector?: string
  readonly propagationPolicy?: string
  readonly yes?: boolean
  readonly wait?: boolean
  readonly cascade?: boolean
}

/** Deletes Applications, after a question where what they made goes, too; gives the exit status. */
export async function deleteApps(texts: readonly string[], given: DeleteFlags): Promise<number> {
  const flags = withEnvironment(given)
  const { cascade = true, propagationPolicy } = flags
  checkPolicy(propagationPolicy)
  const core = usesCluster(flags)
  const session = core ? undefined : requireTarget(flags).session
  // what goes for ever is named
  if (texts.length === 0 && (core || flags.selector === undefined))
    throw new MlopsError('argocd.which', 'which Application?', { hint: 'name it, or give --selector LABEL=VALUE' })
  const names = session
    ? await chosen(session, texts, flags)
    : texts.map(text => applicationName(text, flags.appNamespace))
  let exitStatus = 0
  for (const name of names) {
    if (!(await agreed(name, cascade, flags))) {
      process.stdout.write(`application '${name.name}' was left\n`)
      exitStatus = Math.max(exitStatus, 1)
      continue
    }
    if (session) await deleteApplication(session, name, { cascade, propagationPolicy })
    else await (await import('./argocd-cluster.ts')).removeOne(flags, name, cascade)
    process.stdout.write(`application '${name.name}' deleted\n`)
    if (!flags.wait || !session) continue
    const wanted = { sync: false, health: false, suspended: false, operation: false, delete: true }
    const status = await watch(session, name, { wanted, resources: [], timeout: undefined, verdict: () => undefined })
    exitStatus = Math.max(exitStatus, status)
  }
  return exitStatus
}

async function agreed({ name }: ApplicationName, cascade: boolean, { yes }: DeleteFlags): Promise<boolean> {
  if (yes || !cascade) return true
  if (!process.stdin.isTTY) {
    throw new MlopsError(
      'argocd.unconfirmed',
      `${name} and what it made would be deleted, and nobody is here to agree`,
      {
        hint: '--yes deletes it; --no-cascade leaves running what it made',
      },
    )
  }
  return /^y(es)?$/i.test((await ask(`Delete '${name}' and all that it made? [y/N] `)).trim())
}

function checkPolicy(policy: string | undefined): void {
  const known = ['foreground', 'background']
  if (policy === undefined || known.includes(policy)) return
  throw new MlopsError('argocd.flag', `--propagation-policy ${policy} is unknown`, {
    hint: didYouMean(policy, known) ?? 'foreground or background',
  })
}
