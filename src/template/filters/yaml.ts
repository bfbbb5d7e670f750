import { type Filter, filter } from '../environment.ts'
import { truth } from '../python/iterate.ts'
import { asInt } from '../python/numbers.ts'
import type { Keywords } from '../python/values.ts'
import { toYaml, type YamlStyle } from '../python/yaml-dump.ts'
import { fromYaml } from '../python/yaml-load.ts'

/** Ansible's filters of YAML. */
export const yamlFilters: Readonly<Record<string, Filter>> = {
  to_yaml: { run: (value, _args, { kwargs }) => toYaml(value, styleOf(kwargs, {})) },
  to_nice_yaml: {
    run: (value, args, { kwargs }) => {
      const given = args.length > 0 ? { indent: args[0], ...kwargs } : kwargs
      return toYaml(value, styleOf(given, { indent: 4, flow: false }))
    },
  },
  from_yaml: filter([], value => (typeof value === 'string' ? (fromYaml(value)[0] ?? null) : value)),
  from_yaml_all: filter([], value => (typeof value === 'string' ? fromYaml(value) : value)),
}

function styleOf(kwargs: Keywords, standard: YamlStyle): YamlStyle {
  const { indent, width, sort_keys: sortKeys, explicit_start: explicitStart, default_flow_style: flow } = kwargs
  return {
    indent: indent === undefined || indent === null ? standard.indent : asInt(indent),
    width: width === undefined || width === null ? undefined : asInt(width),
    sortKeys: sortKeys === undefined ? undefined : truth(sortKeys),
    explicitStart: explicitStart === undefined ? undefined : truth(explicitStart),
    flow: flow === undefined || flow === null ? standard.flow : truth(flow),
  }
}
