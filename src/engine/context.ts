import { dirname } from 'node:path'
import type { Inventory } from '../inventory/inventory.ts'
import { select } from '../inventory/pattern.ts'
import type { Play, Role, Step, Written } from '../playbook/types.ts'
import type { Lookup, TemplateOptions } from '../template/template.ts'
import { evaluateAsBraced, open, type Scope, test } from '../template/template.ts'
import { byPrecedence, factsLayer, given, type Layer, LayeredScope, written } from '../variables/variables.ts'
import type { Reader } from './connections.ts'
import type { RunOptions } from './engine.ts'
import type { HostState } from './host-state.ts'
import { searchFolders } from './local-files.ts'
import { lazyDictionary, magicLayer, type PlayView, type RunView } from './magic.ts'
import { roleLayers, roleMagic } from './role-layers.ts'

/** Layers that only some steps see: loop items, variables of includes (outermost first). */
export interface Extra {
  readonly loop?: Readonly<Record<string, unknown>>
  readonly include?: readonly Written<Readonly<Record<string, unknown>>>[]
}

/** The names of a host as one step sees them, and what is opened with them. */
export class Names {
  readonly scope: Scope
  readonly options: TemplateOptions
  readonly #step: Pick<Step, 'keywords'> | undefined

  constructor(scope: Scope, options: TemplateOptions, step: Pick<Step, 'keywords'> | undefined) {
    this.scope = scope
    this.options = options
    this.#step = step
  }

  open(value: unknown, at?: Written['at']): unknown {
    return open(value, this.scope, at ? { ...this.options, at } : this.options)
  }

  written({ value, at }: Written): unknown {
    return this.open(value, at)
  }

  test(condition: { value: string | boolean; at: Written['at'] }): boolean {
    return test(condition.value, this.scope, { ...this.options, at: condition.at })
  }

  expression(text: string, at?: Written['at']): unknown {
    return evaluateAsBraced(text, this.scope, at ? { ...this.options, at } : this.options)
  }

  variable(name: string): unknown {
    const found = this.scope.get(name)
    if (found === undefined) return undefined
    return found.open ? this.open(found.value, found.at) : found.value
  }

  /** Variables and keywords as connection settings read them. */
  get reader(): Reader {
    return {
      variable: name => this.variable(name),
      keyword: name => {
        const value = this.#step?.keywords[name]
        return value === undefined || Array.isArray(value) ? undefined : this.written(value as Written) // single keywords are Written
      },
    }
  }
}

/** Builds the names of hosts and steps in one run. */
export class NameSpace {
  readonly #run: RunView
  readonly #states: ReadonlyMap<string, HostState>
  readonly #hostvars: Record<string, unknown>
  readonly #ownOptions: TemplateOptions
  readonly #stepOptions = new WeakMap<Step, { readonly play: Play; readonly options: TemplateOptions }>()
  readonly #extraVars: Layer
  readonly #magicLayers = new WeakMap<HostState, { readonly view: PlayView | undefined; readonly layer: Layer }>()
  readonly #roleLayers = new WeakMap<
    Play,
    Map<Role | undefined, { count: number; last: Role | undefined; layers: readonly Layer[] }>
  >()
  readonly #learnedLayers = new WeakMap<HostState, readonly Layer[]>()
  readonly #searchPaths = new WeakMap<Role | Play, Map<string, readonly string[]>>()

