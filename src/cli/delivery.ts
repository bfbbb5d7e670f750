import type { Command } from 'commander'
import { addPlayFlags, type PlayFlags } from './play.ts'
import { addReachFlags } from './reach-flags.ts'

/** `mlops delivery setup`: plays the role that lets pushes go live. */
export function register(program: Command): void {
  const delivery = program.command('delivery').summary('Set up the delivery of models by git push')
  addPlayFlags(addReachFlags(delivery.command('setup')))
    .summary('Make the repository, its hooks and the key that may push')
    .description(
      'Makes a repository on the production server that judges what is pushed and puts it live, and on the development\n' +
        'server a key that may push there, and nothing else. Plays playbooks/delivery.yml of the project, or ours.',
    )
    .option('-C, --check', 'change nothing, say what would change')
    .action(async (flags: PlayFlags) => {
      const [{ play }, { ownPlaybook }] = await Promise.all([import('./play-run.ts'), import('./own-playbook.ts')])
      process.exitCode = await play([ownPlaybook('delivery.yml', flags)], flags)
    })
}
