import { ModuleFailure } from '../module.ts'

/** A time of the arguments: as `touch -t` and as `date -d` read it. Undefined for `now`, `preserve` and nothing. */
export function touchTime(text: string | undefined): { stamp: string; human: string } | undefined {
  if (text === undefined || text === 'now' || text === 'preserve') return undefined
  const [, year, month, day, hour, minute, second] = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)\.(\d\d)$/.exec(text) ?? []
  if (year === undefined) throw new ModuleFailure(`${text} is no time: now, preserve or YYYYMMDDhhmm.ss is`)
  return { stamp: text, human: `${year}-${month}-${day} ${hour}:${minute}:${second}` }
}
