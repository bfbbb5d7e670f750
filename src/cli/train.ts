import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Command } from 'commander'
import { MlopsError } from '../errors.ts'

interface Flags {
  readonly data?: string
  readonly modelDir?: string
  readonly epochs?: string
  readonly batchSize?: string
  readonly seed?: string
}

/** `mlops train`: trains the predictor's model, in a process of the predictor's own. */
export function register(program: Command): void {
  program
    .command('train')
    .summary("Train the predictor's model")
    .description(
      'Trains a model on four fifths of a table, says how good it is on the rest, and writes it to a folder that workers serve.',
    )
    .option('--data <file>', 'comma-separated numbers, the label (0 or 1) last (default: the packaged diabetes table)')
    .option('--model-dir <folder>', 'where the model goes (default: the packaged model)')
    .option('--epochs <number>', 'how often each row is seen (default: 150)')
    .option('--batch-size <number>', 'rows a step (default: 10)')
    .option('--seed <number>', 'the same seed gives the same model (default: 7)')
    .action(run)
}

async function run(flags: Flags): Promise<void> {
  // The predictor knows nothing of this program, and this program nothing of it but how it is started.
  const predictor = fileURLToPath(new URL('../../app/dist/main.js', import.meta.url))
  if (!existsSync(predictor)) {
    throw new MlopsError('train.not-built', 'the predictor is not built', { hint: 'run `npm run build`' })
  }
  const training = spawn(process.execPath, [predictor, 'train', ...argumentsOf(flags)], { stdio: 'inherit' })
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

function argumentsOf({ data, modelDir, epochs, batchSize, seed }: Flags): string[] {
  const given = {
    '--data': data,
    '--model-dir': modelDir,
    '--epochs': epochs,
    '--batch-size': batchSize,
    '--seed': seed,
  }
  // Joined by `=`, so that a value that begins with a dash stays a value.
  return Object.entries(given).flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${value}`]))
}
