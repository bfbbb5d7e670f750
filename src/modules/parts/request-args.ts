import type { ArgTable } from '../../schema/arguments.ts'

/** Arguments of every module that sends requests. */
export const requestArgs = {
  ciphers: { type: 'list', elements: 'str', doc: 'Ciphers of TLS.', unsupported: 'curl or wget of the host chooses' },
  unredirected_headers: {
    type: 'list',
    elements: 'str',
    default: [],
    doc: 'Headers that are not sent on after a redirection.',
    unsupported: 'curl or wget of the host chooses',
  },
  use_netrc: { type: 'bool', default: true, doc: 'Takes passwords from `~/.netrc`.', ignored: 'it is not read' },
  validate_certs: { type: 'bool', default: true, doc: 'Whether the certificate of the server must be valid.' },
  url_password: { type: 'str', aliases: ['password'], secret: true, doc: 'The password for it.' },
  http_agent: { type: 'str', default: 'ansible-httpget', doc: 'The name that the client gives itself.' },
  use_proxy: { type: 'bool', default: true, doc: 'Whether proxies of the environment are used.' },
  decompress: {
    type: 'bool',
    default: true,
    doc: 'Unpacks a packed answer.',
    ignored: 'the server is not asked to pack',
  },
  use_gssapi: { type: 'bool', default: false, doc: 'Kerberos.', unsupported: 'Kerberos is not spoken' },
} as const satisfies ArgTable
