import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { Connection } from '../connection/connection.ts'
import { type Shell, shellConnection } from '../modules/step.ts'
import { eraseJob, isJobId, type JobLook, type JobPart, lookAtJob, partOfJob, readJob, startJob } from './job.ts'
import { type Script, sh } from './sh.ts'

describe.each(['dash', 'busybox'] as const)('under %s', shell => {
  test('a job gives the output and the status of each of its parts, whatever bytes they hold', async () => {
    const job = await started(shell, [
      { script: sh`printf 'a\036b\n'; printf '%s' ${"it's $HOME"} >&2; exit 3` },
      { script: sh`cat; echo end`, stdin: 'read\n\n' },
    ])
    const look = await job.ended()
    expect([look.state, look.status, look.stdout]).toEqual(['done', 3, 'a\x1eb\n'])
    expect(look.folder).toBe(job.folder)
    expect(look.begin).toBeGreaterThan(1_000_000_000)
    expect(look.end).toBeGreaterThanOrEqual(look.begin)
    expect(await job.run(partOfJob('j1.2', 1))).toEqual({ status: 3, stdout: 'a\x1eb\n', stderr: "it's $HOME" })
    expect(await job.run(partOfJob('j1.2', 2))).toEqual({ status: 0, stdout: 'read\n\nend\n', stderr: '' })
    expect((await job.run(partOfJob('j1.2', 3))).status).toBe(125)
  })

  test('a job goes on when the line is closed, and keeps no script when it is done', async () => {
    const directory = folder()
    const job = await started(shell, [{ script: sh`until [ -e ${directory}/go ]; do sleep 0.1; done; echo gone on` }])
    expect((await job.look()).state).toBe('running')
    await job.connection.close()
    writeFileSync(join(directory, 'go'), '')
    const again = shellConnection(shell)
    const look = await until(async () => readJob((await run(again, lookAtJob('j1.2'), job.directory)).stdout))
    expect([look.state, look.stdout]).toEqual(['done', 'gone on\n'])
    expect(readdirSync(job.folder).sort()).toEqual(['1.err', '1.out', '1.rc', 'begin', 'done', 'end', 'pid'])
  })

  test('a job that takes too long is ended, with what it started', async () => {
    const directory = folder()
    const job = await started(shell, [{ script: sh`sleep 600 & echo $! >${directory}/pid; wait` }], 1)
    expect((await job.ended()).state).toBe('late')
    const alive = await job.run(
      sh`kill -0 "$(cat ${directory}/pid)" 2>/dev/null && grep -c 'State:.[RS]' "/proc/$(cat ${directory}/pid)/status"; :`,
    )
    expect(alive.stdout).not.toBe('1\n')
  })

  test('a job that was killed from outside is dead, one that was erased is not known', async () => {
    const job = await started(shell, [{ script: sh`sleep 600` }])
    await job.run(
      sh`p=$(cat ${job.folder}/pid); g=
for f in /proc/[0-9]*/stat; do read -r i n s pp r <$f && [ "$pp" = "$p" ] && g="$g -$i"; done 2>/dev/null
kill -KILL "$p"; for i in $g; do kill -KILL "$i"; done`,
    )
    expect((await job.ended()).state).toBe('dead')
    expect(readJob((await job.run(eraseJob('j1.2'))).stdout).state).toBe('done')
    expect((await job.look()).state).toBe('none')
    expect(readJob((await job.run(eraseJob('j1.2'))).stdout).state).toBe('none')
  })
})

test('a name of a job is no path', () => {
  expect(['j12.3', 'a-b_c'].map(isJobId)).toEqual([true, true])
  expect(['..', '.x', 'a/b', '', '-rf', 'a b'].map(isJobId)).toEqual([false, false, false, false, false, false])
})

async function started(shell: Shell, parts: readonly JobPart[], seconds = 120) {
  const connection = shellConnection(shell)
  const directory = folder()
  const own = (script: Script) => run(connection, script, directory)
  const { status, stdout, stderr } = await own(startJob('j1.2', parts, seconds))
  expect([status, stderr]).toEqual([0, ''])
  const look = async () => readJob((await own(lookAtJob('j1.2'))).stdout)
  return { connection, directory, folder: stdout, run: own, look, ended: () => until(look) }
}

async function until(look: () => Promise<JobLook>): Promise<JobLook> {
  for (;;) {
    const seen = await look()
    if (seen.state !== 'running') return seen
  }
}

async function run(connection: Connection, script: Script, directory: string) {
  const [result] = await connection.run([{ script, environment: { ANSIBLE_ASYNC_DIR: join(directory, 'jobs') } }])
  if (result === undefined) throw new Error('no answer')
  return result
}

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), "mlops-job it's-"))
  mkdirSync(path, { recursive: true })
  onTestFinished(() => rmSync(path, { recursive: true, force: true }))
  return path
}
