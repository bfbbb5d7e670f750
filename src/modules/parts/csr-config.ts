import type { ArgsOf, ArgTable } from '../../schema/arguments.ts'

const issuers = 'openssl takes none from a command line'

/** What a request says. */
export const csrArgs = {
  digest: { type: 'str', default: 'sha256', doc: 'The digest that is signed.' },
  version: { type: 'int', choices: [1], default: 1, doc: 'The version of requests.' },
  subject: { type: 'dict', doc: 'Parts of the subject: name → value, or a list of values.' },
  subject_ordered: {
    type: 'list',
    elements: 'dict',
    doc: 'The same as a list of one pair each, in this order.',
  },
  country_name: { type: 'str', aliases: ['C', 'countryName'], doc: 'The country, in two letters.' },
  state_or_province_name: { type: 'str', aliases: ['ST', 'stateOrProvinceName'], doc: 'The state.' },
  locality_name: { type: 'str', aliases: ['L', 'localityName'], doc: 'The place.' },
  organization_name: { type: 'str', aliases: ['O', 'organizationName'], doc: 'The organization.' },
  organizational_unit_name: { type: 'str', aliases: ['OU', 'organizationalUnitName'], doc: 'The part of it.' },
  common_name: { type: 'str', aliases: ['CN', 'commonName'], doc: 'The name.' },
  email_address: { type: 'str', aliases: ['E', 'emailAddress'], doc: 'The address for mail.' },
  subject_alt_name: {
    type: 'list',
    elements: 'str',
    aliases: ['subjectAltName'],
    doc: 'Other names: `DNS:`, `IP:`, `email:`, `URI:`, `RID:`, `otherName:`.',
  },
  subject_alt_name_critical: {
    type: 'bool',
    default: false,
    aliases: ['subjectAltName_critical'],
    doc: 'They are critical.',
  },
  use_common_name_for_san: {
    type: 'bool',
    default: true,
    aliases: ['useCommonNameForSAN'],
    doc: 'The common name is the other name, where there is none.',
  },
  key_usage: { type: 'list', elements: 'str', aliases: ['keyUsage'], doc: 'What the key is for.' },
  key_usage_critical: { type: 'bool', default: false, aliases: ['keyUsage_critical'], doc: 'That is critical.' },
  extended_key_usage: {
    type: 'list',
    elements: 'str',
    aliases: ['extKeyUsage', 'extendedKeyUsage'],
    doc: 'What else it is for.',
  },
  extended_key_usage_critical: {
    type: 'bool',
    default: false,
    aliases: ['extKeyUsage_critical', 'extendedKeyUsage_critical'],
    doc: 'That is critical.',
  },
  basic_constraints: {
    type: 'list',
    elements: 'str',
    aliases: ['basicConstraints'],
    doc: 'Whether it is for an authority: `CA:TRUE`, `pathlen:0`.',
  },
  basic_constraints_critical: {
    type: 'bool',
    default: false,
    aliases: ['basicConstraints_critical'],
    doc: 'That is critical.',
  },
  ocsp_must_staple: { type: 'bool', default: false, aliases: ['ocspMustStaple'], doc: 'The server has to staple.' },
  ocsp_must_staple_critical: {
    type: 'bool',
    default: false,
    aliases: ['ocspMustStaple_critical'],
    doc: 'That is critical.',
  },
  name_constraints_permitted: { type: 'list', elements: 'str', doc: 'Names that an authority may sign.' },
  name_constraints_excluded: { type: 'list', elements: 'str', doc: 'Names that it may not.' },
  name_constraints_critical: { type: 'bool', default: false, doc: 'That is critical.' },
  create_subject_key_identifier: { type: 'bool', default: false, doc: 'Adds the key’s identifier.' },
  subject_key_identifier: { type: 'str', doc: 'That identifier, as hex digits with colons.' },
  authority_key_identifier: { type: 'str', doc: 'The authority’s identifier.', unsupported: issuers },
  authority_cert_issuer: { type: 'list', elements: 'str', doc: 'The authority’s issuer.', unsupported: issuers },
  authority_cert_serial_number: { type: 'int', doc: 'The authority’s number.', unsupported: issuers },
  crl_distribution_points: { type: 'list', elements: 'dict', doc: 'Where revocations are told.', unsupported: issuers },
} as const satisfies ArgTable

type CsrArgs = ArgsOf<typeof csrArgs>

