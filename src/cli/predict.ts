import { type Command, Option } from 'commander'
import type { Reply } from '../predictions/ask.ts'
import type { ModelName, Question } from '../predictions/questions.ts'
import { clean } from '../report/text.ts'
import { addProjectFlags } from './on-server.ts'
import { positive } from './reach-flags.ts'
import type { ReachFlags } from './session.ts'

/** What `predict` and `evaluate` both know. */
export interface AskFlags extends ReachFlags {
  readonly url?: string
  readonly model?: ModelName
  readonly timeout: number
  readonly json?: boolean
}

/** `mlops predict`: one text or one row, answered by the running application. */
export function register(program: Command): void {
  addAskFlags(program.command('predict <text-or-row>'))
    .summary('Ask the running application about one text or one row')
    .description(
      'Asks whether the author of a text is American, or, of eight numbers with commas, whether somebody has diabetes:\n' +
        '  mlops predict "#covid19 new york"\n' +
        '  mlops predict 6,148,72,35,0,33.6,0.627,50\n' +
        'Exit status: 0 answered, 2 not.',
    )
    .action(run)
}

export function addAskFlags(command: Command): Command {
  return addProjectFlags(command)
    .option('--url <address>', 'the application, such as http://host:5100 (default: that of the project)')
    .addOption(new Option('--model <name>', 'instead of what the input looks like').choices(['american', 'diabetes']))
    .option('--timeout <seconds>', 'until a question counts as failed', positive, 10)
    .option('--json', 'as JSON')
}

async function run(input: string, flags: AskFlags): Promise<void> {
  const [{ asking, routeOf }, { questionOf }, { addressOf }] = await Promise.all([
    import('../predictions/ask.ts'),
    import('../predictions/question-of.ts'),
    import('./evaluate-run.ts'),
  ])
  const question = questionOf(input, flags.model)
  const base = await addressOf(flags)
  const client = asking(base, { connections: 1, timeoutMs: flags.timeout * 1000 })
  const reply = await client.ask(question).finally(() => client.close())
  const url = routeOf(base, question).href
  if (reply.kind === 'failure') process.exitCode = 2
  if (flags.json) process.stdout.write(`${JSON.stringify({ url, ...question, ...reply }, null, 2)}\n`)
  else if (reply.kind === 'answer') process.stdout.write(clean(text(question, reply)))
  else {
    const { MlopsError } = await import('../errors.ts')
    const says = reply.says === undefined ? '' : `: ${reply.says}`
    const { explainError } = await import('./explain-error.ts')
    const error = new MlopsError('predict.failed', clean(`${url} gave no answer (${reply.reason})${says}`))
    await explainError(error, process.stderr)
  }
}

function text({ model }: Question, reply: Extract<Reply, { kind: 'answer' }>): string {
  const words = model === 'american' ? ['not American', 'American'] : ['no diabetes', 'diabetes']
  const probability = reply.probability === undefined ? '' : `, probability of diabetes ${reply.probability.toFixed(4)}`
  const release =
    reply.modelId === undefined ? `model of ${reply.modelDate}` : `model ${reply.modelId} of ${reply.modelDate}`
  return `${reply.predicted} ${words[reply.predicted]}${probability}\n${release}, version ${reply.version}, ${reply.ms.toFixed(0)} ms\n`
}
