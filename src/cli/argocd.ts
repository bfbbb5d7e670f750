import type { Command } from 'commander'
import { appCommands } from './argocd-app.ts'
import { addServerFlags, takeGoSwitches } from './argocd-flags.ts'
import { projCommands } from './argocd-proj.ts'

/** `mlops argocd`: the commands and flags of Argo CD's own program. */
export function register(program: Command): void {
  const argocd = program
    .command('argocd')
    // flags that say which server is meant stand anywhere, as with argocd itself
    .enablePositionalOptions(false)
    .summary('Work with Argo CD, as its own program does')
    .description(
      "Commands, flags and the file of logins are those of Argo CD's own program, argocd.\n" +
        'Exit status: 0 done, 1 something has to be put right, 2 a sync failed or was waited for in vain, 4 Argo CD cannot be reached.',
    )
  addServerFlags(argocd)
  loginCommand(argocd)
  reloginCommand(argocd)
  logoutCommand(argocd)
  contextCommand(argocd)
  accountCommands(argocd)
  appCommands(argocd)
  projCommands(argocd)
  argocd
    .command('version')
    .summary('Show which Argo CD answers')
    .option('--client', 'only of this program')
    .option('--short', 'only the number')
    .option('-o, --output <format>', 'wide, json or yaml', 'wide')
    .action(async (_, command: Command) => {
      const { showVersion } = await import('./argocd-account.ts')
      await showVersion(command.optsWithGlobals())
    })
  takeGoSwitches(argocd)
}

function loginCommand(argocd: Command): void {
  argocd
    .command('login [server]')
    .summary('Log in at an Argo CD server')
    .description(
      'Logs in with a user and a password, and keeps the token where the argocd program keeps it, for you alone.\n' +
        'The password is asked for, or comes from --password-stdin or ARGOCD_PASSWORD. With --core: the cluster of the kubeconfig, without a server.',
    )
    .option('--username <name>', 'the user (default: asked for)')
    .option('--password <password>', 'the password; others see it in the list of processes')
    .option('--password-stdin', 'the password is the first line of standard input')
    .option('--name <name>', 'what to call this login (default: the server)')
    .option('--sso', 'not supported: the argocd program does it, and the login serves both')
    .option('--skip-test-tls', 'as the argocd program takes it; nothing is tested here')
    .action(async (server: string | undefined, _, command: Command) => {
      const { logInAt } = await import('./argocd-login.ts')
      await logInAt(server, command.optsWithGlobals())
    })
}

function reloginCommand(argocd: Command): void {
  argocd
    .command('relogin')
    .summary('Log in again, when the token has ended')
    .option('--username <name>', 'another user (default: the one of before)')
    .option('--password <password>', 'the password; others see it in the list of processes')
    .option('--password-stdin', 'the password is the first line of standard input')
    .action(async (_, command: Command) => {
      const { logInAgain } = await import('./argocd-login.ts')
      await logInAgain(command.optsWithGlobals())
    })
}

function logoutCommand(argocd: Command): void {
  argocd
    .command('logout [server]')
    .summary('Forget a token')
    .description('Forgets the token of a login: of the one named, or of the one in use. The login itself stays.')
    .action(async (name: string | undefined, _, command: Command) => {
      const { logOut } = await import('./argocd-login.ts')
      logOut(name, command.optsWithGlobals())
    })
}

function contextCommand(argocd: Command): void {
  argocd
    .command('context [name]')
    .summary('Show the logins, or use another one')
    .option('--delete', 'remove this login')
    .action(async (name: string | undefined, _, command: Command) => {
      const { showOrUse } = await import('./argocd-login.ts')
      showOrUse(name, command.optsWithGlobals())
    })
}

function accountCommands(argocd: Command): void {
  const account = argocd.command('account').summary('Show who is logged in, change passwords')
  account
    .command('get-user-info')
    .summary('Show who is logged in')
    .option('-o, --output <format>', 'text, json or yaml', 'text')
    .action(async (_, command: Command) => {
      const { showUserInfo } = await import('./argocd-account.ts')
      await showUserInfo(command.optsWithGlobals())
    })
  account
    .command('update-password')
    .summary('Change a password')
    .description('Changes your password, or that of another user. Passwords that are not given are asked for.')
    .option('--account <name>', 'another user')
    .option('--current-password <password>', 'your password now; others see it in the list of processes')
    .option('--new-password <password>', 'the new one; others see it in the list of processes')
    .option('--password-stdin', 'both are lines of standard input: the one now, then the new one')
    .action(async (_, command: Command) => {
      const { updatePassword } = await import('./argocd-account.ts')
      await updatePassword(command.optsWithGlobals())
    })
}
