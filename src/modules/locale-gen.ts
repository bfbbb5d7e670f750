import type { ArgsOf, ArgTable } from '../schema/arguments.ts'
import { lines, sh } from '../shell/sh.ts'
import { defineState, ModuleFailure } from './module.ts'

const table = {
  name: { type: 'list', elements: 'str', required: true, doc: 'Locales, such as `de_DE.UTF-8`.' },
  state: { type: 'str', choices: ['absent', 'present'], default: 'present', doc: 'Whether they are there.' },
} as const satisfies ArgTable

type Locales = { readonly [name: string]: string }

export const localeGen = defineState({
  summary: 'Makes locales, or removes them.',
  args: table,
  check: ({ name = [] }) =>
    name.filter(one => !/^[\w.@ -]+$/.test(one)).map(one => `\`${one}\` is no name of a locale`),
  examples: `
- locale_gen: name=de_DE.UTF-8
- community.general.locale_gen: { name: [en_US.UTF-8, fr_FR.UTF-8], state: present }
`,
  look: () => sh`
command -v locale-gen >/dev/null 2>&1 && [ -e /etc/locale.gen ] || { echo 'locale-gen is not on this host (package locales)' >&2; exit 3; }
locale -a
echo :
grep -h -E '^ *#? *[A-Za-z]' /etc/locale.gen /usr/share/i18n/SUPPORTED 2>/dev/null | sed 's/^ *#* *//'
:`,
  read({ status, stdout, stderr }, { name }): Locales {
    if (status !== 0) throw new ModuleFailure(stderr.trim(), { rc: status })
    const [made = '', known = ''] = stdout.split(/^:$/m)
    const there = new Set(made.split('\n').map(plain))
    const names = new Set(known.split('\n').map(line => line.trim().split(' ')[0] ?? ''))
    return Object.fromEntries(
      name.map(one => [one, there.has(plain(one)) ? 'present' : names.has(bare(one)) ? 'absent' : 'unknown']),
    )
  },
  want(args, from): Locales {
    const unknown = args.name.filter(one => from?.[one] === 'unknown')
    if (unknown.length > 0 && args.state === 'present') {
      throw new ModuleFailure(
        `The following locales you have entered are not available on your system: ${unknown.join(', ')}`,
      )
    }
    return Object.fromEntries(args.name.filter(one => !unknown.includes(one)).map(one => [one, args.state]))
  },
  change: (args, { from, to }) => {
    const names = differing(args, from, to)
    return {
      script: lines(
        sh`t=/etc/.mlops-locale.gen; trap 'rm -f -- "$t"' EXIT; cp -p /etc/locale.gen "$t" || exit`,
        ...names.map(name => {
          const form = `^ *#* *${bare(name).replace(/[.]/g, '\\.')}\\( .*\\)*$`
          return args.state === 'present'
            ? sh`if grep -q ${form} "$t"; then sed ${`s/^ *#* *\\(${bare(name).replace(/[.]/g, '\\.')}\\)\\( .*\\)*$/\\1\\2/`} "$t" >"$t.2" && cat "$t.2" >"$t"; rm -f -- "$t.2"
else grep -h ${`^${bare(name).replace(/[.]/g, '\\.')} `} /usr/share/i18n/SUPPORTED >>"$t" || exit; fi`
            : sh`sed ${`s/^ *\\(${bare(name).replace(/[.]/g, '\\.')}\\)\\( .*\\)*$/# \\1\\2/`} "$t" >"$t.2" && cat "$t.2" >"$t"; rm -f -- "$t.2"`
        }),
        sh`cat "$t" >/etc/locale.gen || exit
${args.state === 'absent' ? ['locale-gen', '--purge'] : ['locale-gen']}`,
      ),
    }
  },
  returns: ({ name }, { changed }) => ({ changed, name }),
})

function differing(
  { name }: ArgsOf<typeof table>,
  from: Locales | undefined,
  to: Partial<Locales> | undefined,
): readonly string[] {
  return name.filter(one => to?.[one] !== undefined && to[one] !== from?.[one])
}

function bare(name: string): string {
  return name.trim().split(' ')[0] ?? ''
}

/** `de_DE.UTF-8` and `de_DE.utf8` are one. */
function plain(name: string): string {
  return bare(name).toLowerCase().replaceAll('-', '')
}
