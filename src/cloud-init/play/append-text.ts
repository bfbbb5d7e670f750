import { defineState } from '../../modules/module.ts'
import { sh } from '../../shell/sh.ts'

/** Adds a text to the end of a file that does not hold it yet: `write_files` with `append`, which can be played again. */
export const appendText = defineState({
  summary: 'Adds a text to the end of a file.',
  args: {
    path: { type: 'path', required: true, doc: 'The file; it is made where it is missing.' },
    content: { type: 'str', required: true, doc: 'What it must hold.' },
  },
  examples: '',
  // the shell drops line breaks at the end of both
  look: ({ path, content }) => sh`
text=$(printf '%s' ${content})
case $(cat -- ${path} 2>/dev/null) in *"$text"*) echo held ;; *) echo missing ;; esac`,
  read: ({ stdout }) => ({ held: stdout.trim() === 'held' }),
  want: () => ({ held: true }),
  change: ({ path, content }) => ({ stdin: content, script: sh`cat >>${path}` }),
  diff: ({ path, content }) => ({ before_header: path, after_header: path, before: '', after: content }),
})
