import type { ArgsOf, ArgTable } from '../../schema/arguments.ts'
import { attributeArgs } from './attributes.ts'
import { requestArgs } from './request-args.ts'

/** Arguments of the module `uri`. */
export const uriArgs = {
  url: { type: 'str', required: true, doc: 'The address.' },
  method: { type: 'str', default: 'GET', doc: 'The method, in capitals.' },
  body: { type: 'raw', doc: 'What is sent.' },
  body_format: {
    type: 'str',
    choices: ['raw', 'json', 'form-urlencoded'],
    default: 'raw',
    doc: 'How data in `body` is written.',
  },
  src: {
    type: 'path',
    doc: 'A file that is sent: of the controller, searched in `files/`, or of the host with `remote_src`.',
  },
  remote_src: { type: 'bool', default: false, doc: 'Whether `src` is on the host.' },
  headers: { type: 'dict', doc: 'Headers of the request.' },
  status_code: { type: 'list', elements: 'int', default: [200], doc: 'Statuses that are well.' },
  return_content: {
    type: 'bool',
    default: false,
    doc: 'Whether the answer comes back as `content`, whatever its type.',
  },
  url_username: { type: 'str', aliases: ['user'], doc: 'The user for authentication.' },
  force_basic_auth: { type: 'bool', default: false, doc: 'Sends the password with the first request, unasked.' },
  follow_redirects: {
    type: 'str',
    choices: ['all', 'yes', 'True', 'safe', 'none', 'no', 'False', 'urllib2'],
    default: 'safe',
    doc: 'Which redirects are followed: `safe` only those of GET and HEAD.',
  },
  timeout: { type: 'int', default: 30, doc: 'Seconds for the whole exchange.' },
  client_cert: { type: 'path', doc: 'Own certificate, on the host.' },
  client_key: { type: 'path', doc: 'Key of it, on the host.' },
  ca_path: { type: 'path', doc: 'Authorities to trust, on the host.' },
  unix_socket: { type: 'path', doc: 'A socket to connect to in place of the address’s server.' },
  force: { type: 'bool', default: false, aliases: ['thirsty'], doc: 'Asks for an answer that no cache holds.' },
  dest: { type: 'path', doc: 'A file on the host that takes the answer.' },
  creates: { type: 'path', doc: 'Nothing is sent when this file is there.' },
  removes: { type: 'path', doc: 'Nothing is sent when this file is not there.' },
  ...requestArgs,
  ...attributeArgs,
} as const satisfies ArgTable

export type UriArgs = ArgsOf<typeof uriArgs>
