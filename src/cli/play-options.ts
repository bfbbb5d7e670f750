import type { RunOptions } from '../engine/engine.ts'
import { MlopsError } from '../errors.ts'
import { clean } from '../report/text.ts'
import type { PlayFlags } from './play.ts'
import { ask } from './prompt.ts'
import { runOptions, type Session } from './session.ts'

/** The settings of a play: those of every run, and the flags of `mlops play`. */
export function playOptions(flags: PlayFlags, session: Session): RunOptions {
  const base = runOptions(flags, session)
  return {
    ...base,
    limit: flags.limit,
    tags: flags.tags ?? session.settings.tags,
    skipTags: flags.skipTags ?? session.settings.skipTags,
    checkMode: flags.check === true,
    diffMode: flags.diff === true || session.settings.diff,
    verbosity: Math.max(base.verbosity, flags.verbose ?? 0),
    lookAhead: base.lookAhead && flags.lookAhead !== false,
    startAtTask: flags.startAtTask,
    ...((flags.forceHandlers ?? session.settings.forceHandlers) ? { forceHandlers: true } : {}),
    ...(session.settings.taskDebugger ? { debugAlways: true } : {}),
    ...(flags.step ? { confirmTask: confirm } : {}),
  }
}

/** Questions hold the live view back while they stand on the terminal. */
export function withQuestions(options: RunOptions, held: <T>(question: () => Promise<T>) => Promise<T>): RunOptions {
  const { become, confirmTask } = options
  return {
    ...options,
    ...(confirmTask ? { confirmTask: name => held(() => confirmTask(name)) } : {}),
    ...(become?.password
      ? { become: { ...become, password: () => held(become.password as () => Promise<string>) } } // it is there: asked for in this line
      : {}),
    // a plan is what it is
    ...(process.stdin.isTTY && !options.approve
      ? { debug: (shown, prompt) => held(() => command(shown, prompt)) }
      : {}),
    ask: prompt =>
      held(async () => {
        // as Ansible does where nobody can be asked
        if (!process.stdin.isTTY && prompt.default !== undefined) return prompt.default
        for (;;) {
          const question = `${prompt.text}${prompt.default === undefined ? '' : ` [${prompt.default}]`}: `
          const answer =
            (await ask(question, { secret: prompt.secret, hint: 'give the variable: -e name=value' })) ||
            (prompt.default ?? '')
          if (!prompt.confirm || answer === (await ask(`confirm ${question}`, { secret: prompt.secret }))) return answer
          process.stderr.write('***** VALUES ENTERED DO NOT MATCH ****\n')
        }
      }),
  }
}

/** Ctrl-C and Ctrl-D end the play. */
async function command(shown: string, prompt: string): Promise<string | undefined> {
  if (shown !== '') process.stderr.write(`${clean(shown)}\n`)
  try {
    return await ask(prompt)
  } catch (error) {
    if (error instanceof MlopsError && error.code === 'cli.interrupted') return undefined
    throw error
  }
}

async function confirm(name: string): Promise<'yes' | 'no' | 'continue'> {
  const answer = (await ask(`Perform task: ${name} (N)o/(y)es/(c)ontinue: `, { hint: 'leave out --step' }))
    .trim()
    .toLowerCase()
  if (answer.startsWith('y')) return 'yes'
  return answer.startsWith('c') ? 'continue' : 'no'
}