export function subjectProblems(args: Partial<CsrArgs>): string[] {
  const names = subjectOf(args).map(([name]) => name)
  const odd = names.filter(name => !/^[A-Za-z0-9.]+$/.test(name))
  return [
    ...(args.subject !== undefined && args.subject_ordered !== undefined
      ? ['`subject` and `subject_ordered` exclude each other']
      : []),
    ...odd.map(name => `${JSON.stringify(name)} is no name of a part of the subject`),
    ...(args.subject_alt_name ?? [])
      .filter(name => !/^(DNS|IP|email|URI|RID|otherName):/.test(name) && !/\{[{%]/.test(name))
      .map(
        name => `a name in \`subject_alt_name\` begins with DNS:, IP:, email:, URI:, RID: or otherName:, not ${name}`,
      ),
    ...(args.create_subject_key_identifier && args.subject_key_identifier !== undefined
      ? ['`create_subject_key_identifier` and `subject_key_identifier` exclude each other']
      : []),
  ]
}

/** The configuration of openssl for the request (config(5ssl), x509v3_config(5ssl)). */
export function csrConfig(args: CsrArgs): string {
  const names = alternative(args)
  const extensions = [
    names.length > 0 && `subjectAltName = ${critical(args.subject_alt_name_critical)}@names`,
    list('keyUsage', args.key_usage?.map(usage), args.key_usage_critical),
    list('extendedKeyUsage', args.extended_key_usage, args.extended_key_usage_critical),
    list('basicConstraints', args.basic_constraints, args.basic_constraints_critical),
    args.ocsp_must_staple && `tlsfeature = ${critical(args.ocsp_must_staple_critical)}status_request`,
    list(
      'nameConstraints',
      [
        ...(args.name_constraints_permitted ?? []).map(name => `permitted;${name}`),
        ...(args.name_constraints_excluded ?? []).map(name => `excluded;${name}`),
      ],
      args.name_constraints_critical,
    ),
    args.create_subject_key_identifier && 'subjectKeyIdentifier = hash',
    args.subject_key_identifier !== undefined && `subjectKeyIdentifier = ${escaped(args.subject_key_identifier)}`,
  ].filter(line => typeof line === 'string')
  return [
    '[req]',
    'prompt = no',
    'utf8 = yes',
    'string_mask = utf8only',
    'distinguished_name = subject',
    ...(extensions.length > 0 ? ['req_extensions = extensions'] : []),
    '[subject]',
    // a number in front, as a name may come twice
    ...subjectOf(args).map(([name, value], i) => `${i}.${name} = ${escaped(value)}`),
    ...(extensions.length > 0 ? ['[extensions]', ...extensions] : []),
    ...(names.length > 0 ? ['[names]', ...names] : []),
  ].join('\n')
}

/** What is registered of a request. */
export function csrFacts(args: CsrArgs): Readonly<Record<string, unknown>> {
  const names = args.subject_alt_name ?? fallbackName(args)
  return {
    subject: subjectOf(args),
    subjectAltName: names.length > 0 ? names : null,
    keyUsage: args.key_usage ?? null,
    extendedKeyUsage: args.extended_key_usage ?? null,
    basicConstraints: args.basic_constraints ?? null,
    ocsp_must_staple: args.ocsp_must_staple,
    name_constraints_permitted: args.name_constraints_permitted ?? [],
    name_constraints_excluded: args.name_constraints_excluded ?? [],
  }
}

function subjectOf(args: Partial<CsrArgs>): [string, string][] {
  const given: readonly (readonly [string, string | undefined])[] = [
    ['C', args.country_name],
    ['ST', args.state_or_province_name],
    ['L', args.locality_name],
    ['O', args.organization_name],
    ['OU', args.organizational_unit_name],
    ['CN', args.common_name],
    ['emailAddress', args.email_address],
  ]
  const more = [args.subject ?? {}, ...(args.subject_ordered ?? [])].flatMap(part => Object.entries(part))
  return [
    ...given.flatMap(([name, value]): [string, string][] => (value === undefined ? [] : [[name, value]])),
    ...more.flatMap(([name, value]) =>
      (Array.isArray(value) ? value : [value]).map((each): [string, string] => [name, String(each)]),
    ),
  ]
}

function fallbackName({ use_common_name_for_san, common_name, subject }: CsrArgs): string[] {
  const name = common_name ?? subject?.['CN'] ?? subject?.['commonName']
  return use_common_name_for_san && name !== undefined ? [`DNS:${name}`] : []
}

function alternative(args: CsrArgs): string[] {
  return (args.subject_alt_name ?? fallbackName(args)).map((name, i) => {
    const cut = name.indexOf(':')
    return `${name.slice(0, cut)}.${i} = ${escaped(name.slice(cut + 1))}`
  })
}

function list(name: string, values: readonly string[] | undefined, isCritical: boolean): string | false {
  return (
    values !== undefined && values.length > 0 && `${name} = ${critical(isCritical)}${values.map(escaped).join(', ')}`
  )
}

function critical(isCritical: boolean): string {
  return isCritical ? 'critical, ' : ''
}

/** Long names of uses that openssl knows by short ones only. */
function usage(name: string): string {
  return (
    {
      'Digital Signature': 'digitalSignature',
      'Non Repudiation': 'nonRepudiation',
      'Content Commitment': 'nonRepudiation',
      contentCommitment: 'nonRepudiation',
      'Key Encipherment': 'keyEncipherment',
      'Data Encipherment': 'dataEncipherment',
      'Key Agreement': 'keyAgreement',
      'Certificate Sign': 'keyCertSign',
      'CRL Sign': 'cRLSign',
      'Encipher Only': 'encipherOnly',
      'Decipher Only': 'decipherOnly',
    }[name] ?? name
  )
}

/** Text in a configuration of openssl: nothing in it is read as a quote, a variable or a comment. */
function escaped(text: string): string {
  return text
    .replace(/[\\"'$#;`]/g, '\\$&')
    .replace(/\n/g, '\\n')
    .replace(/\r/g, '\\r')
    .replace(/^ | $/g, '\\ ')
}
