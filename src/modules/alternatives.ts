import type { ArgsOf, ArgTable } from '../schema/arguments.ts'
import { lines, sh } from '../shell/sh.ts'
import { defineState, ModuleFailure } from './module.ts'

const table = {
  name: { type: 'str', required: true, doc: 'The name of the link, such as `editor`.' },
  path: { type: 'path', doc: 'The program that it shall point to.' },
  link: { type: 'path', doc: 'Where the link is. Needed for a name that is new.' },
  priority: { type: 'int', doc: 'The priority of the program; 50 for a new one.' },
  state: {
    type: 'str',
    choices: ['present', 'selected', 'absent', 'auto'],
    default: 'selected',
    doc: 'Chosen, only known, chosen by priority, or not known.',
  },
  subcommands: {
    type: 'list',
    elements: 'dict',
    aliases: ['slaves'],
    doc: 'Links that follow this one: `name`, `path`, `link`.',
  },
  family: { type: 'str', doc: 'The family of programs on Red Hat.', unsupported: 'families are not looked at' },
} as const satisfies ArgTable

type Args = ArgsOf<typeof table>

type Alternative = {
  readonly link?: string
  readonly mode?: string
  readonly value?: string
  readonly priority?: number
  readonly known?: boolean
  readonly subcommands?: readonly string[]
}

export const alternatives = defineState({
  summary: 'Chooses among programs that do the same.',
  args: table,
  check: ({ path, state, subcommands = [] }) => [
    ...(path === undefined && state !== 'auto' ? ['`path` is needed'] : []),
    ...(subcommands.some(sub =>
      ['name', 'path', 'link'].some(
        key => typeof sub !== 'object' || sub === null || typeof Reflect.get(sub, key) !== 'string',
      ),
    )
      ? ['each of `subcommands` has `name`, `path` and `link`']
      : []),
  ],
  examples: `
- alternatives: name=editor path=/usr/bin/vim.basic
- community.general.alternatives:
    name: python
    link: /usr/bin/python
    path: /usr/bin/python3
    priority: 10
`,
  look: ({ name }) => sh`
PATH=$PATH:/usr/sbin:/sbin; LC_ALL=C; export LC_ALL
command -v update-alternatives >/dev/null 2>&1 || { echo 'update-alternatives is not on this host' >&2; exit 3; }
update-alternatives --query ${name} 2>/dev/null || :`,
  read({ status, stdout, stderr }, args): Alternative {
    if (status !== 0) throw new ModuleFailure(stderr.trim(), { rc: status })
    const [head = '', ...blocks] = stdout.split(/\n\n/)
    const field = (text: string, key: string) => new RegExp(`^${key}: (.*)$`, 'm').exec(text)?.[1]
    const block = blocks.find(one => field(one, 'Alternative') === args.path)
    const slaves = /^Slaves:\n((?: .*\n?)*)/m.exec(block ?? '')?.[1] ?? ''
    const links = /^Slaves:\n((?: .*\n?)*)/m.exec(head)?.[1] ?? ''
    const linkOf = (name: string) =>
      links
        .split('\n')
        .map(line => line.trim().split(' '))
        .find(([known]) => known === name)?.[1]
    const priority = field(block ?? '', 'Priority')
    return {
      link: field(head, 'Link') ?? '',
      mode: field(head, 'Status') ?? '',
      value: field(head, 'Value') ?? '',
      known: block !== undefined,
      ...(priority === undefined ? {} : { priority: Number(priority) }),
      subcommands: slaves
        .split('\n')
        .filter(Boolean)
        .map(line => {
          const [name = '', ...path] = line.trim().split(' ')
          return [linkOf(name) ?? '', name, path.join(' ')].join('\t')
        })
        .sort(),
    }
  },
  want(args, from): Alternative {
    const { state, path, link, priority } = args
    if (state === 'absent') return { known: false }
    const known = path === undefined ? {} : { known: true }
    if (path !== undefined && !from?.known && !(link ?? from?.link))
      throw new ModuleFailure('Needed to install the alternative, but unable to do so as we are missing the link')
    return {
      ...known,
      ...(link === undefined ? {} : { link }),
      ...(priority === undefined || path === undefined ? {} : { priority }),
      ...(args.subcommands === undefined
        ? {}
        : {
            subcommands: subs(args)
              .map(([a, b, c]) => [a, b, c].join('\t'))
              .sort(),
          }),
      ...(state === 'selected' && path !== undefined ? { value: path } : {}),
      ...(state === 'auto' ? { mode: 'auto' } : {}),
    }
  },
  change(args, { from, to }) {
    const { name, path = '', state, link = from?.link ?? '' } = args
    const installs =
      to?.known === true && (!from?.known || changed('link') || changed('priority') || changed('subcommands'))
    function changed(key: keyof Alternative): boolean {
      return to?.[key] !== undefined && JSON.stringify(to[key]) !== JSON.stringify(from?.[key])
    }
    const slaves = subs(args).flatMap(sub => ['--slave', ...sub])
    return {
      script: lines(
        sh`PATH=$PATH:/usr/sbin:/sbin; LC_ALL=C; export LC_ALL`,
        to?.known === false && sh`update-alternatives --remove ${name} ${path} || exit`,
        installs &&
          sh`[ -e ${path} ] || { printf 'Specified path %s does not exist\n' ${path} >&2; exit 1; }
update-alternatives --install ${link} ${name} ${path} ${args.priority ?? from?.priority ?? 50} ${slaves} || exit`,
        state === 'selected' && path !== '' && sh`update-alternatives --set ${name} ${path} || exit`,
        state === 'auto' && sh`update-alternatives --auto ${name} || exit`,
      ),
    }
  },
  returns: ({ name, path, state }, { changed }) => ({ changed, name, path, state }),
})

function subs({ subcommands = [] }: Args): readonly [string, string, string][] {
  return subcommands.map(sub => {
    const of = (key: string) => String(typeof sub === 'object' && sub !== null ? Reflect.get(sub, key) : '')
    return [of('link'), of('name'), of('path')]
  })
}
