import type { ArgsOf, ArgTable } from '../../schema/arguments.ts'
import { dockerArgs } from './docker.ts'

/** Arguments of the module `docker_image`. */
export const imageArgs = {
  name: { type: 'str', required: true, doc: 'The image, perhaps with its tag or digest.' },
  tag: { type: 'str', default: 'latest', doc: 'The tag, where the name has none.' },
  source: { type: 'str', choices: ['build', 'pull', 'local', 'load'], doc: 'Where it comes from when it is wanted.' },
  build: {
    type: 'dict',
    doc: 'How it is built: `path` (the context on the host), `dockerfile`, `args`, `pull`, `nocache`, `network`, `labels`, `target`, `rm`, `etc_hosts`, `cache_from`, `platform`, `shm_size`.',
  },
  pull: { type: 'raw', doc: 'How it is pulled: `platform`.' },
  load_path: { type: 'path', doc: 'The archive for `source: load`.' },
  state: { type: 'str', choices: ['present', 'absent'], default: 'present', doc: 'Whether it is there.' },
  force_source: {
    type: 'bool',
    default: false,
    doc: 'Builds, pulls or loads it even when it is there; changed when another image came out.',
  },
  force_absent: { type: 'bool', default: false, doc: 'Removes it even when containers use it.' },
  force_tag: { type: 'bool', default: false, doc: 'Moves the tag `repository` from another image.' },
  repository: { type: 'str', doc: 'A further name for it.' },
  push: {
    type: 'bool',
    default: false,
    doc: 'Pushes it to its registry.',
    unsupported: 'images are not pushed yet; use `command: docker push NAME`',
  },
  archive_path: {
    type: 'path',
    doc: 'Saves it to a file.',
    unsupported: 'images are not saved yet; use `command: docker save`',
  },
  ...dockerArgs,
} as const satisfies ArgTable

export type ImageArgs = ArgsOf<typeof imageArgs>

/** What `build` may say. */
export const buildKeys = new Set([
  'path',
  'dockerfile',
  'args',
  'pull',
  'nocache',
  'network',
  'labels',
  'target',
  'rm',
  'etc_hosts',
  'cache_from',
  'platform',
  'shm_size',
  'http_timeout',
  'use_config_proxy',
])
