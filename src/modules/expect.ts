import type { ArgTable } from '../schema/arguments.ts'
import { section, sections } from '../shell/sections.ts'
import { lines, quote, script } from '../shell/sh.ts'
import { defineAction, ModuleFailure, type Result } from './module.ts'
import { commandGuard, enter, textLines } from './parts/command.ts'
import { commandWords } from './parts/command-words.ts'
import { type Answers, dialogue } from './parts/dialogue.ts'

const table = {
  command: { type: 'str', required: true, doc: 'The program and its arguments; no shell takes part.' },
  responses: {
    type: 'dict',
    required: true,
    doc: 'What is answered: a regular expression in Python’s syntax → the answer, or a list of answers for one time each.',
  },
  creates: { type: 'path', doc: 'Nothing is run when this file exists on the host.' },
  removes: { type: 'path', doc: 'Nothing is run when this file does not exist on the host.' },
  chdir: { type: 'path', doc: 'The folder to run in.' },
  timeout: { type: 'int', default: 30, doc: 'How many seconds to wait for the next expected text.' },
  echo: { type: 'bool', default: false, doc: 'Shows the answers in the output, where the program does not hide them.' },
} as const satisfies ArgTable

export const expectModule = defineAction({
  summary: 'Runs a program that asks questions, and answers them.',
  details:
    'The program has a terminal of its own, which `script` of util-linux or BusyBox makes on the host. Expected texts are sought with awk: look-around, back references and repeat counts are refused. Answers never stand on a command line.',
  args: table,
  check: ({ command, responses }) => [
    ...(command?.trim() === '' ? ['no command given'] : []),
    ...(responses === undefined ? [] : mistakes(responses)),
  ],
  examples: `
- name: Change a password
  expect:
    command: passwd username
    responses:
      (?i)password: "{{ new_password }}"
  no_log: true
- ansible.builtin.expect:
    command: /usr/local/bin/setup --ask
    chdir: /srv/app
    creates: /srv/app/config
    responses:
      "Question":
        - response1
        - response2
      'Continue\\? \\[y/N\\]': y
    timeout: 60
`,
  returnDocs: {
    cmd: 'What was run.',
    rc: 'The exit status.',
    stdout: 'What it wrote.',
    stdout_lines: '`stdout` as a list of lines.',
  },
  guard: (args, { checkMode }) =>
    commandGuard({ ...args, creates: literal(args.creates), removes: literal(args.removes) }, args.command, checkMode),
  act(args) {
    const words = commandWords(args.command)
    if (words.length === 0) throw new ModuleFailure('no command given', { rc: 256 })
    return {
      script: lines(
        enter(args.chdir),
        dialogue({
          command: script(words.map(quote).join(' ')),
          program: words[0] ?? '',
          answers: answersOf(args.responses),
          timeoutSeconds: args.timeout,
          echo: args.echo,
        }),
        section('status'),
        script('cat -- "$d/status" 2>/dev/null'),
        section('why'),
        script('echo "$why"'),
        section('out'),
        script('cat -- "$d/out"'),
      ),
    }
  },
  read({ status, stdout, stderr }, args) {
    const parts = sections(stdout)
    if (status !== 0 || !parts.has('out')) {
      return {
        failed: true,
        changed: false,
        cmd: args.command,
        rc: status,
        msg: stderr.trim() || `exit status ${status}`,
      }
    }
    const text = (parts.get('out') ?? '').replace(/[\r\n]+$/, '')
    const rc = /\d+/.exec(parts.get('status') ?? '')?.[0]
    const result: Result = {
      changed: true,
      cmd: args.command,
      ...(rc === undefined ? {} : { rc: Number(rc) }),
      stdout: text,
      stdout_lines: textLines(text),
    }
    const [why = '', at] = (parts.get('why') ?? '').trim().split(' ')
    if (why === 'unanswered') {
      const question = Object.keys(args.responses)[Number(at)]
      return { ...result, failed: true, msg: `No remaining responses for '${question}', output was '${text}'` }
    }
    if (why === 'late' || rc === undefined) return { ...result, failed: true, msg: 'command exceeded timeout' }
    return rc === '0' ? result : { ...result, failed: true, msg: 'non-zero return code' }
  },
})

function answersOf(responses: Readonly<Record<string, unknown>>): Answers {
  return Object.entries(responses).map(([expected, answer]) => ({
    expected,
    answers: (Array.isArray(answer) ? answer : [answer]).map(each => String(each ?? '').replace(/\n+$/, '')),
    once: Array.isArray(answer),
  }))
}

function mistakes(responses: Readonly<Record<string, unknown>>): string[] {
  try {
    dialogue({ command: script(':'), program: ':', answers: answersOf(responses), timeoutSeconds: 1, echo: false })
    return []
  } catch (error) {
    if (error instanceof ModuleFailure) return [error.message]
    throw error
  }
}

/** A name in which `*` and `?` are no pattern. */
function literal(path: string | undefined): string | undefined {
  return path?.replace(/[*?[]/g, '[$&]')
}
