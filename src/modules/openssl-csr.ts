import type { ArgsOf, ArgTable } from '../schema/arguments.ts'
import { lines, type Script, sh } from '../shell/sh.ts'
import { defineState, ModuleFailure } from './module.ts'
import { csrArgs, csrConfig, csrFacts, subjectProblems } from './parts/csr-config.ts'
import { keyFile, privateKeyArgs, privateKeyChecks, textFile } from './parts/key-file.ts'
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

const table = { ...madeArgs, ...privateKeyArgs, ...csrArgs } as const satisfies ArgTable

type Args = ArgsOf<typeof table>

export const opensslCsr = defineState({
  summary: 'Makes a request for a certificate with openssl.',
  details:
    'A look has openssl make the request in a folder of its own and compares all that both say but the signature.',
  args: table,
  check: args => [...privateKeyChecks(args), ...subjectProblems(args)],
  examples: `
- openssl_csr: path=/etc/ssl/csr/www.example.org.csr privatekey_path=/etc/ssl/private/example.org.pem common_name=www.example.org
- community.crypto.openssl_csr:
    path: /etc/ssl/csr/www.example.org.csr
    privatekey_path: /etc/ssl/private/example.org.pem
    subject: { O: "Example & Co.", OU: [one, two] }
    common_name: www.example.org
    subject_alt_name: ["DNS:www.example.org", "IP:192.0.2.1"]
    key_usage: [digitalSignature, keyEncipherment]
    key_usage_critical: true
    extended_key_usage: [serverAuth]
    basic_constraints: ["CA:FALSE"]
    ocsp_must_staple: true
`,
  returnDocs: {
    filename: 'The file.',
    privatekey: 'The file of the private key.',
    subject: 'The subject, as pairs.',
    subjectAltName: 'Other names of the subject.',
    keyUsage: 'What the key is for.',
    extendedKeyUsage: 'What else it is for.',
    basicConstraints: 'Whether it is for an authority.',
    ocsp_must_staple: 'Whether the server has to staple.',
    csr: 'The request, with `return_content`.',
    backup_file: 'The backup.',
  },
  look: args => lookAtMade(args, args.state === 'absent' ? sh`:` : compared(args)),
  read(output, args, inputs): Made {
    const { file, told } = readMade(output, args, inputs)
    const failed = /^failed (.*)/ms.exec(told ?? '')?.[1]
    if (failed !== undefined && !inputs.checkMode) throw new ModuleFailure(failed.trim())
    if (file.kind === 'absent') return { ...file, fits: 'it is not there' }
    return { ...file, fits: !args.force && told?.trim() === 'same' ? 'yes' : 'another one' }
  },
  want: (args, from = nothingMade, { checkMode }) => wantMade(args, from, { isNew: from.fits !== 'yes', checkMode }),
  verify: false,
  change: (args, step) =>
    changeMade(args, step, {
      fill: lines(sh`{`, made(args, sh`"$t"`), sh`}`),
      probe: sh`:`,
    }),
  diff: (_args, step) => diffMade(step),
  returns: (args, step) => ({
    ...madeResult(args, step, 'csr'),
    ...(args.state === 'absent' ? {} : { privatekey: args.privatekey_path ?? null, ...csrFacts(args) }),
  }),
})

/** Makes the request. */
function made(args: Args, to: Script): Script {
  return lines(
    keyFile(args),
    textFile('config', csrConfig(args)),
    sh`openssl req -new -utf8 -batch -config "$config" -key "$key" -passin env:MLOPS_KEY ${`-${args.digest}`} -out ${to}`,
  )
}

/** Says `same`, `differs` or `failed` and why. */
function compared(args: Args): Script {
  return sh`if ! said=$(
${made(args, sh`"$d/new"`)} 2>&1
); then printf 'failed %s\n' "$said"
elif [ "$(openssl req -in "$p" -noout -text 2>/dev/null | sed '/^    Signature Algorithm/,$d')" = "$(openssl req -in "$d/new" -noout -text | sed '/^    Signature Algorithm/,$d')" ]; then echo same
else echo differs; fi`
}
