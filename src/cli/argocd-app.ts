import type { Command } from 'commander'
import { addSpecFlags, addSwitch } from './argocd-flags.ts'
import { collect, positive } from './reach-flags.ts'

/** `mlops argocd app`. */
export function appCommands(argocd: Command): void {
  const app = argocd.command('app').summary('Create, show, sync and delete Applications')
  createCommand(app)
  setCommand(app)
  getCommand(app)
  listCommand(app)
  syncCommand(app)
  waitCommand(app)
  historyCommands(app)
  diffCommand(app)
  logsCommand(app)
  deleteCommand(app)
}

function createCommand(app: Command): void {
  const command = app
    .command('create [name]')
    .summary('Create an Application')
    .description(
      'Creates an Application at the server that you are logged in at. Without a login, and with --output, it is written instead;\n' +
        'with --core it is applied to the cluster of the kubeconfig. In a project with `target: kubernetes`, name, namespace, repository,\n' +
        'folder and branch come from mlops.yml.',
    )
    .option('-f, --file <file>', 'a file or URL of an Application, which flags then change; - is standard input')
    .option('-o, --output <file>', 'write it and create nothing: to a file, or as `yaml` or `json` to standard output')
    .option('--create-project', 'the AppProject, too: with this repository and this namespace, and nothing else')
    .option('-l, --label <key=value>', 'a label of the Application; may be given again', collect)
    .option('--annotations <key=value>', 'an annotation of the Application; may be given again', collect)
    .option('--set-finalizer', 'deleting the Application deletes what it made, whoever does it')
    .option('--upsert', 'write over one of this name that differs')
  addSwitch(command, 'validate', 'Argo CD looks into repository and cluster first (default)')
  addSpecFlags(command).action(async (name: string | undefined, _, self: Command) => {
    const { createApp } = await import('./argocd-app-create.ts')
    await createApp(name, self.optsWithGlobals())
  })
}

function setCommand(app: Command): void {
  const command = app
    .command('set <name>')
    .summary('Change an Application')
    .description('Changes what the flags say, and leaves the rest.')
    .option('--source-position <number>', 'which source, from 1, where there are several', positive)
  addSwitch(command, 'validate', 'Argo CD looks into repository and cluster first (default)')
  addSpecFlags(command).action(async (name: string, _, self: Command) => {
    const { setApp } = await import('./argocd-app-change.ts')
    await setApp(name, self.optsWithGlobals())
  })
}

function getCommand(app: Command): void {
  app
    .command('get [name]')
    .summary('Show an Application')
    .description('`-o yaml` can be committed and applied as it is; `-o json` is all that Argo CD knows of it.')
    .option('-o, --output <format>', 'wide, json or yaml', 'wide')
    .option('--show-operation', 'how the last sync went, too')
    .option('--refresh', 'Argo CD compares with the repository first')
    .option('--hard-refresh', 'the same, and the manifests are made anew')
    .action(async (name: string | undefined, _, self: Command) => {
      const { showApp } = await import('./argocd-app-show.ts')
      await showApp(name, self.optsWithGlobals())
    })
}

function listCommand(app: Command): void {
  app
    .command('list')
    .summary('Show the Applications')
    .option('-o, --output <format>', 'wide, name, json or yaml', 'wide')
    .option('-l, --selector <labels>', 'those with these labels')
    .option('-p, --project <name>', "those of this project of Argo CD's; may be given again", collect)
    .option('-r, --repo <url>', 'those of this repository')
    .option('-c, --cluster <cluster>', 'those of this cluster, by name or address')
    .action(async (_, self: Command) => {
      const { listApps } = await import('./argocd-app-show.ts')
      await listApps(self.optsWithGlobals())
    })
}

function syncCommand(app: Command): void {
  const command = app
    .command('sync [names...]')
    .summary('Bring the cluster to what the repository says')
    .description('Syncs, and shows what becomes of each object until it is done. Exit status: 2 when a sync fails.')
    .option('-l, --selector <labels>', 'those with these labels')
    .option('--project <name>', "with --selector: those of this project of Argo CD's; may be given again", collect)
    .option('--revision <revision>', 'this revision, not the one that the Application follows')
    .option('--resource <group:kind:name>', 'only this object; GROUP may be empty; may be given again', collect)
    .option('--info <key=value>', 'a note that Argo CD keeps; may be given again', collect)
    .option('--strategy <strategy>', 'hook (default), or apply: without hooks')
    .option('--async', 'do not wait')
    .option('-o, --output <format>', 'wide, or only how it ended: json, yaml')
    .option('--retry-limit <number>', 'how often a sync that failed is tried again', positive)
    .option('--timeout <seconds>', 'wait no longer (default: for ever)', positive)
  addSwitch(command, 'dry-run', 'try it, and change nothing')
  addSwitch(command, 'prune', 'remove what the repository no longer has')
  addSwitch(command, 'force', 'delete and make anew what cannot be changed')
  addSwitch(command, 'replace', 'replace objects, not apply them')
  addSwitch(command, 'server-side', 'apply on the server side')
  command.action(async (names: string[], _, self: Command) => {
    const { syncApps } = await import('./argocd-app-sync.ts')
    process.exitCode = await syncApps(names, self.optsWithGlobals())
  })
}

