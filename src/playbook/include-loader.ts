import { dirname } from 'node:path'
import { MlopsError, throwAll } from '../errors.ts'
import type { SourceWarning } from '../source/node.ts'
import { fromFiles, noDuplicates } from './imports.ts'
import { inherit, noKeywords } from './keywords.ts'
import { Problems } from './problems.ts'
import { readVars, useRole } from './roles.ts'
import type { Context, Session } from './session.ts'
import type { Include, IncludeLoader } from './types.ts'

/** Opens the includes of a loaded playbook. Every file is read once; its steps are new each time. */
export function includeLoader(session: Session, onWarning?: (warning: SourceWarning) => void): IncludeLoader {
  return {
    tasks: (file, include) =>
      collected(() => {
        const context = { ...inside(include, session), directory: dirname(file) }
        const steps = session.lists.steps(session.read(file), context)
        return { steps, handlers: context.play.importedHandlers }
      }),
    role: (name, include, given) =>
      collected(() => {
        const use = {
          name,
          at: include.target.at,
          keywords: noKeywords,
          vars: session.includes.get(include.id)?.own.vars ?? [],
          params: [],
          from: fromFiles(include.options),
          validate: include.options['rolespec_validate'] !== false,
          once: noDuplicates(include.options),
          given,
        }
        const context = inside(include, session)
        const used = useRole(use, context)
        return used && { ...used, handlers: [...used.handlers, ...context.play.importedHandlers] }
      }),
    vars: file => collected(() => readVars(file, { session })),
  }

  /** Runs with problems of its own; throws what was found. */
  function collected<T>(load: () => T | undefined): T {
    session.problems = new Problems()
    const result = load()
    for (const warning of session.problems.warnings) onWarning?.(warning)
    throwAll(session.problems.sorted())
    if (result === undefined) throw new Error('nothing was loaded, and no problem was told')
    return result
  }
}

/** What included steps inherit: from around the include, and its `apply`. Its variables are a layer of their own while playing. */
function inside(include: Include, session: Session): Context {
  const known = session.includes.get(include.id)
  if (known === undefined) {
    throw new MlopsError('playbook.include', 'this include is not of the playbook that is played', { at: include.at })
  }
  const { context, own, apply } = known
  // names of imports in there may use them, too
  const play = {
    ...context.play,
    importedHandlers: [],
    vars: [...context.play.vars, ...own.vars.map(vars => vars.value)],
  }
  const keywords = inherit(context.keywords, apply)
  return { ...context, play, keywords, importing: [] }
}
