import type { Plain } from '../module.ts'
import type { ContainerArgs } from './container-args.ts'
import { bytes, texts } from './container-values.ts'
import { dig, listAt, numberAt, recordAt, textAt, textsAt } from './json-path.ts'

/** One thing that a container is set up with. `set` and `dict` may have more than is asked for, unless compared strictly. */
export interface Setting {
  readonly kind: 'value' | 'list' | 'set' | 'dict'
  /** What the arguments ask for, in the form that `is` has; undefined: nothing. */
  want(args: ContainerArgs, seen: SeenFiles): Plain | undefined
  /** What a container has, from `docker inspect`. */
  is(container: unknown, args: ContainerArgs): Plain
  /** What the image brings along, which strict comparison forgives. */
  fromImage?(image: unknown): Plain
  /** Words of `docker create`. */
  words(args: ContainerArgs): readonly string[]
  /** `docker update` takes the same words, so that the container need not be made anew. */
  readonly live?: true
}

/** What else the look saw that settings need. */
export interface SeenFiles {
  readonly envFile: string
  /** Id of the container that `network_mode: container:NAME` names. */
  readonly networkContainer: string
}

type Key = keyof ContainerArgs & string

/** A text as docker has it. */
export function text(key: Key, option: string, path: string): Setting {
  return {
    kind: 'value',
    want: args => (args[key] === undefined ? undefined : String(args[key])),
    is: container => textAt(container, path),
    words: args => (args[key] === undefined ? [] : [option, String(args[key])]),
  }
}

/** A number. */
export function number(key: Key, option: string, path: string, live = false): Setting {
  return {
    kind: 'value',
    want: args => (args[key] === undefined ? undefined : Number(args[key])),
    is: container => numberAt(container, path),
    words: args => (args[key] === undefined ? [] : [option, String(args[key])]),
    ...(live ? { live } : {}),
  }
}

/** A number of bytes, written as `512M`. */
export function size(key: Key, option: string, path: string, live = false): Setting {
  const want = (args: ContainerArgs) => (args[key] === undefined ? undefined : bytes(String(args[key])))
  return {
    kind: 'value',
    want,
    is: container => numberAt(container, path),
    words: args => (args[key] === undefined ? [] : [option, String(want(args))]),
    ...(live ? { live } : {}),
  }
}

/** Yes or no. */
export function flag(key: Key, option: string, path: string): Setting {
  return {
    kind: 'value',
    want: args => (args[key] === undefined ? undefined : args[key] === true),
    is: container => dig(container, path) === true,
    words: args => (args[key] === undefined ? [] : [`${option}=${args[key] === true}`]),
  }
}

/** Words whose order means nothing. */
export function set(key: Key, option: string, path: string): Setting {
  const items = (args: ContainerArgs) => {
    const value = args[key]
    return Array.isArray(value) ? value.map(String) : undefined
  }
  return {
    kind: 'set',
    want: items,
    is: container => [...textsAt(container, path)],
    words: args => (items(args) ?? []).flatMap(item => [option, item]),
  }
}

/** Names of capabilities, with or without `CAP_`. */
export function capabilities(key: 'cap_drop' | 'capabilities', option: string, path: string): Setting {
  const bare = (name: string) => name.toUpperCase().replace(/^CAP_/, '')
  return {
    ...set(key, option, path),
    want: args => args[key]?.map(bare),
    is: container => textsAt(container, path).map(bare),
  }
}

/** Names with a text each. */
export function dict(key: 'log_options' | 'storage_opts' | 'sysctls', option: string, path: string): Setting {
  return {
    kind: 'dict',
    want: args => args[key] && texts(args[key]),
    is: container => texts(recordAt(container, path)),
    words: args => Object.entries(texts(args[key])).flatMap(([name, value]) => [option, `${name}=${value}`]),
  }
}

/** Limits of devices. */
export function rates(
  key: 'device_read_bps' | 'device_read_iops' | 'device_write_bps' | 'device_write_iops',
  option: string,
  path: string,
): Setting {
  const of = (args: ContainerArgs) => args[key]?.map(limit => `${String(limit.path)}:${bytes(String(limit.rate))}`)
  return {
    kind: 'set',
    want: of,
    is: container => listAt(container, path).map(limit => `${textAt(limit, 'Path')}:${numberAt(limit, 'Rate')}`),
    words: args => (of(args) ?? []).flatMap(limit => [option, limit]),
  }
}
