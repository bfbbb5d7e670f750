import { lines, sh } from '../shell/sh.ts'
import { defineAction } from './module.ts'
import { contentFunction, decoded, pathInto } from './parts/file-look.ts'

export const slurp = defineAction({
  summary: 'Reads a file of the host into a variable.',
  args: {
    src: { type: 'path', doc: 'The file.', required: true, aliases: ['path'] },
  },
  examples: `
- slurp: src=/etc/machine-id
  register: machine
- debug: msg="{{ machine.content | b64decode }}"
`,
  returnDocs: { content: 'The bytes in base64.', encoding: '`base64`.', source: 'The file.' },
  readOnly: true,
  act: ({ src }) => ({
    script: lines(
      contentFunction,
      pathInto('p', src),
      sh`[ -e "$p" ] || { printf 'file not found: %s\n' "$p" >&2; exit 1; }
[ -d "$p" ] && { printf 'source is a directory and must be a file: %s\n' "$p" >&2; exit 1; }
[ -r "$p" ] || { printf 'file is not readable: %s\n' "$p" >&2; exit 1; }
content "$p"`,
    ),
  }),
  read({ status, stdout, stderr }, { src }) {
    if (status !== 0) return { failed: true, msg: stderr.trim() }
    const bytes = decoded(stdout.trim()) ?? Buffer.alloc(0)
    return { changed: false, content: bytes.toString('base64'), encoding: 'base64', source: src }
  },
})
