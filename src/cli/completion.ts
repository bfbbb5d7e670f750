import { Argument, type Command } from 'commander'

/** `mlops completion bash|zsh|fish`. */
export function register(program: Command): void {
  program
    .command('completion')
    .summary('Print a completion script for a shell')
    .description('Prints a script that completes commands, options and files: source <(mlops completion bash)')
    .addArgument(new Argument('<shell>').choices(['bash', 'zsh', 'fish']))
    .action(async (shell: string) => {
      const { completionScript } = await import('./completion-script.ts')
      process.stdout.write(completionScript(shell, program))
    })
}
