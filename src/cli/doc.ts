import type { Command } from 'commander'

interface Flags {
  readonly list?: boolean
  readonly write?: boolean | string
}

/** `mlops doc NAME…|--list|--write`. */
export function register(program: Command): void {
  program
    .command('doc [module...]')
    .summary('Show the reference page of a module')
    .description('Shows what a module does, its arguments, examples and results.')
    .option('-l, --list', 'all modules, with one line each')
    .option('--write [folder]', 'write all pages (default: docs/reference)')
    .action(async (names: readonly string[], flags: Flags) => {
      const { listModules, showPages, writePages } = await import('./doc-pages.ts')
      if (flags.write !== undefined) writePages(flags.write === true ? 'docs/reference' : String(flags.write))
      else if (flags.list || names.length === 0) process.stdout.write(listModules())
      else process.stdout.write(showPages(names))
    })
}
