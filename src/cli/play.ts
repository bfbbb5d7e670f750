import { type Command, Option } from 'commander'
import { outputs } from '../report/reporter.ts'
import { addReachFlags, collect } from './reach-flags.ts'
import type { ReachFlags } from './session.ts'

/** Flags of `mlops play`, as `ansible-playbook` names them. */
export interface PlayFlags extends ReachFlags {
  readonly limit?: string
  readonly tags?: readonly string[]
  readonly skipTags?: readonly string[]
  readonly check?: boolean
  readonly diff?: boolean
  readonly startAtTask?: string
  readonly step?: boolean
  readonly listHosts?: boolean
  readonly listTasks?: boolean
  readonly listTags?: boolean
  readonly syntaxCheck?: boolean
  readonly verbose?: number
  readonly json?: boolean
  readonly output?: (typeof outputs)[number]
  readonly profile?: boolean
  readonly trace?: string
  readonly fold?: boolean
  readonly plan?: string
  readonly resume?: boolean
  readonly lookAhead?: boolean
  readonly forceHandlers?: boolean
  readonly flushCache?: boolean
  readonly cloudConfig?: string
  readonly forceCommands?: boolean
}

/** `mlops play PLAYBOOK…`. */
export function register(program: Command): void {
  const command = program
    .command('play [playbook...]')
    .summary('Bring hosts to the state that playbooks describe')
    .description(
      'Plays playbooks of Ansible on the hosts of an inventory, over SSH, without Python there.\n' +
        'Exit status: 0 all well, 1 the input is wrong, 2 a host failed, 4 a host was unreachable, 99 interrupted.',
    )
  addPlayFlags(addReachFlags(command))
    .option('-C, --check', 'change nothing, say what would change')
    .option('--plan <file>', 'apply a plan that mlops plan saved, or refuse when the hosts have moved')
    .option('--resume', 'go on where the last run stopped, each host at its task')
    .option('--cloud-config <file>', 'play user data of cloud-init, before the playbooks if there are any')
    .option('--force-commands', 'with --cloud-config: run its runcmd and bootcmd again')
    .option('--flush-cache', 'forget the facts that are kept of the hosts of the inventory')
    .option('--step', 'ask before each task')
    .option('--list-hosts', 'list the hosts and end')
    .option('--list-tasks', 'list the tasks and end')
    .option('--list-tags', 'list the tags and end')
    .option('--syntax-check', 'check everything that can be checked without a host, and end')
    .option('--json', 'events as JSON lines: --output json')
    .addOption(new Option('--output <form>', 'how the run is shown (default: live on a terminal)').choices(outputs))
    .option('--profile', 'say at the end where the time went')
    .option('--trace <file>', 'write where the time went, for a flame chart (Chrome trace format)')
    .option('--fold', 'say the same of many hosts once')
    .action(async (playbooks: readonly string[], flags: PlayFlags) => {
      const { play } = await import('./play-run.ts')
      process.exitCode = await play(playbooks, flags)
    })
}

/** Options that say which tasks are played, and how: those of `mlops plan` too. */
export function addPlayFlags(command: Command): Command {
  return command
    .option('-l, --limit <pattern>', 'only these of the hosts')
    .option('-t, --tags <tags>', 'only tasks with these tags', commas)
    .option('--skip-tags <tags>', 'no tasks with these tags', commas)
    .option('-D, --diff', 'show what changes in files')
    .option('--start-at-task <name>', 'begin at the task of that name')
    .option('-v, --verbose', 'say more; again for still more', (_value, before: number) => before + 1, 0)
    .option('--no-look-ahead', 'look at each task in its turn only')
    .option('--force-handlers', 'run handlers even where a task failed')
}

function commas(value: string, before: readonly string[] = []): string[] {
  return [
    ...before,
    ...collect(value)
      .flatMap(text => text.split(','))
      .map(tag => tag.trim())
      .filter(tag => tag !== ''),
  ]
}
