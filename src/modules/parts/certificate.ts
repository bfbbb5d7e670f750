import type { ArgsOf, ArgTable } from '../../schema/arguments.ts'
import { lines, type Script, sh } from '../../shell/sh.ts'
import { pathWord } from '../../shell/words.ts'
import { ModuleFailure } from '../module.ts'
import { keyFile, textFile } from './key-file.ts'

const client = 'use `command` with a client of your choice'
const identifiers = ['create_if_not_provided', 'always_create', 'never_create'] as const

/** How a certificate is made, beside the arguments of its file and its key. */
export const certificateArgs = {
  provider: {
    type: 'str',
    choices: ['acme', 'entrust', 'ownca', 'selfsigned'],
    doc: 'Who signs: its own key, or an authority of yours.',
  },
  csr_path: { type: 'path', doc: 'The request.' },
  csr_content: { type: 'str', doc: 'The request itself, in place of its path.' },
  ignore_timestamps: { type: 'bool', default: true, doc: 'Other times make no new certificate.' },
  selfsigned_version: { type: 'int', default: 3, choices: [3], doc: 'The version.' },
  selfsigned_digest: { type: 'str', default: 'sha256', doc: 'The digest that is signed.' },
  selfsigned_not_before: {
    type: 'str',
    default: '+0s',
    aliases: ['selfsigned_notBefore'],
    doc: 'From when it counts: `+1d2h`, or a time as `20300131000000Z`.',
  },
  selfsigned_not_after: {
    type: 'str',
    default: '+3650d',
    aliases: ['selfsigned_notAfter'],
    doc: 'Until when it counts.',
  },
  selfsigned_create_subject_key_identifier: {
    type: 'str',
    choices: identifiers,
    default: 'create_if_not_provided',
    doc: 'Whether the key’s identifier is added.',
  },
  ownca_path: { type: 'path', doc: 'The certificate of the authority.' },
  ownca_content: { type: 'str', doc: 'That certificate itself, in place of its path.' },
  ownca_privatekey_path: { type: 'path', doc: 'The key of the authority.' },
  ownca_privatekey_content: { type: 'str', secret: true, doc: 'That key itself, in place of its path.' },
  ownca_privatekey_passphrase: { type: 'str', secret: true, doc: 'Its passphrase.' },
  ownca_digest: { type: 'str', default: 'sha256', doc: 'The digest that is signed.' },
  ownca_version: { type: 'int', default: 3, choices: [3], doc: 'The version.' },
  ownca_not_before: { type: 'str', default: '+0s', doc: 'From when it counts.' },
  ownca_not_after: { type: 'str', default: '+3650d', doc: 'Until when it counts.' },
  ownca_create_subject_key_identifier: {
    type: 'str',
    choices: identifiers,
    default: 'create_if_not_provided',
    doc: 'Whether the key’s identifier is added.',
  },
  ownca_create_authority_key_identifier: {
    type: 'bool',
    default: true,
    doc: 'Adds the identifier of the authority’s key.',
  },
  acme_accountkey_path: { type: 'path', doc: 'Key of an account.', unsupported: client },
  acme_challenge_path: { type: 'path', doc: 'Folder of challenges.', unsupported: client },
  acme_chain: { type: 'bool', doc: 'Adds what is between.', unsupported: client },
  acme_directory: { type: 'str', doc: 'Address of the authority.', unsupported: client },
  entrust_cert_type: { type: 'str', doc: 'Kind of certificate.', unsupported: client },
  entrust_requester_email: { type: 'str', doc: 'Who asks.', unsupported: client },
  entrust_requester_name: { type: 'str', doc: 'Who asks.', unsupported: client },
  entrust_requester_phone: { type: 'str', doc: 'Who asks.', unsupported: client },
  entrust_api_user: { type: 'str', doc: 'Who logs in.', unsupported: client },
  entrust_api_key: { type: 'str', secret: true, doc: 'The key for it.', unsupported: client },
  entrust_api_client_cert_path: { type: 'path', doc: 'Own certificate.', unsupported: client },
  entrust_api_client_cert_key_path: { type: 'path', doc: 'Key of it.', unsupported: client },
  entrust_not_after: { type: 'str', doc: 'Until when it counts.', unsupported: client },
  entrust_api_specification_path: { type: 'path', doc: 'The API.', unsupported: client },
} as const satisfies ArgTable

type CertificateArgs = ArgsOf<typeof certificateArgs> & Parameters<typeof keyFile>[0] & { readonly path: string }

export function certificateProblems(args: Partial<CertificateArgs>): string[] {
  const { provider } = args
  if (provider === undefined) return ['`provider` is needed']
  if (provider === 'acme' || provider === 'entrust') return [`\`provider: ${provider}\` is not supported: ${client}`]
  const one = (a: keyof CertificateArgs, b: keyof CertificateArgs, required: boolean) => {
    if (args[a] !== undefined && args[b] !== undefined) return [`\`${a}\` and \`${b}\` exclude each other`]
    return required && args[a] === undefined && args[b] === undefined ? [`one of \`${a}\` and \`${b}\` is needed`] : []
  }
  const times = [args.selfsigned_not_before, args.selfsigned_not_after, args.ownca_not_before, args.ownca_not_after]
  return [
    ...one('csr_path', 'csr_content', provider === 'ownca'),
    ...(provider === 'ownca'
      ? [...one('ownca_path', 'ownca_content', true), ...one('ownca_privatekey_path', 'ownca_privatekey_content', true)]
      : one('privatekey_path', 'privatekey_content', true)),
    ...times.filter(time => time !== undefined && seconds(time) === undefined && !absolute.test(time)).map(noTime),
  ]
}

