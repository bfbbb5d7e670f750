import type { ArgsOf, ArgTable } from '../schema/arguments.ts'
import { lines, sh } from '../shell/sh.ts'
import { defineState, ModuleFailure } from './module.ts'
import { certificateArgs, certificateProblems, compareCertificates, makeCertificate } from './parts/certificate.ts'
import { privateKeyArgs } from './parts/key-file.ts'
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

const table = { ...madeArgs, ...privateKeyArgs, ...certificateArgs } as const satisfies ArgTable

type Args = ArgsOf<typeof table>

export const x509Certificate = defineState({
  summary: 'Makes a certificate with openssl, signed by its own key or by an authority of yours.',
  details:
    'A look has openssl make the certificate in a folder of its own and compares all that both say but number, times and signature. For `acme`, use a client of your choice.',
  args: table,
  check: args => (args.state === 'absent' ? [] : certificateProblems(args)),
  examples: `
- x509_certificate: path=/etc/ssl/crt/example.org.crt privatekey_path=/etc/ssl/private/example.org.pem csr_path=/etc/ssl/csr/example.org.csr provider=selfsigned
- name: Signed by an authority
  community.crypto.x509_certificate:
    path: /etc/ssl/crt/example.org.crt
    csr_path: /etc/ssl/csr/example.org.csr
    provider: ownca
    ownca_path: /etc/ssl/ca.crt
    ownca_privatekey_path: /etc/ssl/private/ca.pem
    ownca_not_after: "+365d"
- x509_certificate: { path: /etc/ssl/crt/old.crt, state: absent }
`,
  returnDocs: {
    filename: 'The file.',
    certificate: 'The certificate, with `return_content`.',
    backup_file: 'The backup.',
  },
  look: args => lookAtMade(args, args.state === 'absent' ? sh`:` : compareCertificates(args)),
  read(output, args, inputs): Made {
    const { file, told } = readMade(output, args, inputs)
    const failed = /^failed (.*)/ms.exec(told ?? '')?.[1]
    if (failed !== undefined && !inputs.checkMode) throw new ModuleFailure(failed.trim())
    if (file.kind === 'absent') return { ...file, fits: 'it is not there' }
    return { ...file, fits: !args.force && told?.trim() === 'same' ? 'yes' : 'another one' }
  },
  want: (args, from = nothingMade, { checkMode }) => wantMade(args, from, { isNew: from.fits !== 'yes', checkMode }),
  verify: false,
  change: (args: Args, step) =>
    changeMade(args, step, { fill: lines(sh`{`, makeCertificate(args, sh`"$t"`), sh`}`), probe: sh`:` }),
  diff: (_args, step) => diffMade(step),
  returns: (args, step) => madeResult(args, step, 'certificate'),
})
