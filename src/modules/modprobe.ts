import type { ArgTable } from '../schema/arguments.ts'
import { section, sections } from '../shell/sections.ts'
import { lines, sh } from '../shell/sh.ts'
import { defineState, ModuleFailure } from './module.ts'

const table = {
  name: { type: 'str', required: true, doc: 'The kernel module.' },
  state: { type: 'str', choices: ['present', 'absent'], default: 'present', doc: 'Whether it is loaded.' },
  params: { type: 'str', default: '', doc: 'Its parameters, such as `numdummies=2`.' },
  persistent: {
    type: 'str',
    choices: ['disabled', 'present', 'absent'],
    default: 'disabled',
    doc: 'Whether it is loaded at each start of the host, through `/etc/modules-load.d` and `/etc/modprobe.d`.',
  },
} as const satisfies ArgTable

type Loaded = { readonly loaded?: boolean; readonly atBoot?: boolean; readonly options?: boolean }

export const modprobe = defineState({
  summary: 'Loads a module of the kernel, or takes it out.',
  args: table,
  check: ({ name, params }) => [
    ...(name !== undefined && !/^[\w.-]+$/.test(name) ? ['`name` is no name of a kernel module'] : []),
    ...(params?.includes('\n') ? ['`params` holds no line break'] : []),
  ],
  examples: `
- modprobe: name=br_netfilter
- community.general.modprobe:
    name: dummy
    params: numdummies=2
    persistent: present
`,
  look: ({ name, params }) =>
    lines(
      section('loaded'),
      sh`name=$(printf %s ${name} | tr - _)
if grep -q "^$name " /proc/modules 2>/dev/null; then echo yes
elif [ -r "/lib/modules/$(uname -r)/modules.builtin" ] && tr - _ <"/lib/modules/$(uname -r)/modules.builtin" | grep -q -F "/$name.ko"; then echo builtin; fi`,
      section('boot'),
      sh`grep -s -x -F -- ${name} /etc/modules /etc/modules-load.d/*.conf`,
      section('options'),
      sh`grep -s -x -F -- ${`options ${name} ${params}`} /etc/modprobe.d/*.conf
:`,
    ),
  read({ stdout }, { params, persistent }): Loaded {
    const parts = sections(stdout)
    const has = (part: string) => (parts.get(part) ?? '').trim() !== ''
    return {
      loaded: has('loaded'),
      ...(persistent === 'disabled' ? {} : { atBoot: has('boot') }),
      ...(persistent === 'present' && params !== '' ? { options: has('options') } : {}),
    }
  },
  want: ({ state, persistent, params }): Loaded => ({
    loaded: state === 'present',
    ...(persistent === 'disabled' ? {} : { atBoot: persistent === 'present' }),
    ...(persistent === 'present' && params !== '' ? { options: true } : {}),
  }),
  change({ name, params, persistent }, { from = {}, to = {} }) {
    if (!/^[\w.-]+$/.test(name)) throw new ModuleFailure('`name` is no name of a kernel module')
    const words = params.split(/\s+/).filter(Boolean)
    const load = `/etc/modules-load.d/${name}.conf`
    const options = `/etc/modprobe.d/${name}.conf`
    return {
      script: lines(
        sh`PATH=$PATH:/sbin:/usr/sbin`,
        to.loaded !== from.loaded &&
          (to.loaded ? sh`modprobe ${name} ${words} || exit` : sh`modprobe -r ${name} || exit`),
        persistent === 'present' &&
          !from.atBoot &&
          sh`mkdir -p /etc/modules-load.d && printf '%s\n' ${name} >${load} || exit`,
        persistent === 'present' &&
          to.options === true &&
          !from.options &&
          sh`mkdir -p /etc/modprobe.d && printf '%s\n' ${`options ${name} ${params}`} >${options} || exit`,
        persistent === 'absent' &&
          from.atBoot === true &&
          sh`
for f in /etc/modules /etc/modules-load.d/*.conf; do
  grep -q -s -x -F -- ${name} "$f" || continue
  grep -v -x -F -- ${name} "$f" >"$f.mlops"; cat "$f.mlops" >"$f" || exit; rm -f -- "$f.mlops"
done`,
      ),
    }
  },
  returns: ({ name, params, state }, { changed }) => ({ changed, name, params, state }),
})
