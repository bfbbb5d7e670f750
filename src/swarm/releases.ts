import { parse } from 'yaml'
import type { Line } from '../engine/line.ts'
import { lines, script, sh } from '../shell/sh.ts'
import { projectLabel } from './blueprint.ts'
import { run } from './look.ts'
import { digestOf, type StackFile, stackText } from './stack.ts'

/** What was deployed, as the swarm itself remembers it: every manager knows it. */
export interface Release {
  readonly number: number
  readonly stack: StackFile
}

/** Releases that can be gone back to, with the one in force. */
const kept = 5

/** The releases of a project, the latest first. */
export async function releasesOf(manager: Line, project: string): Promise<Release[]> {
  const look = lines(
    sh`names=$(docker config ls --filter ${`label=${projectLabel}=${project}`} --filter ${`name=${prefix(project)}`} --format '{{.Name}}') || exit`,
    script(`[ -z "$names" ] || docker config inspect --format '{{.Spec.Name}} {{json .Spec.Data}}' $names`),
  )
  return (await run(manager, look, 'the manager'))
    .split('\n')
    .filter(line => line.startsWith(prefix(project)))
    .map(line => {
      const [name = '', data = '""'] = line.split(' ')
      const text = Buffer.from(JSON.parse(data), 'base64').toString('utf8')
      return { number: Number(name.slice(prefix(project).length)), stack: parse(text) as StackFile } // what we wrote
    })
    .sort((a, b) => b.number - a.number)
}

/** Remembers what was deployed, forgets what is too long ago, and the models that nothing which is kept serves. */
export async function keepRelease(manager: Line, project: string, stack: StackFile): Promise<void> {
  const before = await releasesOf(manager, project)
  const number = (before[0]?.number ?? 0) + 1
  const label = `${projectLabel}=${project}`
  await run(
    manager,
    sh`docker config create --label ${label} -- ${prefix(project) + number} - >/dev/null`,
    'the manager',
    stackText(stack),
  )
  const old = before.slice(kept - 1)
  const needed = [stack, ...before.slice(0, kept - 1).map(release => release.stack)]
  const names = new Set(needed.flatMap(({ configs }) => Object.values(configs).map(({ name }) => name)))
  const unneeded = old
    .flatMap(({ stack }) => Object.values(stack.configs).map(({ name }) => name))
    .filter(name => !names.has(name))
  const gone = [...old.map(release => prefix(project) + release.number), ...new Set(unneeded)]
  // one that a container still has goes the next time
  if (gone.length > 0) await run(manager, sh`docker config rm ${gone} >/dev/null 2>&1 || :`, 'the manager')
}

/** Whether two stacks ask for the same, their numbers of copies apart. */
export function isSameStack(a: StackFile, b: StackFile): boolean {
  const digests = ({ services }: StackFile) =>
    JSON.stringify(Object.entries(services).map(([name, service]) => [name, digestOf(service)]))
  return digests(a) === digests(b)
}

function prefix(project: string): string {
  return `${project}_release-`
}
