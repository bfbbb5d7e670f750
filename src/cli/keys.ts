import { type Command, Option } from 'commander'
import type { KeyType } from '../providers/key-pair.ts'
import { addReachFlags, collect } from './reach-flags.ts'
import type { ReachFlags } from './session.ts'

/** Flags of `mlops keys`. */
export interface KeysFlags extends ReachFlags {
  readonly type?: KeyType
  readonly server?: readonly string[]
  readonly delivery?: boolean
  readonly json?: boolean
}

/** `mlops keys init|show|rotate`: the key that mlops logs in to servers with. */
export function register(program: Command): void {
  const keys = program.command('keys').summary('Make, show and change the key that logs in to servers')
  const type = () => new Option('--type <type>', 'what kind of key').choices(['ed25519', 'rsa-3072', 'rsa-4096'])
  keys
    .command('init')
    .summary('Make the key of the project')
    .description(
      'Makes the key of the project, .mlops/cluster-key, where there is none, and takes away what others may do with it.\n' +
        'mlops provision does the same. A key that is there is never overwritten.',
    )
    .addOption(type().default('ed25519'))
    .option('--project <file>', 'the mlops.yml (default: found upwards from here)')
    .option('--json', 'as JSON')
    .action(async (flags: KeysFlags, command: Command) => {
      const { initKey } = await import('./keys-run.ts')
      await initKey(flags, command.getOptionValueSource('type') === 'cli')
    })
  keys
    .command('show')
    .summary('Show the public key, its fingerprints, and where it is used')
    .option('--project <file>', 'the mlops.yml (default: found upwards from here)')
    .option('--json', 'as JSON')
    .action(async (flags: KeysFlags) => {
      const { showKey } = await import('./keys-run.ts')
      await showKey(flags)
    })
  addReachFlags(keys.command('rotate'))
    .summary('Put a new key in the place of the one that is in use')
    .description(
      'Makes a new key, lets it in on every server beside the old one, logs in with it alone, changes the files here, and only then takes\n' +
        'the old one away. Whatever stops it, the key that lies here works on every server; run again, it goes on.',
    )
    .option('--server <name>', 'only try the new key on this server; again for more', collect)
    .option('--delivery', 'the key that the development server pushes models with, instead')
    .addOption(type())
    .option('--json', 'as JSON')
    .action(async (flags: KeysFlags) => {
      const { rotateKey } = await import('./keys-run.ts')
      process.exitCode = await rotateKey(flags)
    })
}
