import { readdirSync, statSync } from 'node:fs'
import { basename, extname, join } from 'node:path'
import { type ControllerInputs, type ControllerModule, ModuleFailure } from '../modules/module.ts'
import type { Task } from '../playbook/types.ts'
import type { ArgTable } from '../schema/arguments.ts'
import { regex } from '../template/python/regex.ts'
import { find, searchFolders } from './local-files.ts'
import type { PlayWorld } from './world.ts'

type Wish = ReturnType<NonNullable<ControllerModule<ArgTable>['varsFiles']>>

/** The files of variables that a task asks for, read. Throws `ModuleFailure` when one is not there. */
export function readVarsFiles(world: PlayWorld, task: Task, wish: Wish): NonNullable<ControllerInputs['varsFiles']> {
  const folders = searchFolders(task, world.play, 'vars')
  const read = (file: string) => ({ file, vars: world.run.loader.vars(file).value })
  if (wish.file !== undefined) return [read(find(wish.file, folders))]
  if (wish.dir === undefined) return []
  const folder = find(wish.dir, folders)
  if (!statSync(folder).isDirectory()) throw new ModuleFailure(`${folder} is not a directory`)
  // the role has these variables already
  const own = task.role && join(task.role.path, 'vars/main.yml')
  return below(folder, wish, 1)
    .filter(file => file !== own)
    .map(read)
}

function below(folder: string, wish: Wish, level: number): string[] {
  const entries = readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))
  const files = entries.filter(entry => !entry.isDirectory()).flatMap(entry => wanted(join(folder, entry.name), wish))
  if (wish.depth !== 0 && level >= wish.depth) return files
  const folders = entries.filter(entry => entry.isDirectory())
  return [...files, ...folders.flatMap(entry => below(join(folder, entry.name), wish, level + 1))]
}

function wanted(file: string, { files_matching, ignore_files, extensions, ignore_unknown_extensions }: Wish): string[] {
  const name = basename(file)
  if (files_matching !== undefined && !pattern(files_matching).test(name)) return []
  if (ignore_files.some(ending => pattern(`${ending}$`).test(name))) return []
  if (extensions.includes(extname(name).slice(1))) return [file]
  if (ignore_unknown_extensions) return []
  throw new ModuleFailure(`${file} does not have a valid extension: ${extensions.join(', ')}`)
}

/** One of Python's regular expressions. */
function pattern(text: string): RegExp {
  try {
    return regex(text)
  } catch (error) {
    throw new ModuleFailure(`Invalid regular expression: ${error instanceof Error ? error.message : text}`)
  }
}
