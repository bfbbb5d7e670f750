import type { ArgsOf, ArgTable } from '../schema/arguments.ts'
import { lines, quote, type Script, sh } from '../shell/sh.ts'
import { pathWord } from '../shell/words.ts'
import { defineState, ModuleFailure } from './module.ts'
import { textLines } from './parts/command.ts'

const table = {
  chdir: { type: 'path', required: true, doc: 'The folder to run in.' },
  target: { type: 'str', doc: 'What is made; the first target when not given.' },
  targets: { type: 'list', elements: 'str', doc: 'Several of them.' },
  params: { type: 'dict', doc: 'Variables of make; one without a value is a plain word.' },
  file: { type: 'path', doc: 'The makefile.' },
  jobs: { type: 'int', doc: 'How many recipes run at once.' },
  make: { type: 'path', doc: 'The make to use.' },
} as const satisfies ArgTable

type Args = ArgsOf<typeof table>

/** Whether make says that the target is up to date. */
type Target = { readonly made: boolean }

export const make = defineState({
  summary: 'Runs make where its target is not up to date.',
  details: 'The look asks `make -q`; recipes that make runs even then (`$(MAKE)`, `+`) run in the look, too.',
  args: table,
  check: ({ target, targets }) =>
    target !== undefined && targets !== undefined ? ['`target` and `targets` exclude each other'] : [],
  examples: `
- make: { chdir: /home/ubuntu/cool-project }
- community.general.make:
    chdir: /home/ubuntu/cool-project
    target: install
    params: { PREFIX: /usr/local, VERBOSE: 1 }
    file: /some-project/Makefile
    jobs: 4
`,
  returnDocs: { command: 'What was run.', stdout: 'What it wrote.', stderr: 'What it wrote to its standard error.' },
  look: args => sh`${entered(args)}
${command(args)} -q >/dev/null 2>&1; echo $?`,
  read({ status, stdout, stderr }, _args, { checkMode }): Target {
    // in a check, an earlier task would have brought the folder or the tool
    if (status !== 0 && checkMode) return { made: false }
    if (status !== 0) throw new ModuleFailure(stderr.trim() || `exit status ${status}`, { rc: status })
    return { made: stdout.trim() === '0' }
  },
  want: (): Target => ({ made: true }),
  // A target that is no file is never up to date.
  verify: false,
  change: args => ({ script: lines(entered(args), command(args)) }),
  returns(args, { changed, output }) {
    const stdout = output?.stdout ?? ''
    return {
      changed,
      stdout,
      stderr: output?.stderr ?? '',
      stdout_lines: textLines(stdout),
      target: args.target ?? null,
      params: args.params ?? null,
      chdir: args.chdir,
      file: args.file ?? null,
      jobs: args.jobs ?? null,
      command: ['make', ...wordsOf(args)].map(quote).join(' '),
    }
  },
})

function entered({ chdir, make: program }: Args): Script {
  const missing = sh`{ echo 'make is not on this host' >&2; exit 127; }`
  return sh`cd -- ${pathWord(chdir)} || exit
make=${program === undefined ? sh`$(command -v gmake || command -v make) || ${missing}` : pathWord(program)}`
}

function command(args: Args): Script {
  return sh`"$make" ${wordsOf(args)}`
}

function wordsOf({ jobs, file, target, targets, params = {} }: Args): string[] {
  return [
    ...(jobs === undefined ? [] : ['-j', String(jobs)]),
    ...(file === undefined ? [] : ['-f', file]),
    ...(target === undefined ? [] : [target]),
    ...(targets ?? []),
    ...Object.entries(params).map(([name, value]) => (value === null ? name : `${name}=${value}`)),
  ]
}
