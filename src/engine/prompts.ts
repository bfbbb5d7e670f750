import { MlopsError } from '../errors.ts'
import type { Play, VarsPrompt } from '../playbook/types.ts'
import { passwordHash } from '../template/template.ts'
import { given, type Layer, written } from '../variables/variables.ts'
import type { World } from './world.ts'

/** Answers of `vars_prompt`, asked once a play. Extra variables answer without asking. */
export async function askPrompts(world: World, play: Play): Promise<Readonly<Record<string, unknown>>> {
  const { secrets, run } = world
  const answers: Record<string, unknown> = {}
  for (const prompt of play.varsPrompt) {
    if (Object.hasOwn(run.options.extraVars, prompt.name)) continue
    const answer = await answerTo(prompt, world, play)
    if (prompt.private) secrets.add(answer)
    answers[prompt.name] = prompt.encrypt ? passwordHash(answer, prompt.encrypt.kind, prompt.encrypt) : answer
  }
  return answers
}

/** The answers as variables: what is `unsafe`, or a hash, is never opened as a template. */
export function promptLayers({ varsPrompt }: Play, answers: Readonly<Record<string, unknown>>): Layer[] {
  const closed = (name: string) => varsPrompt.some(each => each.name === name && (each.unsafe || each.encrypt))
  const part = (wanted: boolean) =>
    Object.fromEntries(Object.entries(answers).filter(([name]) => closed(name) === wanted))
  return [written('vars_prompt', 'vars_prompt', part(false)), given('vars_prompt', 'vars_prompt', part(true))]
}

async function answerTo(prompt: VarsPrompt, world: World, play: Play): Promise<string> {
  const { options } = world.run
  const names = namesOf(world, play)
  const open = (text: VarsPrompt['prompt']) => String(names.written(text))
  const standard = prompt.default && open(prompt.default)
  if (options.ask)
    return options.ask({
      text: open(prompt.prompt),
      secret: prompt.private,
      default: standard,
      confirm: prompt.confirm,
    })
  if (standard !== undefined) return standard
  throw new MlopsError('playbook.prompt', `vars_prompt asks for \`${prompt.name}\` and nobody can answer`, {
    at: play.at,
    hint: `give it with -e ${prompt.name}=…`,
  })
}

/** What questions may name: variables of the play and extra variables, of no host. */
function namesOf(world: World, play: Play) {
  const any = world.stateOf('localhost')
  const layers = [written('play vars', 'vars of the play', play.vars.value)]
  return world.nameSpace.names(any, {
    play,
    view: { name: play.name, directory: play.directory, roles: play.roles, batch: [], all: [] },
    playLayers: new Map([[any, layers]]),
  })
}
