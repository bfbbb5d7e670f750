import type { Command } from 'commander'
import { addPlayFlags, type PlayFlags } from './play.ts'
import { addReachFlags } from './reach-flags.ts'

/** Flags of `mlops bake`. */
export interface BakeFlags extends PlayFlags {
  readonly playbook?: string
  readonly again?: boolean
  readonly list?: boolean
}

/** `mlops bake`: images of servers that are ready before they boot. */
export function register(program: Command): void {
  addPlayFlags(addReachFlags(program.command('bake [server...]')))
    .summary('Make images of servers that are ready before they boot')
    .description(
      'Makes servers like those of mlops.yml beside them, plays the playbook there once (tasks tagged `live` are left out, those\n' +
        'tagged `never` and `bake` are done), takes their identity and secrets away, and makes images of them. mlops provision\n' +
        'begins new servers with these images as long as playbook, variables and base image are what they were.',
    )
    .option('--playbook <file>', "the playbook (default: the project's playbooks/configuration.yml, or ours)")
    .option('--again', 'also where the image is current: for newer packages')
    .option('--list', 'show the images, and end')
    .option('--json', 'as JSON')
    .action(async (names: readonly string[], flags: BakeFlags) => {
      const { bakeServers, listImages } = await import('./bake-run.ts')
      process.exitCode = await (flags.list ? listImages(flags) : bakeServers(names, flags))
    })
}