const absolute = /^\d{12}(\d{2})?Z$/

function noTime(time: string | undefined): string {
  return `${time} is no time: write \`+365d\`, \`-1w2d3h4m5s\` or \`20300131000000Z\``
}

/** Makes the certificate with `openssl ca`, which can set both times and copy what the request asks for. */
export function makeCertificate(args: CertificateArgs, to: Script): Script {
  const own = args.provider === 'selfsigned'
  const [before, after, digest, identifier] = own
    ? [
        args.selfsigned_not_before,
        args.selfsigned_not_after,
        args.selfsigned_digest,
        args.selfsigned_create_subject_key_identifier,
      ]
    : [args.ownca_not_before, args.ownca_not_after, args.ownca_digest, args.ownca_create_subject_key_identifier]
  const signer = own
    ? sh`-selfsign -keyfile "$key" -passin env:MLOPS_KEY`
    : sh`-cert "$ca" -keyfile "$ca_key" -passin env:MLOPS_KEY`
  return lines(
    own
      ? keyFile(args)
      : keyFile({
          privatekey_path: args.ownca_privatekey_path,
          privatekey_content: args.ownca_privatekey_content,
          privatekey_passphrase: args.ownca_privatekey_passphrase,
        }),
    !own && sh`ca_key=$key`,
    !own &&
      (args.ownca_content === undefined
        ? sh`ca=${pathWord(args.ownca_path ?? '')}`
        : textFile('ca', args.ownca_content)),
    request(args),
    // an identifier that the request brings is kept
    identifier === 'never_create'
      ? sh`identifier=`
      : identifier === 'always_create'
        ? sh`identifier=subjectKeyIdentifier=hash`
        : sh`identifier=subjectKeyIdentifier=hash
if openssl req -in "$csr" -noout -text 2>/dev/null | grep -q 'Subject Key Identifier'; then identifier=; fi`,
    sh`config="$d/ca.conf"; mkdir -p "$d/new_certs"; : >"$d/index"; openssl rand -hex 16 >"$d/serial"
printf '%s\n' '[ca]' 'default_ca = own' '[own]' "database = $d/index" "serial = $d/serial" "new_certs_dir = $d/new_certs" 'policy = policy' 'preserve = yes' 'email_in_dn = yes' 'unique_subject = no' 'copy_extensions = copy' 'x509_extensions = extensions' '[policy]' 'commonName = optional' '[extensions]' "$identifier" ${!own && args.ownca_create_authority_key_identifier ? 'authorityKeyIdentifier = keyid' : ''} >"$config"
openssl ca -batch -notext -utf8 -config "$config" -in "$csr" ${signer} -md ${digest} -startdate ${time(before)} -enddate ${time(after)} -out ${to} >"$d/said" 2>&1 || { tail -n 3 "$d/said" >&2; false; }`,
  )
}

/** Without a request, the subject is empty. */
function request(args: CertificateArgs): Script {
  if (args.csr_content !== undefined) return textFile('csr', args.csr_content)
  if (args.csr_path !== undefined) return sh`csr=${pathWord(args.csr_path)}`
  return sh`csr="$d/csr"; printf '[req]\nprompt = no\ndistinguished_name = dn\n[dn]\n' >"$d/req.conf"
openssl req -new -batch -config "$d/req.conf" -subj / -key "$key" -passin env:MLOPS_KEY -out "$csr" || false`
}

/** Says `same`, `differs` or `failed` and why. */
export function compareCertificates(args: CertificateArgs): Script {
  const times = args.ignore_timestamps ? sh`-e '/^        Validity/,/Not After/d'` : sh``
  return sh`bare() { openssl x509 -in "$1" -noout -text -certopt no_sigdump 2>/dev/null | sed -e '/^        Serial Number/,/^        Signature Algorithm/d' ${times} -e '/^    Signature Algorithm/,$d'; }
if ! said=$(
${makeCertificate(args, sh`"$d/new"`)} 2>&1
); then printf 'failed %s\n' "$said"
elif [ "$(bare "$p")" = "$(bare "$d/new")" ]; then echo same
else echo differs; fi`
}

/** A time as `openssl ca` takes it, counted by the clock of the host. */
function time(text: string): Script {
  if (absolute.test(text)) return sh`${text}`
  const offset = seconds(text)
  if (offset === undefined) throw new ModuleFailure(noTime(text))
  return sh`"$(date -u -d "@$(($(date +%s) + ${offset}))" +%Y%m%d%H%M%SZ)"`
}

function seconds(text: string): number | undefined {
  const match = /^([+-])(?:(\d+)w)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s?)?$/.exec(text)
  if (match === null || text.length < 2) return undefined
  const [weeks, days, hours, minutes, rest] = match.slice(2).map(part => Number(part ?? 0))
  const total = ((((weeks ?? 0) * 7 + (days ?? 0)) * 24 + (hours ?? 0)) * 60 + (minutes ?? 0)) * 60 + (rest ?? 0)
  return match[1] === '-' ? -total : total
}
