import { sh } from '../shell/sh.ts'
import { defineAction, type Result } from './module.ts'
import { attributeResult, attributeReturns, parseStat, statFormat } from './parts/attributes.ts'
import { pathInto } from './parts/file-look.ts'

export const tempfile = defineAction({
  summary: 'Makes a file or folder with a name that nobody else has.',
  args: {
    state: { type: 'str', default: 'file', choices: ['file', 'directory'], doc: 'What is made.' },
    path: { type: 'path', doc: 'The folder that it is made in; that of the host by default.' },
    prefix: { type: 'str', default: 'ansible.', doc: 'What the name begins with.' },
    suffix: { type: 'str', default: '', doc: 'What the name ends with.' },
  },
  check: ({ prefix, suffix }) =>
    [prefix, suffix].some(part => part?.includes('/')) ? ['`prefix` and `suffix` hold no `/`'] : [],
  examples: `
- tempfile: { state: directory, suffix: build }
  register: build
- file: { path: "{{ build.path }}", state: absent }
`,
  returnDocs: { path: 'The file or folder.', ...attributeReturns },
  act: ({ state, path, prefix, suffix }) => ({
    // BusyBox's mktemp knows no suffix: only its random part is used. Taking a name that is there must fail.
    script: sh`
${path === undefined ? sh`p=\${TMPDIR:-/tmp}` : pathInto('p', path)}
umask 077
tries=0
while [ "$tries" -lt 20 ]; do
  tries=$((tries + 1))
  random=$(mktemp -u XXXXXXXX) || exit
  new=$p/${prefix}"$random"${suffix}
  ${state === 'directory' ? sh`mkdir -- "$new" 2>/dev/null` : sh`(set -C; : >"$new") 2>/dev/null`} && { stat -c ${statFormat} -- "$new"; printf '%s' "$new"; exit 0; }
done
printf 'no file can be made in %s\n' "$p" >&2
exit 1`,
  }),
  read({ status, stdout, stderr }): Result {
    if (status !== 0) return { failed: true, msg: stderr.trim() || `exit status ${status}` }
    const end = stdout.indexOf('\n')
    const attributes = parseStat(stdout.slice(0, end))
    return { changed: true, path: stdout.slice(end + 1), ...(attributes ? attributeResult(attributes) : {}) }
  },
})
