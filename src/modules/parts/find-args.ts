import type { ArgsOf, ArgTable } from '../../schema/arguments.ts'

/** Arguments of the module `find`. */
export const findArgs = {
  paths: { type: 'list', elements: 'str', required: true, aliases: ['name', 'path'], doc: 'Folders to look in.' },
  patterns: {
    type: 'list',
    elements: 'str',
    default: [],
    aliases: ['pattern'],
    doc: 'Shell patterns, or regular expressions with `use_regex`, for the name without its folder.',
  },
  excludes: { type: 'list', elements: 'str', aliases: ['exclude'], doc: 'Patterns of names to leave out.' },
  contains: { type: 'str', doc: 'A regular expression that a line of the file begins with.' },
  read_whole_file: { type: 'bool', default: false, doc: '`contains` is searched in the whole text.' },
  file_type: {
    type: 'str',
    default: 'file',
    choices: ['any', 'directory', 'file', 'link'],
    doc: 'What to look for.',
  },
  age: { type: 'str', doc: 'Least age, such as `4d` or `90m`; with a minus, the greatest.' },
  age_stamp: { type: 'str', default: 'mtime', choices: ['atime', 'ctime', 'mtime'], doc: 'The time that `age` means.' },
  size: { type: 'str', doc: 'Least size, such as `10m`; with a minus, the greatest.' },
  recurse: { type: 'bool', default: false, doc: 'Looks into the folders below.' },
  hidden: { type: 'bool', default: false, doc: 'Finds names with a leading dot, too.' },
  follow: { type: 'bool', default: false, doc: 'Enters folders behind links.' },
  get_checksum: { type: 'bool', default: false, doc: 'Reads the SHA-1 of each file.' },
  checksum_algorithm: {
    type: 'str',
    default: 'sha1',
    choices: ['md5', 'sha1', 'sha224', 'sha256', 'sha384', 'sha512'],
    aliases: ['checksum', 'checksum_algo'],
    doc: 'How the checksum is made.',
  },
  use_regex: { type: 'bool', default: false, doc: '`patterns` and `excludes` are regular expressions.' },
  depth: { type: 'int', doc: 'How many levels of folders are entered, with `recurse`.' },
  limit: { type: 'int', doc: 'Ends after so many matches.' },
  exact_mode: { type: 'bool', default: true, doc: '`mode` is all of the bits, not some of them.' },
  mode: { type: 'raw', doc: 'Permission bits to look for.', unsupported: 'files are not chosen by their mode yet' },
  encoding: { type: 'str', doc: 'The encoding of the files.', ignored: 'text is read as UTF-8' },
} as const satisfies ArgTable

export type FindArgs = ArgsOf<typeof findArgs>
