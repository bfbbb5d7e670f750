import { type Command, InvalidArgumentError, Option } from 'commander'
import type { ManifestFormat } from '../project/kubernetes.ts'
import type { ApplyFlags, DeleteFlags, DiffFlags, LogsFlags, RollbackFlags } from './k8s-flags.ts'
import type { K8sFlags } from './k8s-plan.ts'
import type { PublishFlags } from './k8s-publish.ts'
import { addVaultFlags, positive } from './reach-flags.ts'

/** `mlops k8s`: the application on a Kubernetes cluster. */
export function register(program: Command): void {
  const k8s = program
    .command('k8s')
    .summary('Run the application on Kubernetes')
    .description('Makes manifests of the project, and brings the cluster of the kubeconfig to what they say.')
  renderCommand(k8s)
  applyCommand(k8s)
  diffCommand(k8s)
  publishCommand(k8s)
  statusCommand(k8s)
  logsCommand(k8s)
  rollbackCommand(k8s)
  deleteCommand(k8s)
}

function renderCommand(k8s: Command): void {
  planned(k8s.command('render'))
    .summary('Write the manifests')
    .description(
      'Writes the manifests to standard output, or as files to a folder, also as a Helm chart or as a Kustomize base with overlays.\n' +
        'Passwords are written to files alone. The same project gives the same bytes.',
    )
    .option('-o, --output <dir>', 'a folder for the files; those of an earlier rendering are replaced')
    .addOption(format().default('manifests'))
    .action(async (flags: K8sFlags & { output?: string; format: ManifestFormat }) => {
      const { renderTo } = await import('./k8s-render.ts')
      await renderTo(flags)
    })
}

function applyCommand(k8s: Command): void {
  waiting(reaching(planned(k8s.command('apply'))))
    .summary('Bring the cluster to what the manifests say')
    .description(
      'Applies the manifests on the server side, removes what the project no longer has, and waits until everything runs.\n' +
        'Exit status: 0 it runs, 2 something was refused or does not come up, 4 the cluster cannot be reached.',
    )
    .option('--dry-run', 'the cluster checks everything, and nothing changes')
    .option('--force-conflicts', 'take over fields that somebody else sets')
    .option('--create-namespace', 'make the namespace when it is not there')
    .option('--no-prune', 'leave what the project no longer has')
    .option('--no-wait', 'do not wait until everything runs')
    .option('--json', 'as JSON')
    .action(async (flags: ApplyFlags) => {
      const { applyToCluster } = await import('./k8s-apply.ts')
      process.exitCode = await applyToCluster(flags)
    })
}

function diffCommand(k8s: Command): void {
  reaching(planned(k8s.command('diff')))
    .summary('Show what apply would change')
    .description(
      'Shows what would change, as the cluster itself says. What Secrets hold is not shown. Exit status: 0, and with --detailed-exitcode 3 when something differs.',
    )
    .option('--detailed-exitcode', 'exit status 3 when something differs')
    .option('--force-conflicts', 'as if fields that somebody else sets were taken over')
    .option('--json', 'as JSON')
    .action(async (flags: DiffFlags) => {
      const { showDiff } = await import('./k8s-diff.ts')
      process.exitCode = await showDiff(flags)
    })
}

function publishCommand(k8s: Command): void {
  committing(planned(k8s.command('publish')))
    .summary('Commit the manifests to the Git repository that is watched')
    .description(
      'Commits the manifests to a folder of a branch, on top of what is there, and pushes. The image has to be in its registry. Files that are\n' +
        'no more go, those of others stay, and Secrets are left out. Exit status: 0 it is there, 1 something is wrong and nothing was committed.',
    )
    .option('--tag <tag>', 'another tag of the image in mlops.yml')
    .addOption(format())
    .option('--repo <repository>', 'a repository as git takes it (default: that of mlops.yml)')
    .option('--branch <name>', "a branch (default: that of mlops.yml, or the repository's own)")
    .option('--path <folder>', 'a folder of the repository (default: that of mlops.yml, or its top)')
    .option('--no-push', 'print the commit as a patch for git am instead')
    .action(async (flags: PublishFlags) => {
      const { publishManifests } = await import('./k8s-publish.ts')
      process.exitCode = (await publishManifests(flags)).exitStatus
    })
}

