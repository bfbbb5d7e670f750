import type { ArgTable } from '../schema/arguments.ts'
import { sh } from '../shell/sh.ts'
import { defineState } from './module.ts'
import {
  changeMade,
  diffMade,
  lookAtMade,
  type Made,
  madeArgs,
  madeResult,
  nothingMade,
  readMade,
  wantMade,
} from './parts/made-file.ts'

const table = {
  ...madeArgs,
  size: { type: 'int', default: 4096, doc: 'Their length in bits: 4096 take many minutes.' },
} as const satisfies ArgTable

export const opensslDhparam = defineState({
  summary: 'Makes parameters for the key exchange of Diffie and Hellman, with openssl.',
  args: table,
  examples: `
- openssl_dhparam: path=/etc/ssl/dhparams.pem size=2048
- community.crypto.openssl_dhparam:
    path: /etc/ssl/dhparams.pem
    state: absent
`,
  returnDocs: {
    filename: 'The file.',
    size: 'Their length in bits.',
    dhparams: 'The parameters, with `return_content`.',
    backup_file: 'The backup.',
  },
  look: args => lookAtMade(args, sh`[ ! -f "$p" ] || openssl dhparam -in "$p" -check -noout -text 2>&1; :`),
  read(output, args, inputs): Made {
    const { file, told } = readMade(output, args, inputs)
    if (file.kind === 'absent') return { ...file, fits: 'it is not there' }
    const bits = Number(/\((\d+) bit\)/.exec(told ?? '')?.[1] ?? 0)
    return { ...file, fits: !args.force && bits === args.size ? 'yes' : `${bits} bits` }
  },
  want: (args, from = nothingMade, { checkMode }) => wantMade(args, from, { isNew: from.fits !== 'yes', checkMode }),
  verify: false,
  change: (args, step) =>
    changeMade(args, step, { fill: sh`openssl dhparam -out "$t" ${args.size} 2>/dev/null`, probe: sh`:` }),
  diff: (_args, step) => diffMade(step),
  returns: (args, step) => ({ ...madeResult(args, step, 'dhparams'), size: args.size }),
})
