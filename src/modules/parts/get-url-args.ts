import type { ArgsOf, ArgTable } from '../../schema/arguments.ts'
import { attributeArgs } from './attributes.ts'
import { requestArgs } from './request-args.ts'

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
  url_username: { type: 'str', aliases: ['username'], doc: 'The user for basic authentication.' },
  force_basic_auth: {
    type: 'bool',
    default: false,
    doc: 'Sends the password with the first request.',
    ignored: 'it is sent with the first request always',
  },
  tmp_dest: {
    type: 'path',
    doc: 'Folder for the download.',
    ignored: 'it is fetched beside its target and then moved',
  },
  client_cert: { type: 'path', doc: 'Own certificate.', unsupported: 'certificates of clients are not sent yet' },
  client_key: { type: 'path', doc: 'Key of it.', unsupported: 'certificates of clients are not sent yet' },
  ...requestArgs,
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