function statusCommand(k8s: Command): void {
  reaching(projected(k8s.command('status')))
    .summary('Show workloads, pods and Services')
    .description('Shows workloads, pods and Services of the project. Exit status: 0 all runs, 2 something does not.')
    .option('--json', 'as JSON')
    .option('-w, --watch [seconds]', 'again every few seconds (default: 2) until Ctrl-C', positive)
    .action(async flags => {
      const { showClusterStatus } = await import('./k8s-status.ts')
      process.exitCode = await showClusterStatus(flags)
    })
}

function logsCommand(k8s: Command): void {
  reaching(projected(k8s.command('logs [part...]')))
    .summary('Show what the containers print')
    .description('Shows the lines of the pods of web, worker or broker, or of all, each with the name of its pod.')
    .option('-f, --follow', 'go on until Ctrl-C')
    .option('--tail <lines>', 'so many lines of each container (default: 50)', positive)
    .option('--since <time>', 'only later ones: 10m, seconds, or 2026-01-31T12:00:00Z')
    .option('--previous', 'of the containers before, which ended')
    .action(async (parts: string[], flags: LogsFlags) => {
      const { showClusterLogs } = await import('./k8s-logs.ts')
      process.exitCode = await showClusterLogs(parts, flags)
    })
}

function rollbackCommand(k8s: Command): void {
  waiting(reaching(projected(k8s.command('rollback'))))
    .summary('Take the last rollout back')
    .description(
      'Puts the image and the model before the last rollout in force again, and waits until they run. The next apply brings what mlops.yml says.\n' +
        'Exit status: 0 it runs, 1 there is nothing to go back to, 2 it does not come up.',
    )
    .option('--json', 'as JSON')
    .action(async (flags: RollbackFlags) => {
      const { rollBack } = await import('./k8s-rollback.ts')
      process.exitCode = await rollBack(flags)
    })
}

function deleteCommand(k8s: Command): void {
  reaching(projected(k8s.command('delete')))
    .summary('Remove what apply made')
    .description(
      'Shows what apply made of the project in the namespace, asks, and removes it. Nothing else is touched.',
    )
    .option('-y, --yes', 'do not ask')
    .option('--json', 'as JSON; needs --yes')
    .action(async (flags: DeleteFlags) => {
      const { deleteFromCluster } = await import('./k8s-delete.ts')
      process.exitCode = await deleteFromCluster(flags)
    })
}

function projected(command: Command): Command {
  return addVaultFlags(command).option('--project <file>', 'the mlops.yml (default: found upwards from here)')
}

/** The flags of commands that make manifests. */
function planned(command: Command): Command {
  return projected(command)
    .option('--solution <number>', '1: all in one pod, 2: web, worker and broker apart', solution)
    .option('--image <image>', 'this image in place of the one in mlops.yml')
}

/** The flags of commands that speak with a cluster. */
function reaching(command: Command): Command {
  return command
    .option('--context <name>', 'a context of the kubeconfig (default: that of mlops.yml, or the current one)')
    .option('-n, --namespace <name>', 'a namespace (default: that of mlops.yml, or of the context)', namespace)
}

function waiting(command: Command): Command {
  return command.option('--timeout <seconds>', 'how long to wait until everything runs (default: 300)', positive)
}

/** The flags of commands that commit. */
export function committing(command: Command): Command {
  return command
    .option('-m, --message <text>', 'the message of the commit')
    .option('--no-check', 'do not ask the registry whether the image is there')
    .option('--dry-run', 'show what would change, and commit nothing')
    .option('--json', 'as JSON')
}

function format(): Option {
  return new Option('--format <format>', 'what is written').choices(['manifests', 'helm', 'kustomize'])
}

function solution(text: string): 1 | 2 {
  if (text === '1') return 1
  if (text === '2') return 2
  throw new InvalidArgumentError('It must be 1 or 2.')
}

function namespace(text: string): string {
  if (/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(text)) return text
  throw new InvalidArgumentError('It must be small letters, digits and `-`, at most 63.')
}
