import type { Command } from 'commander'
import { addVaultOptions } from './reach-flags.ts'
import type { VaultFlags } from './vault-keys.ts'

/** Flags of the subcommands of `mlops vault`. */
export interface VaultCommandFlags extends VaultFlags {
  readonly encryptVaultId?: string
  readonly newVaultId?: string
  readonly newVaultPasswordFile?: string
  readonly output?: string
  readonly name?: readonly string[]
  readonly stdinName?: string
  readonly prompt?: boolean
}

/** `mlops vault create|edit|view|encrypt|decrypt|rekey|encrypt_string`. */
export function register(program: Command): void {
  const vault = program
    .command('vault')
    .summary('Encrypt files and values, and open them')
    .description('Encrypts files and values with a password, in the format of Ansible Vault.')
  const add = (usage: string, summary: string) =>
    addVaultOptions(vault.command(usage).summary(summary).description(summary))
  const encrypting = (usage: string, summary: string) =>
    add(usage, summary).option('--encrypt-vault-id <id>', 'encrypt with the password of this id')
  encrypting('create <file>', 'Write a new encrypted file in $EDITOR').action(
    (file: string, flags: VaultCommandFlags) => run(({ create }) => create(file, flags)),
  )
  encrypting('edit <file...>', 'Change encrypted files in $EDITOR').action(
    (files: readonly string[], flags: VaultCommandFlags) => run(({ edit }) => edit(files, flags)),
  )
  add('view <file...>', 'Show what encrypted files say').action((files: readonly string[], flags: VaultCommandFlags) =>
    run(({ view }) => view(files, flags)),
  )
  encrypting('encrypt [file...]', 'Encrypt files, or standard input')
    .option('--output <file>', 'write there; `-` is standard output')
    .action((files: readonly string[], flags: VaultCommandFlags) => run(({ encrypt }) => encrypt(files, flags)))
  add('decrypt [file...]', 'Decrypt files, or standard input')
    .option('--output <file>', 'write there; `-` is standard output')
    .action((files: readonly string[], flags: VaultCommandFlags) => run(({ decrypt }) => decrypt(files, flags)))
  encrypting('rekey <file...>', 'Encrypt files anew, with another password')
    .option('--new-vault-id <id@source>', 'the new password and its id')
    .option('--new-vault-password-file <file>', 'the new password file')
    .action((files: readonly string[], flags: VaultCommandFlags) => run(({ rekey }) => rekey(files, flags)))
  encrypting('encrypt_string [text...]', 'Encrypt values, to be pasted into YAML')
    .option('-n, --name <name>', 'the name of the variable; may be given again', (value, before: string[] = []) => [
      ...before,
      value,
    ])
    .option('--stdin-name <name>', 'the name of the variable that standard input holds')
    .option('-p, --prompt', 'ask for the text')
    .action((texts: readonly string[], flags: VaultCommandFlags) =>
      run(({ encryptString }) => encryptString(texts, flags)),
    )
}

async function run(work: (commands: typeof import('./vault-run.ts')) => Promise<void>): Promise<void> {
  await work(await import('./vault-run.ts'))
}
