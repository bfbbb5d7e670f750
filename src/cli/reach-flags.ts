import { type Command, InvalidArgumentError, Option } from 'commander'
import { addKeepFlag } from './keep-connections.ts'

/** Options of Ansible that every command has which reaches hosts. */
export function addReachFlags(command: Command): Command {
  return addKeepFlag(addVaultFlags(command))
    .option('-i, --inventory <source>', 'inventory file, folder, or host list with commas; may be given again', collect)
    .option('--project <file>', 'the mlops.yml (default: found upwards from here)')
    .option('-u, --user <name>', 'log in as this user')
    .option('--private-key <file>', 'log in with this key (also --key-file)')
    .addOption(new Option('--key-file <file>').hideHelp())
    .option('-c, --connection <type>', 'ssh, local or docker')
    .option('-T, --timeout <seconds>', 'time limit for connecting', positive)
    .option('-f, --forks <number>', 'hosts at a time (default: 50)', positive)
    .option('-b, --become', 'run tasks as another user (root)')
    .option('--become-user <name>', 'run tasks as this user')
    .option('--become-method <method>', 'sudo, su or doas')
    .option('-K, --ask-become-pass', 'ask for the sudo password')
    .option('-k, --ask-pass', 'ask for the SSH password')
    .option('--become-password-file <file>', 'file or script with the sudo password (also --become-pass-file)')
    .addOption(new Option('--become-pass-file <file>').hideHelp())
    .option('--connection-password-file <file>', 'file or script with the SSH password (also --conn-pass-file)')
    .addOption(new Option('--conn-pass-file <file>').hideHelp())
    .option('--ssh-common-args <args>', 'options of ssh, as in ansible_ssh_common_args')
    .addOption(new Option('--ssh-extra-args <args>').hideHelp())
    .addOption(new Option('--scp-extra-args <args>').hideHelp())
    .addOption(new Option('--sftp-extra-args <args>').hideHelp())
    .option('-e, --extra-vars <vars>', 'name=value, JSON, or @file; may be given again', collect)
}

/** Options that say where the passwords of vaults come from; the vaults are opened before the command runs. */
export function addVaultFlags(command: Command): Command {
  return addVaultOptions(command).hook('preAction', async (_program, action) => {
    const { openKeyring } = await import('./vault-keys.ts')
    await openKeyring(action.opts())
  })
}

/** The same options, for commands that open vaults themselves. */
export function addVaultOptions(command: Command): Command {
  return command
    .option('--vault-id <id@source>', 'vault password of an id: a file, a script, or `prompt`', collect)
    .option('--vault-password-file, --vault-pass-file <file>', 'vault password file or script', collect)
    .option('-J, --ask-vault-pass', 'ask for the vault password')
}

/** Gathers an option that may be given several times. */
export function collect(value: string, before: readonly string[] = []): string[] {
  return [...before, value]
}

/** A whole number from 1 on. */
export function positive(value: string): number {
  const number = Number(value)
  if (!Number.isInteger(number) || number < 1) throw new InvalidArgumentError('It must be a whole number from 1 on.')
  return number
}
