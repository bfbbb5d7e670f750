import { readFileSync, statSync } from 'node:fs'
import { hostname } from 'node:os'
import { datetime, localClock } from './python/datetime.ts'
import { strftime } from './python/strftime.ts'

export const usualManaged = 'Ansible managed'

/** The names that a template file has of itself, and `ansible_managed`. `name` is the file as a task names it. */
export function fileNames(
  file: string,
  {
    name,
    destination,
    managed = usualManaged,
  }: { name: string; destination?: string | undefined; managed?: string | undefined },
): Readonly<Record<string, unknown>> {
  const { uid, mtimeMs } = statSync(file)
  const owner = ownerName(uid)
  const changed = localClock(Math.floor(mtimeMs))
  const parts: Readonly<Record<string, string>> = { host: hostname(), uid: owner, file: name }
  const text = managed.replace(/\{(host|uid|file)\}/g, (_, key: string) => parts[key] ?? '')
  return {
    ansible_managed: strftime(text, changed),
    template_host: hostname(),
    template_uid: owner,
    template_path: name,
    template_fullpath: file,
    template_destpath: destination ?? null,
    template_mtime: datetime(changed),
    template_run_date: datetime(localClock(Date.now())),
  }
}

function ownerName(uid: number): string {
  try {
    const line = readFileSync('/etc/passwd', 'utf8')
      .split('\n')
      .find(entry => entry.split(':')[2] === String(uid))
    return line?.split(':')[0] ?? String(uid)
  } catch {
    return String(uid)
  }
}
