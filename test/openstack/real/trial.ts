import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Server } from '../../../src/providers/provider.ts'
import { mlops, type Ran, type RunOptions } from '../../rig/mlops.ts'
import { rcVariables, withoutCloud } from '../lab.ts'
import { type Recorder, type RecorderOptions, startRecorder } from '../recorder.ts'
import { projectFile } from '../scenarios.ts'

/** A project in a folder of its own, whose cloud is spoken to through a recorder. */
export interface Trial {
  readonly directory: string
  readonly recorder: Recorder
  /** Runs the program there, with the variables of the RC file. */
  run(args: readonly string[], options?: Pick<RunOptions, 'env' | 'onStart'>): Promise<Ran>
  /** As the program wrote them down. */
  servers(): Server[]
  /** Destroys what there is, and removes the folder. */
  stop(): Promise<void>
}

interface TrialOptions extends RecorderOptions {
  readonly settings?: Readonly<Record<string, unknown>>
  readonly servers?: readonly string[] | undefined
}

export async function startTrial({ settings = {}, servers, ...options }: TrialOptions): Promise<Trial> {
  const rc = rcVariables()
  const recorder = await startRecorder(rc['OS_AUTH_URL'] ?? '', options)
  const directory = mkdtempSync(join(tmpdir(), 'mlops-openstack-'))
  writeFileSync(join(directory, 'mlops.yml'), projectFile(settings, servers))
  const run: Trial['run'] = (args, { env, ...more } = {}) =>
    mlops(args, {
      cwd: directory,
      env: { ...withoutCloud(process.env), ...rc, OS_AUTH_URL: recorder.authUrl, ...env },
      ...more,
    })
  return {
    directory,
    recorder,
    run,
    // Written by the program.
    servers: () => JSON.parse(readFileSync(join(directory, '.mlops/servers.json'), 'utf8')) as Server[],
    stop: async () => {
      const { status, stderr } = await run(['destroy', '--yes'])
      await recorder.close()
      rmSync(directory, { recursive: true, force: true })
      if (status !== 0) throw new Error(stderr)
    },
  }
}
