import type { ArgsOf, ArgTable } from '../../schema/arguments.ts'
import { attributeArgs } from './attributes.ts'

/** Arguments of the module `get_url`. */
export const getUrlArgs = {
  url: { type: 'str', required: true, doc: 'The address: http, https, ftp or file.' },
  dest: {
    type: 'path',
    required: true,
    doc: 'The file on the host, or a folder, which keeps the name that the address ends with.',
  },
  checksum: {
    type: 'str',
    default: '',
    doc: '`sha256:DIGEST`, or `sha256:URL` of a file that lists digests. A file with this digest is not fetched again.',
  },
  force: {
    type: 'bool',
    default: false,
    aliases: ['thirsty'],
    doc: 'Fetches it each time; changed when the content is new. Without it, a file that is there is kept, but for one in a folder that `dest` names.',
  },
  backup: { type: 'bool', default: false, doc: 'Keeps the old file under a name with its time.' },
  headers: { type: 'dict', doc: 'Headers of the request.' },
  timeout: { type: 'int', default: 10, doc: 'Seconds to wait for the server.' },
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
  url_username: { type: 'str', aliases: ['username'], doc: 'The user for basic authentication.' },
  url_password: { type: 'str', aliases: ['password'], secret: true, doc: 'The password for it.' },
  force_basic_auth: {
    type: 'bool',
    default: false,
    doc: 'Sends the password with the first request.',
    ignored: 'it is sent with the first request always',
  },
  http_agent: { type: 'str', default: 'ansible-httpget', doc: 'The name that the client gives itself.' },
  use_proxy: { type: 'bool', default: true, doc: 'Whether proxies of the environment are used.' },
  tmp_dest: {
    type: 'path',
    doc: 'Folder for the download.',
    ignored: 'it is fetched beside its target and then moved',
  },
  decompress: {
    type: 'bool',
    default: true,
    doc: 'Unpacks gzip responses.',
    ignored: 'the server is not asked to pack',
  },
  client_cert: { type: 'path', doc: 'Own certificate.', unsupported: 'certificates of clients are not sent yet' },
  client_key: { type: 'path', doc: 'Key of it.', unsupported: 'certificates of clients are not sent yet' },
  use_gssapi: { type: 'bool', default: false, doc: 'Kerberos.', unsupported: 'Kerberos is not spoken' },
  ...attributeArgs,
} as const satisfies ArgTable

export type GetUrlArgs = ArgsOf<typeof getUrlArgs>

/** A download as it is on the host. */
export type Fetched = {
  readonly content?: string
  readonly mode?: string
  readonly owner?: string
  readonly group?: string
  readonly uid?: number
  readonly gid?: number
  readonly path?: string
  readonly inFolder?: boolean
  readonly stat?: string
  readonly sha1?: string
  readonly umask?: number
}
