import type { Module, ModuleRegistry } from '../modules/module.ts'
import { load } from '../source/load.ts'
import type { SourceNode } from '../source/node.ts'
import { Problems } from './problems.ts'
import type { Handler, Include, Keywords, Role, Step, Written } from './types.ts'

/** One load of a playbook, includes while playing among it: what is shared by all files. */
export interface Session {
  readonly modules: ModuleRegistry
  /** Absolute folders that hold roles, beside those near the playbook. */
  readonly rolesPath: readonly string[]
  /** Absolute folders that hold `ansible_collections/`, beside those near the playbook. */
  readonly collectionsPath: readonly string[]
  readonly extraVars: Readonly<Record<string, unknown>>
  problems: Problems
  /** By the include's id: what its steps inherit when it is opened. */
  readonly includes: Map<string, IncludeContext>
  /** An id that no other step of the run has. */
  nextId(kind: string): string
  /** The document of a file, read once; `undefined` when it has errors, which are among the problems. */
  read(file: string): SourceNode | undefined
  /** The bare name of a known module. */
  bareName(module: Module, asWritten: string): string
  /** The loaders of lists, through which files and roles load each other. */
  readonly lists: ListLoaders
}

export interface ListLoaders {
  steps(node: SourceNode | undefined, context: Context): Step[]
  handlers(node: SourceNode | undefined, context: Context): Handler[]
}

/** What the steps of a file or block inherit from where they stand. */
export interface Context {
  readonly session: Session
  readonly play: PlayContext
  readonly keywords: Keywords
  readonly role?: Role
  /** Absolute folder of the file. */
  readonly directory: string
  /** What blocks around notify. */
  readonly notify: readonly Written<string>[]
  /** Files that are being imported, outermost first, to see recursion. */
  readonly importing: readonly string[]
}

export interface PlayContext {
  /** Absolute folder of the playbook. */
  readonly directory: string
  /** Variables that are known while loading, for templates in names of imports. Weakest first. */
  readonly vars: Readonly<Record<string, unknown>>[]
  /** Roles in use so far, in order. */
  readonly roles: Role[]
  /** Handlers of the roles of `roles:`; they stand before those of the play. */
  readonly roleHandlers: Handler[]
  /** Handlers of roles that tasks import; they stand behind those of the play, as in Ansible. */
  readonly importedHandlers: Handler[]
  /** What an `import_role` brought when it was last read, by its place: a file that is included again brings it anew. */
  readonly importedRoles: Map<string, readonly Role[]>
  /** Keys of role uses that the play has had already. */
  readonly seenRoles: Set<string>
}

export interface IncludeContext {
  readonly context: Context
  readonly own: Keywords
  /** Keywords of `apply`. */
  readonly apply: Keywords
  readonly include: Include
}

export function newSession(
  modules: ModuleRegistry,
  {
    rolesPath,
    collectionsPath,
    extraVars,
    lists,
    onRead,
  }: Pick<Session, 'rolesPath' | 'collectionsPath' | 'extraVars' | 'lists'> & {
    readonly onRead?: ((file: string) => void) | undefined
  },
): Session {
  let count = 0
  const documents = new Map<string, SourceNode | undefined>()
  const names = new Map<Module, string>()
  const session: Session = {
    modules,
    rolesPath,
    collectionsPath,
    extraVars,
    lists,
    problems: new Problems(),
    includes: new Map(),
    nextId: kind => {
      count += 1
      return `${kind}-${count}`
    },
    read(file) {
      if (documents.has(file)) return documents.get(file)
      onRead?.(file)
      const document = session.problems.catch(() => load(file))
      for (const { message, at } of document?.warnings ?? []) session.problems.warn(message, at)
      // a file that could not be read is read again by the next include, which must say so again
      if (document) documents.set(file, document.root)
      return document?.root
    },
    bareName(module, asWritten) {
      const last = asWritten.slice(asWritten.lastIndexOf('.') + 1)
      if (modules.find(last) === module) return last
      if (names.size === 0) {
        for (const name of modules.names()) {
          const found = modules.find(name)
          if (found) names.set(found, name)
        }
      }
      // one that a module of people's own hides is known by its full name alone
      return names.get(module) ?? asWritten
    },
  }
  return session
}
