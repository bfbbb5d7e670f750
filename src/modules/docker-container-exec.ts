import type { ArgTable } from '../schema/arguments.ts'
import { lines, sh } from '../shell/sh.ts'
import { defineAction } from './module.ts'
import { inputOf, textLines } from './parts/command.ts'
import { commandWords } from './parts/command-words.ts'
import { texts } from './parts/container-values.ts'
import { dockerArgs, dockerReady } from './parts/docker.ts'

const table = {
  container: { type: 'str', required: true, doc: 'The container, by its name or identifier.' },
  command: { type: 'str', doc: 'What to run; no shell takes part.' },
  argv: { type: 'list', elements: 'str', doc: 'The same as a list: nothing is split.' },
  chdir: { type: 'str', doc: 'The folder to run in.' },
  user: { type: 'str', doc: 'As whom.' },
  env: { type: 'dict', doc: 'Variables of its environment.' },
  stdin: { type: 'str', doc: 'What it reads.' },
  stdin_add_newline: { type: 'bool', default: true, doc: 'Ends `stdin` with a line break.' },
  strip_empty_ends: { type: 'bool', default: true, doc: 'Drops line breaks from the end of stdout and stderr.' },
  detach: { type: 'bool', default: false, doc: 'Does not wait for it.' },
  tty: { type: 'bool', default: false, doc: 'Gives it a terminal.' },
  ...dockerArgs,
} as const satisfies ArgTable

export const dockerContainerExec = defineAction({
  summary: 'Runs a program in a container.',
  details: 'It always counts as changed; say otherwise with `changed_when`.',
  args: table,
  check: ({ command, argv, detach, stdin }) => [
    ...((command === undefined) === (argv === undefined) ? ['one of `command` and `argv` is needed'] : []),
    ...(detach && stdin !== undefined ? ['`stdin` is not for `detach`'] : []),
  ],
  examples: `
- community.docker.docker_container_exec:
    container: web
    command: /bin/sh -c "ls -lah"
    chdir: /srv
  register: listing
- docker_container_exec: { container: db, argv: [psql, -c, "select 1"], user: postgres }
`,
  returnDocs: {
    rc: 'The exit status.',
    stdout: 'What it wrote to its standard output.',
    stderr: 'What it wrote to its standard error.',
    exec_id: 'With `detach`: nothing, as the command of docker tells none.',
  },
  act(args) {
    const words = args.argv ?? commandWords(args.command ?? '')
    const options = [
      ...(args.chdir === undefined ? [] : ['--workdir', args.chdir]),
      ...(args.user === undefined ? [] : ['--user', args.user]),
      ...Object.entries(texts(args.env)).flatMap(([name, value]) => ['--env', `${name}=${value}`]),
      ...(args.stdin === undefined ? [] : ['--interactive']),
      ...(args.detach ? ['--detach'] : []),
      ...(args.tty ? ['--tty'] : []),
    ]
    return {
      script: lines(dockerReady(args), sh`exec docker exec ${options} -- ${args.container} ${words}`),
      ...inputOf(args),
    }
  },
  read({ status, stdout, stderr }, { strip_empty_ends: strip, detach }) {
    const cut = (text: string) => (strip ? text.replace(/[\r\n]+$/, '') : text)
    const failed = /^(Error response from daemon|docker is not on this host|Cannot connect)/m.exec(stderr) !== null
    const result = {
      changed: true,
      rc: status,
      stdout: cut(stdout),
      stderr: cut(stderr),
      stdout_lines: textLines(cut(stdout)),
      stderr_lines: textLines(cut(stderr)),
    }
    if (status !== 0 && failed)
      return { ...result, changed: false, failed: true, msg: cut(stderr).split('\n').at(-1) ?? '' }
    if (detach) return { changed: true, exec_id: null }
    // as Ansible: what a program ends with is for the playbook to judge
    return result
  },
})
