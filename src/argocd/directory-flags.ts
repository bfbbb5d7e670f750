import { type Fields, listOf, pair, putNamed, within } from './spec.ts'
import type { SpecFlag } from './spec-flags.ts'

const directory = (spec: Fields) => within(spec, 'source.directory')

/** Flags about a source that is a folder of manifests, of Jsonnet, or what a plugin of Argo CD reads. */
export const directoryFlags: readonly SpecFlag[] = [
  {
    name: 'directory-recurse',
    takes: 'switch',
    about: 'manifests in folders below, too',
    set: (spec, value) => {
      directory(spec)['recurse'] = value
    },
  },
  {
    name: 'directory-include',
    takes: 'text',
    value: '<glob>',
    about: 'only these files',
    set: (spec, value) => {
      directory(spec)['include'] = value
    },
  },
  {
    name: 'directory-exclude',
    takes: 'text',
    value: '<glob>',
    about: 'not these files',
    set: (spec, value) => {
      directory(spec)['exclude'] = value
    },
  },
  jsonnet('jsonnet-tla-str', 'a top-level argument, a text', 'tlas', false),
  jsonnet('jsonnet-tla-code', 'a top-level argument, Jsonnet', 'tlas', true),
  jsonnet('jsonnet-ext-var-str', 'an external variable, a text', 'extVars', false),
  jsonnet('jsonnet-ext-var-code', 'an external variable, Jsonnet', 'extVars', true),
  {
    name: 'jsonnet-libs',
    takes: 'texts',
    value: '<path>',
    about: 'a folder of libraries in the repository; may be given again',
    set: (spec, values) => {
      within(spec, 'source.directory.jsonnet')['libs'] = [...values]
    },
  },
  {
    name: 'config-management-plugin',
    takes: 'text',
    value: '<name>',
    about: 'a plugin of Argo CD that makes the manifests',
    set: (spec, value) => {
      within(spec, 'source.plugin')['name'] = value
    },
  },
  {
    name: 'plugin-env',
    takes: 'texts',
    value: '<key=value>',
    about: 'a variable for the plugin; may be given again',
    set: (spec, texts) => {
      const list = listOf(within(spec, 'source.plugin'), 'env')
      for (const [name, value] of texts.map(each => pair('plugin-env', each))) putNamed(list, { name, value })
    },
  },
]

function jsonnet(name: string, about: string, field: 'tlas' | 'extVars', code: boolean): SpecFlag {
  const set = (spec: Fields, texts: readonly string[]) => {
    const list = listOf(within(spec, 'source.directory.jsonnet'), field)
    for (const [key, value] of texts.map(each => pair(name, each)))
      putNamed(list, { name: key, value, ...(code && { code }) })
  }
  return { name, takes: 'texts', value: '<key=value>', about: `${about}; may be given again`, set }
}
