import type { ArgTable } from '../schema/arguments.ts'
import { section, sections } from '../shell/sections.ts'
import { lines, type Script, sh } from '../shell/sh.ts'
import { pathWord } from '../shell/words.ts'
import { defineState } from './module.ts'
import { dockerArgs, dockerReady, engineAnswers, runDocker } from './parts/docker.ts'
import { recordAt, textAt } from './parts/json-path.ts'

const hub = 'https://index.docker.io/v1/'

const table = {
  registry_url: {
    type: 'str',
    default: hub,
    aliases: ['registry', 'url'],
    doc: 'The registry; Docker Hub when not given.',
  },
  username: { type: 'str', doc: 'Who logs in.' },
  password: { type: 'str', secret: true, doc: 'The password, given to docker through its standard input.' },
  reauthorize: { type: 'bool', default: false, aliases: ['reauth'], doc: 'Logs in also when that was done before.' },
  config_path: {
    type: 'path',
    default: '~/.docker/config.json',
    aliases: ['dockercfg_path'],
    doc: 'The file on the host that keeps the login; it must be named `config.json`.',
  },
  state: { type: 'str', choices: ['present', 'absent'], default: 'present', doc: 'Whether the host is logged in.' },
  ...dockerArgs,
} as const satisfies ArgTable

type LoginState = {
  /** Whether the login that is kept is the one that is asked for. */
  readonly asAsked?: boolean
  readonly again?: boolean
}

export const dockerLogin = defineState({
  summary: 'Logs a host in to a registry of images, or out of it.',
  details:
    'The login lies in the configuration of docker on the host, or in the credential store that this file names. It is compared with what is asked for without asking the registry: `reauthorize` does so.',
  args: table,
  examples: `
- name: Log in to our registry
  community.docker.docker_login:
    registry_url: registry.example.com
    username: deploy
    password: "{{ registry_password }}"
- docker_login:
    registry_url: registry.example.com
    state: absent
`,
  returnDocs: { login_results: 'What docker said of the login.', actions: 'What was done, in words.' },
  check(args) {
    const problems: string[] = []
    if (args.state !== 'absent' && (args.username === undefined || args.password === undefined))
      problems.push('`username` and `password` are needed to log in')
    if (args.config_path !== undefined && !/(^|\/)config\.json$/.test(args.config_path))
      problems.push('`config_path` must end in `config.json`, as docker has it')
    return problems
  },
  look: args =>
    lines(
      dockerReady(args),
      sh`config=${pathWord(args.config_path)}`,
      section('config'),
      sh`cat -- "$config" 2>/dev/null`,
      section('stored'),
      // A store is a program named docker-credential-*, which is asked through its standard input.
      sh`store=$(sed -n 's/.*"credsStore"[[:space:]]*:[[:space:]]*"\([^"]*\)".*/\1/p' "$config" 2>/dev/null)
[ -z "$store" ] || printf '%s' ${args.registry_url} | "docker-credential-$store" get 2>/dev/null
:`,
    ),
  read(output, args, { checkMode }): LoginState | undefined {
    if (!engineAnswers(output, checkMode)) return undefined
    const parts = sections(output.stdout)
    const auths = recordAt(json(parts.get('config')), 'auths')
    const entry = auths[args.registry_url] ?? auths[hostOf(args.registry_url)]
    const stored = json(parts.get('stored'))
    const kept = textAt(stored, 'Username')
      ? `${textAt(stored, 'Username')}:${textAt(stored, 'Secret')}`
      : Buffer.from(textAt(entry, 'auth'), 'base64').toString('utf8')
    return kept === '' ? undefined : { asAsked: kept === `${args.username}:${args.password}` }
  },
  want(args, state): Partial<LoginState> | undefined {
    if (args.state === 'absent') return undefined
    return args.reauthorize && state !== undefined ? { asAsked: true, again: true } : { asAsked: true }
  },
  change(args, { to }) {
    const registry = args.registry_url === hub ? [] : [args.registry_url]
    return {
      script: lines(
        dockerReady(args),
        runDocker,
        sh`config=${pathWord(args.config_path)}
export DOCKER_CONFIG="\${config%/*}"`,
        to === undefined ? sh`run docker logout ${registry}` : login(args, registry),
      ),
    }
  },
  // `again` cannot be seen.
  verify: false,
  diff: (_, { from, to }) => ({
    before: from === undefined ? 'logged out\n' : `logged in${from.asAsked ? '' : ' as another'}\n`,
    after: to === undefined ? 'logged out\n' : 'logged in\n',
  }),
  returns: (args, { from, changed, output }) => ({
    // Logged in again as before is no change.
    ...(changed && args.state === 'present' && from?.asAsked === true ? { changed: false } : {}),
    login_results: output === undefined ? {} : { Status: output.stdout.trim().split('\n').at(-1) ?? '' },
    actions: changed ? [`${args.state === 'absent' ? 'Log out of' : 'Log into'} ${args.registry_url}`] : [],
  }),
})

function login(
  { username = '', password = '' }: { username?: string | undefined; password?: string | undefined },
  registry: readonly string[],
): Script {
  return sh`printf '%s' ${password} | run docker login --username ${username} --password-stdin ${registry} || exit`
}

/** Docker keeps logins under the host alone. */
function hostOf(url: string): string {
  return url.replace(/^https?:\/\//, '').replace(/\/.*$/, '')
}

function json(text = ''): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