function waitCommand(app: Command): void {
  app
    .command('wait [names...]')
    .summary('Wait until an Application is synced and healthy')
    .option('-l, --selector <labels>', 'those with these labels')
    .option('--sync', 'only until it is synced')
    .option('--health', 'only until it is healthy')
    .option('--operation', 'only until no operation runs')
    .option('--suspended', 'until it is suspended; with --health either will do')
    .option('--delete', 'until it is gone')
    .option('--resource <group:kind:name>', 'only this object counts; may be given again', collect)
    .option('-o, --output <format>', 'wide, or only how it ended: json, yaml')
    .option('--timeout <seconds>', 'wait no longer (default: for ever)', positive)
    .action(async (names: string[], _, self: Command) => {
      const { waitForApps } = await import('./argocd-app-sync.ts')
      process.exitCode = await waitForApps(names, self.optsWithGlobals())
    })
}

function historyCommands(app: Command): void {
  app
    .command('history [name]')
    .summary('Show the revisions that were live')
    .option('-o, --output <format>', 'wide, id, json or yaml', 'wide')
    .action(async (name: string | undefined, _, self: Command) => {
      const { showHistory } = await import('./argocd-app-show.ts')
      await showHistory(name, self.optsWithGlobals())
    })
  const rollback = app
    .command('rollback <name> [id]')
    .summary('Bring an earlier revision back')
    .description('ID is a number of `app history` (default: the one before). The Application must not sync by itself.')
    .option('--timeout <seconds>', 'wait no longer (default: for ever)', positive)
  addSwitch(rollback, 'prune', 'remove what that revision did not have')
  addSwitch(rollback, 'dry-run', 'try it, and change nothing')
  rollback.action(async (name: string, id: string | undefined, _, self: Command) => {
    const { rollBackApp } = await import('./argocd-app-sync.ts')
    process.exitCode = await rollBackApp(name, id, self.optsWithGlobals())
  })
  app
    .command('terminate-op <name>')
    .summary('End the sync that runs')
    .action(async (name: string, _, self: Command) => {
      const { terminate } = await import('./argocd-app-sync.ts')
      await terminate(name, self.optsWithGlobals())
    })
}

function diffCommand(app: Command): void {
  const command = app
    .command('diff [name]')
    .summary('Show what a sync would change')
    .description('Exit status: 0, and 1 when something differs, as with argocd.')
    .option('--refresh', 'Argo CD compares with the repository first')
    .option('--hard-refresh', 'the same, and the manifests are made anew')
    .option('--diff-exit-code <number>', 'exit status when something differs', positive)
  addSwitch(command, 'exit-code', 'an exit status of its own when something differs (default)')
  command.action(async (name: string | undefined, _, self: Command) => {
    const { diffApp } = await import('./argocd-app-diff.ts')
    process.exitCode = await diffApp(name, self.optsWithGlobals())
  })
}

function logsCommand(app: Command): void {
  app
    .command('logs [name]')
    .summary('Show what the containers of an Application print')
    .option('-f, --follow', 'go on until Ctrl-C')
    .option('--tail <lines>', 'so many lines of each container', positive)
    .option('-c, --container <name>', 'only this container')
    .option('--group <group>', 'only objects of this group')
    .option('--kind <kind>', 'only objects of this kind')
    .option('--name <name>', 'only the object of this name')
    .option('--namespace <name>', 'only objects of this namespace')
    .option('--since-seconds <seconds>', 'only of the last so many seconds', positive)
    .option('--until-time <time>', 'only until then, such as 2026-10-10T15:30:00Z')
    .option('--filter <text>', 'only lines with this text')
    .option('--match-case', 'with --filter: by capitals, too')
    .option('-p, --previous', 'of the containers before, which ended')
    .action(async (name: string | undefined, _, self: Command) => {
      const { showAppLogs } = await import('./argocd-app-logs.ts')
      await showAppLogs(name, self.optsWithGlobals())
    })
}

function deleteCommand(app: Command): void {
  const command = app
    .command('delete [names...]')
    .summary('Delete an Application and what it made')
    .description(
      'Deletes Applications, after a question, and what they made in the cluster; with --no-cascade that goes on running.\n' +
        'Exit status: 0 deleted, 1 one of them was left.',
    )
    .option('-l, --selector <labels>', 'those with these labels')
    .option('-p, --propagation-policy <policy>', 'foreground (default) or background')
    .option('-y, --yes', 'do not ask')
    .option('--wait', 'wait until it is gone')
  addSwitch(command, 'cascade', 'what it made, too (default); --no-cascade leaves it running')
  command.action(async (names: string[], _, self: Command) => {
    const { deleteApps } = await import('./argocd-app-change.ts')
    process.exitCode = await deleteApps(names, self.optsWithGlobals())
  })
}
