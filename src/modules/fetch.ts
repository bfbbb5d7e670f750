import { lines, sh } from '../shell/sh.ts'
import { defineAction, type Result } from './module.ts'
import { digestFunction, pathInto } from './parts/file-look.ts'

export const fetch = defineAction({
  summary: 'Keeps a file of the host on the controller.',
  args: {
    src: { type: 'path', required: true, doc: 'The file on the host.' },
    dest: {
      type: 'str',
      required: true,
      doc: 'A folder on the controller: the file goes below it to `HOST/PATH`. With `flat`, the file itself, or a folder with a slash at its end.',
    },
    flat: { type: 'bool', default: false, doc: 'The file goes to `dest` itself.' },
    fail_on_missing: { type: 'bool', default: true, doc: 'Fails when the file cannot be read.' },
    validate_checksum: { type: 'bool', default: true, doc: 'Compares the checksums of both files.' },
  },
  examples: `
- fetch: { src: /var/log/app.log, dest: logs }
- ansible.builtin.fetch: src=/etc/app/id dest=ids/{{ inventory_hostname }} flat=yes fail_on_missing=no
`,
  returnDocs: {
    dest: 'The file on the controller.',
    checksum: 'Its SHA-1.',
    remote_checksum: 'The SHA-1 of the file on the host, when it was fetched.',
    md5sum: 'Its MD5.',
    file: 'The file on the host, when nothing was fetched.',
  },
  act: ({ src }) => ({
    script: lines(
      digestFunction,
      pathInto('p', src),
      sh`if ! [ -e "$p" ]; then echo missing
elif [ -d "$p" ]; then echo directory
elif ! [ -r "$p" ]; then echo unreadable
else digest "$p"; fi
printf '%s' "$p"`,
    ),
  }),
  read({ status, stdout, stderr }, { src, fail_on_missing }): Result {
    if (status !== 0) return { failed: true, msg: stderr.trim() || `exit status ${status}` }
    const end = stdout.indexOf('\n')
    const word = stdout.slice(0, end)
    const problem = PROBLEMS[word]
    if (problem === undefined) {
      return { changed: false, file: stdout.slice(end + 1), remote_checksum: word.slice(0, 40) }
    }
    if (fail_on_missing) return { failed: true, file: src, msg: problem }
    return { changed: false, file: src, msg: `${problem}, not transferring, ignored` }
  },
  saves({ dest, flat, validate_checksum: _ }, { file, remote_checksum }, { host }) {
    if (typeof file !== 'string' || typeof remote_checksum !== 'string') return undefined
    const name = file.slice(file.lastIndexOf('/') + 1)
    const to = flat ? (dest.endsWith('/') ? `${dest}${name}` : dest) : `${dest}/${host.name}/${file}`
    return { from: file, to, sha1: remote_checksum }
  },
})

const PROBLEMS: Readonly<Record<string, string>> = {
  missing: 'the remote file does not exist',
  directory: 'remote file is a directory, fetch cannot work on directories',
  unreadable: 'the remote file cannot be read',
}
