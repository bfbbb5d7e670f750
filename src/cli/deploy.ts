import { type Command, InvalidArgumentError } from 'commander'
import { MlopsError } from '../errors.ts'
import { interruptSignal } from './interrupt.ts'
import type { DeployFlags } from './k8s-deploy.ts'
import { addProjectFlags, onServers, servingServers } from './on-server.ts'
import { addVaultFlags, positive } from './reach-flags.ts'
import type { ReachFlags } from './session.ts'
import { textOf } from './show-text.ts'

interface Flags extends ReachFlags {
  readonly version?: string
  readonly canary?: number
  readonly watch?: number
  readonly maxErrors?: number
  readonly maxSlower?: number
  readonly wait?: number | true
}

/** `mlops deploy`: new code beside the old, then in its place. */
export function register(program: Command): void {
  addVaultFlags(addProjectFlags(program.command('deploy')))
    .summary('Put new code of the application live without an outage')
    .description(
      'Builds the image of the code on the production servers, starts it beside what is live, waits until it is well, moves\n' +
        'the requests there, and replaces the old, on one server after the other. Where it does not do, all go back.\n' +
        'Exit status: 0 live, 2 it did not do and the old one serves, 75 another deploys.\n' +
        'In a swarm: the same as mlops swarm apply.\n' +
        'On Kubernetes: commits the manifests to the repository of mlops.yml (mlops k8s publish), or applies them where there is none.',
    )
    .option(
      '--version <tag>',
      'a version that was built before, instead of building; on Kubernetes the tag of the image',
    )
    .option('--canary <percent>', 'first this share of the requests, watched', percent)
    .option('--watch <seconds>', 'how long the canary is watched (default: 20)', positive)
    .option('--max-errors <percent>', 'more failed requests than this end it (default: 1)', percent)
    .option('--max-slower <factor>', 'answers that take this much longer end it (default: 3)', positive)
    .option(
      '--wait [seconds]',
      'how long new copies may take to be well (default: 90); on Kubernetes: wait for them (300)',
      positive,
    )
    .option('--image <image>', 'on Kubernetes, and in a swarm: this image')
    .option('-m, --message <text>', 'on Kubernetes: the message of the commit')
    .option('--no-check', 'on Kubernetes: do not ask the registry whether the image is there')
    .option('--dry-run', 'on Kubernetes: show what would change')
    .option('--json', 'on Kubernetes, and in a swarm: as JSON')
    .action(async (flags: Flags & DeployFlags) => {
      const { clusterProject } = await import('./k8s-target.ts')
      const project = clusterProject(flags.project)
      const { swarmProject } = await import('./swarm-target.ts')
      const isSwarm = swarmProject(flags.project) !== undefined
      refuseFlags(flags, isSwarm ? 'swarm' : project === undefined ? 'servers' : 'kubernetes')
      if (isSwarm) {
        const { applySwarm } = await import('./swarm-apply.ts')
        // `check` is what --no-check of a cluster leaves out: here it would be a check of the servers
        const { image, wait, check: _, ...rest } = flags
        const given = { ...(image === undefined ? {} : { image }), ...(typeof wait === 'number' ? { wait } : {}) }
        process.exitCode = await applySwarm({ ...rest, ...given })
        return
      }
      if (project === undefined) return await run(flags)
      const { deployOnCluster } = await import('./k8s-deploy.ts')
      process.exitCode = await deployOnCluster(project, flags)
    })
}

const flagsOf = {
  servers: ['version', 'canary', 'watch', 'maxErrors', 'maxSlower', 'inventory'],
  swarm: ['image', 'json', 'inventory'],
  kubernetes: ['version', 'image', 'message', 'dryRun', 'json'],
} as const
type Target = keyof typeof flagsOf

/** Throws `deploy.flag` for flags that mean nothing to what runs the application. */
function refuseFlags(flags: Flags & DeployFlags, target: Target): void {
  const own: readonly string[] = flagsOf[target]
  const wrong = [...new Set(Object.values(flagsOf).flat())].filter(
    name => !own.includes(name) && flags[name] !== undefined,
  )
  if (wrong.length === 0) return
  const others = Object.entries(flagsOf)
    .filter(([, names]) => wrong.some(name => names.some(each => each === name)))
    .map(([other]) => other)
    .join(' and ')
  const words = wrong.map(name => `--${name.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)}`)
  throw new MlopsError('deploy.flag', `${words.join(', ')} is for ${others}, and this project's target is ${target}`)
}

async function run(flags: Flags): Promise<void> {
  const [{ rollOut }, { requireProject }] = await Promise.all([
    import('../delivery/rollout.ts'),
    import('../project/load.ts'),
  ])
  // before what is built asks for servers
  requireProject(process.cwd(), flags.project)
  if (flags.version === undefined) {
    const status = await build(flags)
    if (status !== 0) {
      process.exitCode = status
      return
    }
  }
  const interrupt = interruptSignal(() => process.stderr.write('\ninterrupted: the old version goes on serving\n'))
  try {
    process.exitCode = await onServers(flags, servingServers, async ({ lines, problems }, project) => {
      // before anything changes anywhere
      if (problems[0]) throw problems[0]
      const options = {
        ...(flags.version === undefined ? {} : { version: flags.version }),
        ...(flags.canary === undefined ? {} : { canary: flags.canary }),
        ...(flags.watch === undefined ? {} : { watchSeconds: flags.watch }),
        ...(flags.maxErrors === undefined ? {} : { maxErrorsPercent: flags.maxErrors }),
        ...(flags.maxSlower === undefined ? {} : { maxSlower: flags.maxSlower }),
        ...(typeof flags.wait === 'number' ? { timeoutSeconds: flags.wait } : {}),
      }
      return await rollOut(lines, project, options, { show: textOf(process.stdout).show, signal: interrupt.signal })
    })
  } finally {
    interrupt.done()
  }
}

/** Plays the part that builds; gives its exit status. */
async function build(flags: Flags): Promise<number> {
  const [{ play }, { ownPlaybook }] = await Promise.all([import('./play-run.ts'), import('./own-playbook.ts')])
  return await play([ownPlaybook('image.yml', flags)], flags)
}

function percent(text: string): number {
  const value = Number(text.replace(/%$/, ''))
  if (Number.isInteger(value) && value > 0 && value < 100) return value
  throw new InvalidArgumentError('It must be a whole number of per cent, from 1 to 99.')
}
