import type { ArgsOf, ArgTable } from '../../schema/arguments.ts'
import { attributeArgs } from './attributes.ts'

/** The arguments of `file`. */
export const pathArgs = {
  path: { type: 'path', doc: 'The file, folder or link.', required: true, aliases: ['dest', 'name'] },
  state: {
    type: 'str',
    doc: '`file`: its attributes, and it must be there. `directory`: a folder, with those above it. `link`, `hard`: a link to `src`. `touch`: a file, made if missing, with new times. `absent`: nothing; folders go with all that is in them. By default what is there, else `file`.',
    choices: ['absent', 'directory', 'file', 'hard', 'link', 'touch'],
  },
  src: { type: 'path', doc: 'Where a link points. For `link`, as it shall stand in the link.' },
  recurse: { type: 'bool', doc: 'Sets the attributes of everything in the folder, too.', default: false },
  force: {
    type: 'bool',
    doc: 'Makes a link to what is not there, and puts links in the place of files and empty folders.',
    default: false,
  },
  follow: {
    type: 'bool',
    doc: 'Looks through a link at `path`: attributes are those of what it points to.',
    default: true,
  },
  access_time: { type: 'str', doc: 'When it was read last: `preserve`, `now`, or `YYYYMMDDhhmm.ss`.' },
  modification_time: { type: 'str', doc: 'When it was written last: `preserve`, `now`, or `YYYYMMDDhhmm.ss`.' },
  access_time_format: {
    type: 'str',
    doc: 'The format of `access_time`.',
    choices: ['%Y%m%d%H%M.%S'],
    default: '%Y%m%d%H%M.%S',
  },
  modification_time_format: {
    type: 'str',
    doc: 'The format of `modification_time`.',
    choices: ['%Y%m%d%H%M.%S'],
    default: '%Y%m%d%H%M.%S',
  },
  ...attributeArgs,
} as const satisfies ArgTable

export type PathArgs = ArgsOf<typeof pathArgs>
