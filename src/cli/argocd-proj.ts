import type { Command } from 'commander'
import { addSwitch } from './argocd-flags.ts'
import { collect } from './reach-flags.ts'

/** `mlops argocd proj`. */
export function projCommands(argocd: Command): void {
  const proj = argocd.command('proj').summary("Create, show and delete Argo CD's projects")
  const create = proj
    .command('create [name]')
    .summary('Create a project')
    .description(
      'Creates an AppProject: which repositories and namespaces its Applications may use. As with `app create`, it is written with\n' +
        '--output and without a login, and applied to the cluster of the kubeconfig with --core.',
    )
    .option('-f, --file <file>', 'a file or URL of an AppProject, which flags then change; - is standard input')
    .option('-o, --output <file>', 'write it and create nothing: to a file, or as `yaml` or `json` to standard output')
    .option('--description <text>', 'what it is for')
    .option('-s, --src <url>', 'a repository that its Applications may use; may be given again', collect)
    .option('-d, --dest <server,namespace>', 'where they may be; may be given again', collect)
    .option('--allow-cluster-resource <group/kind>', 'a kind without namespace that they may make', collect)
    .option('--deny-cluster-resource <group/kind>', 'a kind without namespace that they may not make', collect)
    .option('--allow-namespaced-resource <group/kind>', 'a kind that they may make', collect)
    .option('--deny-namespaced-resource <group/kind>', 'a kind that they may not make', collect)
    .option('--source-namespaces <name>', 'a namespace that its Applications may lie in', collect)
    .option('--upsert', 'write over one of this name that differs')
  addSwitch(create, 'orphaned-resources', 'watch for objects that no Application has')
  addSwitch(create, 'orphaned-resources-warn', 'watch for them, and warn')
  create.action(async (name: string | undefined, _, self: Command) => {
    const { createProj } = await import('./argocd-proj-run.ts')
    await createProj(name, self.optsWithGlobals())
  })
  proj
    .command('get <name>')
    .summary('Show a project')
    .option('-o, --output <format>', 'wide, json or yaml', 'wide')
    .action(async (name: string, _, self: Command) => {
      const { showProj } = await import('./argocd-proj-run.ts')
      await showProj(name, self.optsWithGlobals())
    })
  proj
    .command('list')
    .summary('Show the projects')
    .option('-o, --output <format>', 'wide, name, json or yaml', 'wide')
    .action(async (_, self: Command) => {
      const { listProjs } = await import('./argocd-proj-run.ts')
      await listProjs(self.optsWithGlobals())
    })
  proj
    .command('delete <name>')
    .summary('Delete a project')
    .action(async (name: string, _, self: Command) => {
      const { deleteProj } = await import('./argocd-proj-run.ts')
      await deleteProj(name, self.optsWithGlobals())
    })
}
