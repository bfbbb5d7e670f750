import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { extraVars } from '../../../src/cli/extra-vars.ts'
import { connectionOpener } from '../../../src/connection/open.ts'
import { run } from '../../../src/engine/run.ts'
import type { Event } from '../../../src/events.ts'
import { loadInventory } from '../../../src/inventory/load.ts'
import { registry } from '../../../src/modules/registry.ts'
import { loadPlaybook } from '../../../src/playbook/load.ts'
import { eventLine } from '../../../src/report/json.ts'
import { looksAhead } from '../../rig/mlops.ts'
import type { Twin } from '../../rig/twin.ts'
import { answerOf, type ModuleAnswer } from './answer.ts'
import { type ModuleCase, stateScript } from './cases.ts'
import type { Plain } from './plain.ts'

/** Plays a case on the twin with our engine, in this process. */
export async function play(one: ModuleCase, twin: Twin): Promise<ModuleAnswer> {
  const folder = mkdtempSync(join(tmpdir(), 'mlops-modules-'))
  const before = process.cwd()
  let answers: Plain = {}
  try {
    const inventory = `twin ansible_host=${twin.address} ansible_user=ops ansible_ssh_private_key_file=${twin.directory}/key ansible_ssh_common_args="-o UserKnownHostsFile=/dev/null"\n`
    for (const [name, text] of Object.entries({ ...one.files, 'hosts.ini': inventory })) {
      mkdirSync(dirname(join(folder, name)), { recursive: true })
      writeFileSync(join(folder, name), text, { mode: text.startsWith('#!') ? 0o755 : 0o644 })
    }
    process.chdir(folder)
    await run({
      ...loadPlaybook(join(folder, 'site.yml'), { modules: registry }),
      inventory: loadInventory([join(folder, 'hosts.ini')], { playbookDirectory: folder }),
      modules: registry,
      open: connectionOpener({ warn: () => {}, askPassphrase: async () => '' }),
      emit: event => {
        const told = answersIn(event)
        if (told !== undefined) answers = told
      },
      options: {
        inventoryDirectory: folder,
        extraVars: extraVars([]),
        tags: [],
        skipTags: [],
        checkMode: false,
        diffMode: false,
        forks: 1,
        verbosity: 0,
        lookAhead: looksAhead,
        connection: { hostKeyChecking: false, timeoutMs: 30_000 },
      },
    })
    return answerOf(one, { runs: answers, state: twin.sh(stateScript(one)), address: twin.address, folder })
  } finally {
    process.chdir(before)
    rmSync(folder, { recursive: true, force: true })
  }
}

function answersIn(event: Event): Plain | undefined {
  if (event.type !== 'task-finished') return undefined
  const { result } = JSON.parse(eventLine(event)) as { result: { msg: Plain } } // what a reader of events gets
  if (event.outcome === 'unreachable') throw new Error(JSON.stringify(result))
  if (event.task.name !== 'answers') return undefined
  if (event.outcome === 'failed') throw new Error(JSON.stringify(result))
  return result.msg
}
