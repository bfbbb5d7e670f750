import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { sshSettings } from './ssh-config.ts'

const folder = mkdtempSync(join(tmpdir(), 'mlops-config-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const file = join(folder, 'config')
const key = join(folder, 'key')
writeFileSync(key, '') // ssh leaves a key of the command line out that is not there
writeFileSync(join(folder, 'included-a'), 'Host inc*\n Port 2300\n User included\nHost nothing\n Port 1\n')
writeFileSync(join(folder, 'included-b'), 'User everybody\n')
writeFileSync(
  file,
  `# a comment
Include ${folder}/included-*
Host web1 web2 !web3
  HostName %h.example.org
  Port=2222
  user = deploy # not me
  IdentityFile ~/.ssh/%r_%h
  IdentityFile "/keys/with blank/%n"
Host *.lab !bad.lab
  ProxyJump ann@jump1:2022,jump2
  IdentitiesOnly yes
  UserKnownHostsFile /k/one /k/%p
Host bad.lab
  ProxyJump none
  ProxyCommand nc -x proxy %h %p
Match originalhost m1,m2 user carl
  HostName matched.example.org
Match host *.example.org !originalhost web2
  IdentityFile /keys/matched
  StrictHostKeyChecking accept-new
HOST quoted
  HostName "10.0.0.1"
  HOSTKEYALIAS alias
  ConnectTimeout 7
  IdentityAgent /run/agent-%u
Match all
  Port 2999
  IdentityFile /keys/all
Host *
  Port 9
  User fallback
`,
)

/** What OpenSSH's own client makes of the same file. */
function opensshSays(host: string, args: readonly string[]): Map<string, string[]> {
  const lines = execFileSync('ssh', ['-F', file, '-G', ...args, host], { encoding: 'utf8' })
    .trim()
    .split('\n')
  const values = new Map<string, string[]>()
  for (const line of lines) {
    const [key = '', ...rest] = line.split(' ')
    values.set(key, [...(values.get(key) ?? []), rest.join(' ')])
  }
  return values
}

const HOSTS = [
  'web1',
  'web2',
  'web3',
  'a.lab',
  'bad.lab',
  'm1',
  'm2',
  'quoted',
  'included',
  'nothing',
  'else',
  'X.Example.org',
]
const ARGS: readonly (readonly string[])[] = [
  [],
  ['-o', 'User=carl'],
  ['-p', '77', '-i', key],
  ['-oHostName=h.%h', '-J', 'j1,bob@j2:7', '-l', 'lea'],
  ['-o', 'StrictHostKeyChecking no', '-o', 'UserKnownHostsFile=/dev/null'],
]

test.each(
  HOSTS.flatMap(host => ARGS.map(args => [host, args] as const)),
)('%s with %j is what `ssh -G` says', (host, args) => {
  const said = opensshSays(host, args)
  const mine = sshSettings({ host, args: ['-F', file, ...args] })
  const first = (key: string) => said.get(key)?.[0]
  const home = (path: string) => path.replace(/^~/, homedir())
  expect(mine.hostName).toBe(first('hostname'))
  expect(String(mine.port)).toBe(first('port'))
  expect(mine.user).toBe(first('user'))
  expect(mine.identitiesOnly).toBe(first('identitiesonly') === 'yes')
  expect(mine.proxyJump.join(',')).toBe(first('proxyjump') ?? '')
  expect(mine.hostKeyAlias).toBe(first('hostkeyalias'))
  expect(mine.strictHostKeyChecking ?? 'ask').toBe(
    STRICT[first('stricthostkeychecking') ?? ''] ?? first('stricthostkeychecking'),
  )
  expect((mine.connectTimeoutMs ?? 0) / 1000).toBe(
    first('connecttimeout') === 'none' ? 0 : Number(first('connecttimeout') ?? 0),
  )
  const files = said.get('identityfile')?.map(path => home(openTokens(path, host, mine)))
  if (mine.identityFiles.length > 0) expect(mine.identityFiles).toEqual(files)
  expect(mine.userKnownHostsFiles).toEqual(
    first('userknownhostsfile')
      ?.split(' ')
      .map(path => home(openTokens(path, host, mine))),
  )
})

/** `ssh -G` writes no and yes as they were meant, and leaves the tokens of paths alone. */
const STRICT: Readonly<Record<string, string>> = { false: 'no', true: 'yes' }

function openTokens(path: string, host: string, { hostName, port, user }: ReturnType<typeof sshSettings>): string {
  return path.replaceAll('%h', hostName).replaceAll('%p', String(port)).replaceAll('%r', user).replaceAll('%n', host)
}

test('options of a command line that are not followed are named, unless they ask for nothing', () => {
  const args = ['-o', 'ForwardAgent=yes', '-o', 'ControlMaster=auto', '-oCiphers=aes128-ctr', '-o', 'ForwardX11=no']
  expect(sshSettings({ host: 'h', args, files: [] }).unheeded).toEqual(['ForwardAgent', 'Ciphers'])
})

test.each(['0', '99999', '22x', '2.5'])('%s is no port, and is told before anything is dialled', port => {
  expect(() => sshSettings({ host: 'web1', args: ['-p', port], files: [] })).toThrow(`web1: there is no port ${port}`)
})
