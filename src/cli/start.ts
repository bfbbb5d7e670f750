// What bin/mlops loads: it starts the program, which is one script, with the code that V8 compiled for it in an earlier run.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join, parse } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { Script } from 'node:vm'
import { codeFile, readCode, writeCode } from './code-cache.ts'
import { requireLate } from './late-builtins.ts'

/** The file name of the program, which holds the digest of what is in it. */
declare const MLOPS_PROGRAM: string

const program = join(__dirname, MLOPS_PROGRAM)
const require = createRequire(program)
// who debugs or measures what is covered gets what Node itself would load
const isWatched = process.sourceMapsEnabled || process.env['NODE_V8_COVERAGE']
const main: Program = isWatched ? require(program) : scriptFrom(program)
main(isWatched ? require : requireLate(require), { exports: {} }, program, __dirname)

/** The program as the build writes it: a function with what CommonJS has for a module. */
type Program = (require: NodeJS.Require, module: { exports: object }, filename: string, dirname: string) => void

function scriptFrom(program: string): Program {
  setUpEngine()
  const file = codeFile(parse(program).name, partOf(process.argv.slice(2)))
  const kept = file === undefined ? undefined : readCode(file)
  // the build sees to it that all of it is ASCII, and V8 is handed one byte a character far sooner
  const source = readFileSync(program, 'latin1')
  const script = new Script(source, {
    filename: program,
    ...(kept ? { cachedData: kept.code } : {}),
  })
  if (file !== undefined && (!kept || kept.isOld || script.cachedDataRejected === true))
    process.on('exit', status => {
      // wrong use ends before much of the command was needed
      if (status !== 1) writeCode(file, script.createCachedData())
    })
  return script.runInThisContext()
}

/** Settings of V8, which has to have the same when code is kept and when it is read. */
function setUpEngine(): void {
  // at the end of a long run, what its start needed shall still be there to be kept
  setFlagsFromString('--no-flush-bytecode')
  // marking in steps spares pauses that nobody here would notice, and takes a tenth of the processor time of a run
  setFlagsFromString('--no-incremental-marking')
  // most runs are over before optimized code pays: V8 11 (Node 20) would spend a third of their processor time on it
  if (process.versions.v8.startsWith('11.')) setFlagsFromString('--interrupt-budget=1000000')
}

/** Commands use different parts of the program, and what only looks at files uses less of them. */
function partOf(args: readonly string[]): string {
  const command = args.find(arg => !arg.startsWith('-')) ?? 'none'
  const isShort = args.some(arg => /^(?:-h|--help|--syntax-check|--list-(?:hosts|tasks|tags))$/.test(arg))
  return `${/^[a-z\d]{1,20}$/.test(command) ? command : 'other'}${isShort ? '-short' : ''}`
}
