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
  let known: { readonly owner: string; readonly changed: ReturnType<typeof localClock> } | undefined
  const about = () => (known ??= aboutFile(file))
  // few templates ask
  return {
    get ansible_managed() {
      const parts: Readonly<Record<string, string>> = { host: hostname(), uid: about().owner, file: name }
      const text = managed.replace(/\{(host|uid|file)\}/g, (_, key: string) => parts[key] ?? '')
      return strftime(text, about().changed)
    },
    get template_host() {
      return hostname()
    },
    get template_uid() {
      return about().owner
    },
    template_path: name,
    template_fullpath: file,
    template_destpath: destination ?? null,
    get template_mtime() {
      return datetime(about().changed)
    },
    get template_run_date() {
      return datetime(localClock(Date.now()))
    },
  }
}

function aboutFile(file: string) {
  const { uid, mtimeMs } = statSync(file)
  return { owner: ownerName(uid), changed: localClock(Math.floor(mtimeMs)) }
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
