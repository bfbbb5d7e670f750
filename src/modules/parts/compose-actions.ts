import type { Container } from './compose-look.ts'

/** What tells a container that was left alone from one that was made or started. */
export function identity({ id, state, startedAt }: Container): readonly string[] {
  return [id, state, startedAt]
}

/** A container as it is registered. */
export function shown({ id, name, service, state, imageName, health }: Container): Record<string, string> {
  return { ID: id, Name: name, Service: service, State: state, Image: imageName, Health: health }
}

/** What compose itself said, before the containers are listed. */
export function beforeDone(stdout: string): string {
  return stdout.split('\x1edone\n')[0] ?? ''
}

/** The steps that compose tells of (` Container app-web-1  Started`); version 1 says `Creating app_web_1 ... done`. */
export function actions(text: string): { what: string; id: string; status: string }[] {
  const found: { what: string; id: string; status: string }[] = []
  for (const line of text.split(/[\r\n]+/)) {
    const two =
      /^\s*(Container|Network|Volume|Image|Service) (\S+)\s+(Created|Started|Recreated|Stopped|Removed|Restarted|Built|Pulled)\s*$/.exec(
        line,
      )
    const one =
      /^(Creating|Starting|Recreating|Stopping|Removing|Restarting)(?: (network|volume))? "?(\S+?)"?(?:\s+(?:with .*|\.\.\. done))?$/.exec(
        line,
      )
    if (two) found.push({ what: (two[1] ?? '').toLowerCase(), id: two[2] ?? '', status: two[3] ?? '' })
    else if (one && !line.endsWith('... '))
      found.push({ what: one[2] ?? 'container', id: one[3] ?? '', status: one[1] ?? '' })
  }
  return found
}
