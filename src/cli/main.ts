import { homedir } from 'node:os'
import { Command, CommanderError } from 'commander'
import { endWithoutReader } from './reader-gone.ts'

declare const MLOPS_VERSION: string

/** One command: its name and summary for the help, and where it is written. Loaded only when it runs. */
interface Entry {
  readonly name: string
  readonly summary: string
  readonly load: () => Promise<{ register(program: Command): void }>
  /** Not in the help: no command for people. */
  readonly hidden?: boolean
}

const commands: readonly Entry[] = [
  { name: 'init', summary: 'Write an mlops.yml with cloud-init files and playbooks', load: () => import('./init.ts') },
  { name: 'provision', summary: 'Make the servers of the project', load: () => import('./provision.ts') },
  {
    name: 'bake',
    summary: 'Make images of servers that are ready before they boot',
    load: () => import('./bake.ts'),
  },
  { name: 'keys', summary: 'Make, show and change the key that logs in to servers', load: () => import('./keys.ts') },
  { name: 'play', summary: 'Bring hosts to the state that playbooks describe', load: () => import('./play.ts') },
  { name: 'run', summary: 'Run one module on hosts', load: () => import('./run.ts') },
  { name: 'plan', summary: 'Show what a play would do, without doing it', load: () => import('./plan.ts') },
  { name: 'status', summary: 'Show servers, containers, queue, model and health', load: () => import('./status.ts') },
  {
    name: 'queue',
    summary: 'Show what waits in the queue, and the jobs that were put aside',
    load: () => import('./queue.ts'),
  },
  { name: 'scale', summary: 'Run more or fewer copies of a service', load: () => import('./scale.ts') },
  { name: 'delivery', summary: 'Set up the delivery of models by git push', load: () => import('./delivery.ts') },
  {
    name: 'deliver',
    summary: 'Train a model on the development server and push it to production',
    load: () => import('./deliver.ts'),
  },
  {
    name: 'deploy',
    summary: 'Put new code of the application live without an outage',
    load: () => import('./deploy.ts'),
  },
  {
    name: 'rollback',
    summary: 'Take the last change back, of code or of a model',
    load: () => import('./rollback.ts'),
  },
  { name: 'logs', summary: 'Show what the services say', load: () => import('./logs.ts') },
  { name: 'model', summary: 'Show the releases of models, and take one back', load: () => import('./model.ts') },
  { name: 'history', summary: 'Show who delivered what, and when', load: () => import('./history.ts') },
  {
    name: 'measure',
    summary: 'Measure deliveries, and how long the service is away',
    load: () => import('./measure.ts'),
  },
  { name: 'inventory', summary: 'Show hosts, groups and their variables', load: () => import('./inventory.ts') },
  { name: 'vars', summary: "Show a host's variables and where each was set", load: () => import('./vars.ts') },
  { name: 'vault', summary: 'Encrypt files and values, and open them', load: () => import('./vault.ts') },
  {
    name: 'lint',
    summary: 'Find mistakes and risky patterns in playbooks and user data',
    load: () => import('./lint.ts'),
  },
  { name: 'doc', summary: 'Show the reference page of a module', load: () => import('./doc.ts') },
  { name: 'schema', summary: 'Print the JSON Schema of a file, for editors', load: () => import('./schema.ts') },
  { name: 'completion', summary: 'Print a completion script for a shell', load: () => import('./completion.ts') },
  { name: 'train', summary: "Train the predictor's model", load: () => import('./train.ts') },
  {
    name: 'predict',
    summary: 'Ask the running application about one text or one row',
    load: () => import('./predict.ts'),
  },
  {
    name: 'evaluate',
    summary: 'Ask the running application about rows whose answer is known, and say how good it is',
    load: () => import('./evaluate.ts'),
  },
  {
    name: 'image',
    summary: 'Build the image of the application, and push it to a registry',
    load: () => import('./image.ts'),
  },
  { name: 'k8s', summary: 'Run the application on Kubernetes', load: () => import('./k8s.ts') },
  {
    name: 'swarm',
    summary: 'Run the application on servers that are a Docker Swarm',
    load: () => import('./swarm.ts'),
  },
  { name: 'argocd', summary: 'Work with Argo CD, as its own program does', load: () => import('./argocd.ts') },
  { name: 'keep-connections', summary: '', load: () => import('./keep-connections.ts'), hidden: true },
  { name: 'destroy', summary: 'Remove what provision made', load: () => import('./destroy.ts') },
]

let isDone = false
process.on('exit', status => {
  if (isDone || status !== 0) return
  process.exitCode = 70
  process.stderr.write('mlops has a bug: it ended before its work was done\n')
})
endWithoutReader()
void main(process.argv.slice(2)).finally(() => {
  isDone = true
})

async function main(args: readonly string[]): Promise<void> {
  haveHome()
  const program = new Command('mlops')
    .description('Takes a machine-learning service from bare servers to live predictions, over SSH, without an agent.')
    .version(typeof MLOPS_VERSION === 'string' ? MLOPS_VERSION : 'development', '-V, --version')
    // what stands behind a command is that command's: mlops deploy --version TAG
    .enablePositionalOptions()
    .showHelpAfterError('(mlops --help shows the commands)')
    // where a summary says it all, the command's own help shows that
    .configureHelp({ commandDescription: command => command.description() || `${command.summary()}.` })
    .exitOverride()
  const wanted = args.find(arg => !arg.startsWith('-'))
  const named = wanted === 'help' ? args[args.indexOf('help') + 1] : wanted
  for (const { name, summary, load, hidden } of commands) {
    // a completion script tells the options of every command
    if (name === named || (named === 'completion' && !hidden)) (await load()).register(program)
    else if (!hidden) program.command(name).summary(summary)
  }
  pointToHelp(program)
  try {
    // commander shows the list of commands then, without a word of why
    if (wanted === 'help' && named !== undefined && !commands.some(({ name }) => name === named)) {
      await program.parseAsync([named], { from: 'user' })
    }
    await program.parseAsync(args, { from: 'user' })
  } catch (error) {
    if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 1
    else process.exitCode = await (await import('./explain-error.ts')).explainError(error, process.stderr)
  }
}

/** Who has no home, as in containers that run as any number, has `/`, as Docker says to those with a name. */
function haveHome(): void {
  try {
    homedir()
  } catch {
    process.env['HOME'] = '/'
  }
}

/** After an error of the command line, the help of that very command is named. */
function pointToHelp(group: Command, path = 'mlops'): void {
  for (const command of group.commands) {
    const words = `${path} ${command.name()}`
    command.exitOverride().showHelpAfterError(`(${words} --help shows its options)`)
    pointToHelp(command, words)
  }
}
