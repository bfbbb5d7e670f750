import { section, sections } from '../shell/sections.ts'
import { lines, script, sh } from '../shell/sh.ts'
import { defineAction, defineController, defineState, ModuleFailure } from './module.ts'

/**
 * What a JavaScript or TypeScript file in `library/` is given to make its module with, as its default export:
 * `export default ({ defineState, sh }) => defineState({ … })`.
 */
export const kit = {
  defineAction,
  defineController,
  defineState,
  ModuleFailure,
  lines,
  script,
  section,
  sections,
  sh,
} as const

export type Kit = typeof kit
