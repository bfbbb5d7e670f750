import type { Scope, TemplateOptions } from './environment.ts'
import { lazyDict } from './lazy-dict.ts'
import { start } from './runtime.ts'

/** A host's variables as a dict that opens each one when it is read: for `hostvars`. */
export function scopeDict(scope: Scope, options: TemplateOptions = {}): Readonly<Record<string, unknown>> {
  const { environment } = start(scope, options)
  return lazyDict(
    () => scope.names(),
    name => (scope.get(name) === undefined ? undefined : environment.read(name)),
  )
}
