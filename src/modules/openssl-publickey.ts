import type { ArgsOf, ArgTable } from '../schema/arguments.ts'
import { section, sections } from '../shell/sections.ts'
import { lines, type Script, sh } from '../shell/sh.ts'
import { defineState, ModuleFailure } from './module.ts'
import { digests, keyFile, privateKeyArgs, privateKeyChecks } from './parts/key-file.ts'
import {
  changeMade,
  diffMade,
  lookAtMade,
  type Made,
  madeArgs,
  madeResult,
  nothingMade,
  readMade,
  toldOf,
  wantMade,
} from './parts/made-file.ts'

const table = {
  ...madeArgs,
  ...privateKeyArgs,
  format: { type: 'str', choices: ['OpenSSH', 'PEM'], default: 'PEM', doc: 'The format of the file.' },
} as const satisfies ArgTable

type Args = ArgsOf<typeof table>

export const opensslPublickey = defineState({
  summary: 'Writes the public key of a private key, with openssl.',
  args: table,
  check: args => privateKeyChecks(args),
  examples: `
- openssl_publickey: path=/etc/ssl/public/ansible.com.pem privatekey_path=/etc/ssl/private/ansible.com.pem
- community.crypto.openssl_publickey:
    path: /home/deploy/.ssh/id.pub
    privatekey_path: /home/deploy/.ssh/id
    format: OpenSSH
    mode: "0644"
`,
  returnDocs: {
    filename: 'The file.',
    privatekey: 'The file of the private key.',
    format: 'The format.',
    fingerprint: 'Digests of the key, by algorithm.',
    publickey: 'The key, with `return_content`.',
    backup_file: 'The backup.',
  },
  look: args => lookAtMade(args, probe(args)),
  read(output, args, inputs): Made {
    const { file, told } = readMade(output, args, inputs)
    const wanted =
      sections(told ?? '')
        .get('wanted')
        ?.trim() ?? ''
    if (wanted === '' && args.state === 'present' && !inputs.checkMode)
      throw new ModuleFailure(`The private key ${args.privatekey_path ?? ''} does not exist or cannot be read`)
    const is =
      sections(told ?? '')
        .get('is')
        ?.trim() ?? ''
    const fits = args.force ? 'it is made anew each time' : is === wanted ? 'yes' : 'another key'
    return { ...file, fits: file.kind === 'absent' ? 'it is not there' : fits, ...(told === undefined ? {} : { told }) }
  },
  want: (args, from = nothingMade, { checkMode }) => wantMade(args, from, { isNew: from.fits !== 'yes', checkMode }),
  verify: false,
  change: (args, step) =>
    changeMade(args, step, {
      fill: sh`{ ${keyFile(args)}
${output(args)} >"$t"; }`,
      probe: probe(args),
    }),
  diff: (_args, step) => diffMade(step),
  returns: (args, step) => ({
    ...madeResult(args, step, 'publickey'),
    ...(args.state === 'absent'
      ? {}
      : {
          privatekey: args.privatekey_path ?? null,
          format: args.format,
          fingerprint: digests(sections(toldOf(step)).get('der') ?? ''),
        }),
  }),
})

function probe(args: Args): Script {
  if (args.state === 'absent') return sh`:`
  // the comment of a key of OpenSSH counts for nothing
  const bare = args.format === 'OpenSSH' ? sh`| cut -d ' ' -f 1,2` : sh``
  return lines(
    keyFile(args),
    section('wanted'),
    sh`${output(args)} 2>/dev/null ${bare}`,
    section('is'),
    sh`cat -- "$p" 2>/dev/null ${bare}`,
    section('der'),
    sh`openssl pkey -in "$key" -passin env:MLOPS_KEY -pubout -outform DER 2>/dev/null | openssl base64 -A
:`,
  )
}

function output({ format, privatekey_passphrase: secret }: Args): Script {
  if (format === 'PEM') return sh`openssl pkey -in "$key" -passin env:MLOPS_KEY -pubout`
  // ssh-keygen takes a key only that nobody else may read, and a passphrase only on its command line
  return secret === undefined
    ? sh`cp -- "$key" "$d/own" && ssh-keygen -P '' -y -f "$d/own"`
    : sh`openssl pkey -in "$key" -passin env:MLOPS_KEY -out "$d/own" && ssh-keygen -P '' -y -f "$d/own"`
}
