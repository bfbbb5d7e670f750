import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Command } from 'commander'
import { MlopsError } from '../errors.ts'

/** `mlops train`: trains a model of the predictor, in a process of the predictor's own. */
export function register(program: Command): void {
  program
    .command('train')
    .summary("Train the predictor's model")
    .description(
      'Trains a model of the predictor, says how good it is on rows that it did not see, and writes it to a folder that workers serve.',
    )
    .argument('[model]', 'diabetes, or american (default: diabetes)')
    .argument('[options...]', "the predictor's own: mlops train diabetes --help, mlops train american --help")
    // Which options there are is the predictor's matter: all of them, --help too, are passed on as they are.
    .helpOption(false)
    .allowUnknownOption()
    .action(async (_model: unknown, _options: unknown, _flags: unknown, command: Command) => await run(command.args))
}

async function run(args: readonly string[]): Promise<void> {
  // The predictor knows nothing of this program, and this program nothing of it but how it is started.
  const predictor = fileURLToPath(new URL('../../app/dist/main.js', import.meta.url))
  if (!existsSync(predictor)) {
    throw new MlopsError('train.not-built', 'the predictor is not built', { hint: 'run `npm run build`' })
  }
  const training = spawn(process.execPath, [predictor, 'train', ...args], { stdio: 'inherit' })
  // Whoever stops us stops the training, and we stay until it has ended.
  const stop = (signal: NodeJS.Signals) => training.kill(signal)
  process.on('SIGINT', stop).on('SIGTERM', stop)
  try {
    const [status, signal]: unknown[] = await once(training, 'exit')
    if (signal !== null) process.exitCode = 99
    else if (typeof status === 'number' && status !== 0) process.exitCode = status
  } finally {
    process.off('SIGINT', stop).off('SIGTERM', stop)
  }
}