  constructor({
    playbookDirectory,
    options,
    states,
    inventory,
    groups,
  }: {
    readonly playbookDirectory: string
    readonly options: RunOptions
    readonly states: ReadonlyMap<string, HostState>
    readonly inventory: Inventory
    /** Groups and the names of their hosts, when they change while playing. */
    readonly groups?: () => Readonly<Record<string, readonly string[]>>
  }) {
    this.#states = states
    const fixed = Object.fromEntries([...inventory.groups.values()].map(group => [group.name, group.hosts]))
    const hostnames: Lookup = terms => select(inventory, terms.map(String).join(':'), { allowEmpty: true }).hosts
    const { managed, config } = options
    this.#ownOptions = {
      plugins: { lookups: { inventory_hostnames: hostnames } },
      managed,
      config,
      backslashes: 'kept',
    }
    this.#extraVars = written('extra vars', 'extra vars', options.extraVars)
    const cache = new Map<string, unknown>()
    this.#hostvars = lazyDictionary({
      names: () => states.keys(),
      has: name => states.has(name),
      get: name => {
        if (!cache.has(name) && states.has(name)) cache.set(name, this.#hostVariables(name))
        return states.has(name) ? cache.get(name) : undefined
      },
    })
    this.#run = {
      options,
      playbookDirectory,
      get groups() {
        return groups?.() ?? fixed
      },
      inventorySources: inventory.sources,
      hostvars: this.#hostvars,
    }
  }

  /** What a step sees on a host. Without a play: what `hostvars` shows. */
  names(
    state: HostState,
    play?: {
      readonly play: Play
      readonly view: PlayView
      readonly playLayers: ReadonlyMap<HostState, readonly Layer[]>
      readonly published?: readonly Role[]
    },
    step?: Step,
    extra: Extra = {},
  ): Names {
    // most steps ask for few names or none: what they would see is put in order when they ask
    const { inventoryLayers } = state
    const learned = this.#learned(state)
    const playLayers = play?.playLayers.get(state) ?? []
    const ofRoles = play ? this.#ofRoles(play, step?.role) : []
    const layers = () =>
      byPrecedence([
        ...ofRoles,
        ...inventoryLayers,
        ...playLayers,
        ...(step?.keywords.vars ?? []).map(vars =>
          written('block and task vars', `vars of ${vars.at.file}:${vars.at.line}`, vars.value),
        ),
        ...learned,
        ...(extra.include ?? []).map(vars =>
          written('include params', `include of ${vars.at.file}:${vars.at.line}`, vars.value),
        ),
        ...(extra.loop ? [given('loop', 'loop', extra.loop)] : []),
        this.#extraVars,
        this.#magic(state, play?.view),
        ...(step?.role ? [given('magic', 'role', roleMagic(step.role))] : []),
      ])
    const scope = new LayeredScope(layers, this.#run.options.hashBehaviour, { vars: () => allOf(names) })
    const names = new Names(scope, this.#templateOptions(play?.play, step), step)
    return names
  }

  /** The same for all steps of a role, until another role is made public, or imported by a file that is included. */
  #ofRoles(
    { play, published = [] }: { play: Play; published?: readonly Role[] },
    own: Role | undefined,
  ): readonly Layer[] {
    const ofPlay =
      this.#roleLayers.get(play) ??
      new Map<Role | undefined, { count: number; last: Role | undefined; layers: readonly Layer[] }>()
    this.#roleLayers.set(play, ofPlay)
    const known = ofPlay.get(own)
    const count = play.roles.length + published.length
    const last = play.roles.at(-1)
    if (known?.count === count && known.last === last) return known.layers
    const layers = roleLayers([...play.roles, ...published], own)
    ofPlay.set(own, { count, last, layers })
    return layers
  }

  /** What the run brought a host: read live, so the same layers do for all of its steps. */
  #learned(state: HostState): readonly Layer[] {
    const known = this.#learnedLayers.get(state)
    if (known) return known
    const { facts, bareFacts, included, registered } = state
    const layers = [
      this.#run.options.injectFacts === false
        ? given('facts', 'facts', { ansible_facts: facts })
        : factsLayer(facts, bareFacts),
      written('include_vars', 'include_vars', included),
      given('set_fact and register', 'set_fact or register', registered),
    ]
    this.#learnedLayers.set(state, layers)
    return layers
  }

  /** Its values are read live, so one layer does for all steps of a play. */
  #magic(state: HostState, view: PlayView | undefined): Layer {
    const known = this.#magicLayers.get(state)
    if (known && known.view === view) return known.layer
    const layer = magicLayer(state, this.#run, view)
    this.#magicLayers.set(state, { view, layer })
    return layer
  }

  #hostVariables(name: string): Record<string, unknown> {
    const state = this.#states.get(name) as HostState // asked for only when it is there
    let known: { readonly layers: readonly Layer[]; readonly names: Names } | undefined
    // all else that it sees is read live
    const names = () => {
      if (known?.layers !== state.inventoryLayers) known = { layers: state.inventoryLayers, names: this.names(state) }
      return known.names
    }
    return lazyDictionary({
      names: () => names().scope.names(),
      has: key => names().scope.get(key) !== undefined,
      get: key => names().variable(key),
    })
  }

  #templateOptions(play: Play | undefined, step: Step | undefined): TemplateOptions {
    if (!play) return this.#ownOptions
    if (!step) return { searchPath: [play.directory, dirname(play.at.file)], ...this.#ownOptions }
    const known = this.#stepOptions.get(step)
    if (known?.play === play) return known.options
    const options = { searchPath: this.#searchPath(play, step), ...this.#ownOptions }
    this.#stepOptions.set(step, { play, options })
    return options
  }

  #searchPath(play: Play, step: Step): readonly string[] {
    const paths = this.#searchPaths.get(step.role ?? play) ?? new Map<string, readonly string[]>()
    this.#searchPaths.set(step.role ?? play, paths)
    const key = `${step.directory}\0${play.directory}`
    const path = paths.get(key) ?? [...searchFolders(step, play, 'templates'), ...searchFolders(step, play, 'files')]
    paths.set(key, path)
    return path
  }
}

/** `vars`: all names of a step as one dictionary. */
function allOf(names: Names): Record<string, unknown> {
  return lazyDictionary({
    names: () => names.scope.names(),
    has: name => names.scope.get(name) !== undefined,
    get: name => names.variable(name),
  })
}
