import { dirname, resolve } from 'node:path'
import { throwAll } from '../errors.ts'
import type { ModuleRegistry } from '../modules/module.ts'
import { shownPath } from '../source/load.ts'
import type { MapNode, SourceNode, SourceWarning } from '../source/node.ts'
import { parseOne } from '../source/parse.ts'
import { isFile } from './files.ts'
import { warnOfInclude } from './former-include.ts'
import { includeLoader } from './include-loader.ts'
import { importPlaybookKeywords } from './keyword-table.ts'
import { inherit, noKeywords, readTags } from './keywords.ts'
import { loadPlay, type PlayBase } from './play.ts'
import { newSession, type Session } from './session.ts'
import { loadHandlers, loadSteps } from './steps.ts'
import type { IncludeLoader, Keywords, Play, Playbook, Written } from './types.ts'
import { conditions, isEmpty, refuseUnknown, text, variables } from './values.ts'

export interface LoadOptions {
  readonly modules: ModuleRegistry
  /** Variables of `-e`, for templates in names of imports. */
  readonly extraVars?: Readonly<Record<string, unknown>>
  /** Absolute folders that hold roles; looked in after `roles/` beside the playbook and in the current folder. */
  readonly rolesPath?: readonly string[]
  /** Absolute folders that hold `ansible_collections/`; looked in after `collections/` beside the playbook and in the current folder. */
  readonly collectionsPath?: readonly string[]
  /** What plays have that do not say it. */
  readonly defaults?: PlayDefaults
  /** Warnings of files that are opened while playing. */
  readonly onWarning?: (warning: SourceWarning) => void
  /** Told of each file that is read, while playing too. */
  readonly onRead?: ((file: string) => void) | undefined
}

/** Settings that stand for keywords of plays. */
export interface PlayDefaults {
  readonly keywords: Partial<Pick<Keywords, 'anyErrorsFatal' | 'noLog' | 'timeout'>>
  readonly strategy?: Written<string>
  readonly gatherSubset?: Written
  readonly gatherTimeout?: Written
}

export interface LoadedPlaybook {
  readonly playbook: Playbook
  readonly warnings: readonly SourceWarning[]
  /** Opens includes of this playbook while it is played. */
  readonly loader: IncludeLoader
}

/** A playbook with everything it imports. Throws one `MlopsError(s)` with all mistakes of all files. */
export function loadPlaybook(file: string, options: LoadOptions): LoadedPlaybook {
  const path = resolve(file)
  return loaded(file, dirname(path), options, (base, session) => loadPlays(path, { base, session, importing: [] }))
}

/** The same for a playbook that is in no file: what `mlops run` plays. `name` stands for the file in errors. */
export function loadPlaybookText(text: string, name: string, directory: string, options: LoadOptions): LoadedPlaybook {
  return loaded(name, directory, options, (base, session) => {
    const document = session.problems.catch(() => parseOne(text, name))
    return document ? playsOf(document.root, name, { base, session, importing: [] }) : []
  })
}

function loaded(
  file: string,
  directory: string,
  {
    modules,
    extraVars = {},
    rolesPath = [],
    collectionsPath = [],
    defaults = { keywords: {} },
    onWarning,
    onRead,
  }: LoadOptions,
  load: (base: PlayBase, session: Session) => Play[],
): LoadedPlaybook {
  const session = newSession(modules, {
    rolesPath,
    collectionsPath,
    extraVars,
    lists: { steps: loadSteps, handlers: loadHandlers },
    onRead,
  })
  const { keywords, ...others } = defaults
  const own = load({ keywords: { ...noKeywords, ...keywords }, vars: {}, directory }, session)
  const plays = own.map(play => ({ ...others, ...play }))
  throwAll(session.problems.sorted())
  const playbook = { file, directory, plays }
  return { playbook, warnings: session.problems.warnings, loader: includeLoader(session, onWarning) }
}

interface PlaysContext {
  readonly base: PlayBase
  readonly session: Session
  /** Playbooks that import this one, outermost first. */
  readonly importing: readonly string[]
}

function loadPlays(path: string, context: PlaysContext): Play[] {
  const root = context.session.read(path)
  return root === undefined ? [] : playsOf(root, path, context)
}

function playsOf(root: SourceNode, path: string, { base, session, importing }: PlaysContext): Play[] {
  const { problems } = session
  if (root.kind !== 'seq') {
    const message = isEmpty(root) ? `${shownPath(path)} is empty` : 'a playbook is a list of plays'
    problems.error('not-a-list', message, { at: root.at, hint: 'a play begins with `- hosts: …`' })
    return []
  }
  return root.items.flatMap(item => {
    if (item.kind !== 'map') {
      problems.error('not-a-play', 'a play must be a mapping', { at: item.at })
      return []
    }
    const target = playbookImports.find(key => item.get(key))
    if (target !== undefined) return importPlaybook(item, target, { base, session, importing: [...importing, path] })
    return loadPlay(item, base, session) ?? []
  })
}

const playbookImports = ['import_playbook', 'ansible.builtin.import_playbook', 'include']

function importPlaybook(item: MapNode, key: string, { base, session, importing }: PlaysContext): Play[] {
  const { problems } = session
  refuseUnknown(item, key, { known: [...Object.keys(importPlaybookKeywords), 'include'], problems })
  if (key === 'include') warnOfInclude('import_playbook', item.entry(key)?.key.at ?? item.at, problems)
  const name = text(item.get(key), key, problems)
  const vars = variables(item.get('vars'), 'vars', problems)
  const own = {
    ...noKeywords,
    when: conditions(item.get('when'), 'when', problems),
    tags: readTags(item.get('tags'), problems),
  }
  if (name === undefined) {
    problems.error('no-target', 'import_playbook needs a file', { at: item.entry(key)?.key.at })
    return []
  }
  const file = resolve(base.directory, name.value)
  if (importing.includes(file)) {
    problems.error('import-cycle', `${shownPath(file)} imports itself`, { at: name.at })
    return []
  }
  if (!isFile(file)) {
    const hint = `looked in ${shownPath(base.directory)}`
    problems.error('no-file', `there is no playbook \`${name.value}\``, { at: name.at, hint })
    return []
  }
  const inner: PlayBase = {
    keywords: inherit(base.keywords, own),
    vars: { ...base.vars, ...vars?.value },
    directory: dirname(file),
  }
  return loadPlays(file, { base: inner, session, importing })
}
