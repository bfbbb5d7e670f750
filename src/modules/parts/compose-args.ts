import type { ArgsOf, ArgTable } from '../../schema/arguments.ts'
import type { ComposeProject } from './compose-look.ts'
import { dockerArgs } from './docker.ts'

/** Arguments of the module `docker_compose`. */
export const composeArgs = {
  project_src: { type: 'path', required: true, doc: 'The folder of the compose file, on the host.' },
  project_name: { type: 'str', doc: 'Name of the project; the folder’s when not given.' },
  files: { type: 'list', elements: 'path', default: [], doc: 'Compose files, when they are not named as usual.' },
  env_files: { type: 'list', elements: 'path', default: [], doc: 'Files of variables for the compose file.' },
  profiles: { type: 'list', elements: 'str', default: [], doc: 'Profiles that are in force.' },
  services: { type: 'list', elements: 'str', default: [], doc: 'Only these services; all when none is named.' },
  state: {
    type: 'str',
    choices: ['present', 'absent', 'stopped', 'restarted'],
    default: 'present',
    doc: 'What is wanted.',
  },
  build: {
    type: 'str',
    choices: ['always', 'never', 'policy', 'True', 'False'],
    default: 'policy',
    doc: 'Whether images are built first.',
  },
  pull: {
    type: 'str',
    choices: ['always', 'missing', 'never', 'policy'],
    default: 'policy',
    doc: 'Whether images are pulled first.',
  },
  recreate: {
    type: 'str',
    choices: ['always', 'never', 'auto', 'smart'],
    default: 'auto',
    doc: 'Whether containers are made anew; `auto`: when their settings or image changed.',
  },
  dependencies: { type: 'bool', default: true, doc: 'Whether services that others need are started too.' },
  remove_orphans: { type: 'bool', default: false, doc: 'Removes containers of services that the file has no more.' },
  remove_volumes: { type: 'bool', default: false, doc: 'With `state: absent`: removes volumes too.' },
  remove_images: { type: 'str', choices: ['all', 'local'], doc: 'With `state: absent`: removes images too.' },
  scale: { type: 'dict', default: {}, doc: 'How many containers of a service; as the file says for those not named.' },
  timeout: { type: 'int', doc: 'Seconds that a container gets to stop.' },
  wait: { type: 'bool', default: false, doc: 'Waits until all containers run and are healthy.' },
  wait_timeout: { type: 'int', default: 300, doc: 'Longest wait, in seconds.' },
  definition: {
    type: 'dict',
    doc: 'The compose file as data.',
    unsupported: 'write it to a file with `copy` and name its folder in `project_src`',
  },
  check_files_existing: {
    type: 'bool',
    default: true,
    doc: 'Looks for the files first.',
    ignored: 'compose itself says which file is missing',
  },
  env_file: { type: 'path', doc: 'A file of variables.', unsupported: 'it is `env_files`, a list, now' },
  stopped: { type: 'bool', doc: 'Stops the containers.', unsupported: 'it is `state: stopped` now' },
  restarted: { type: 'bool', doc: 'Restarts the containers.', unsupported: 'it is `state: restarted` now' },
  nocache: { type: 'bool', doc: 'Builds without a cache.', unsupported: 'build with `docker_image` first' },
  hostname_check: { type: 'bool', doc: 'Checks the engine’s name.', ignored: 'compose checks what it is set up to' },
  assume_yes: { type: 'bool', default: false, doc: 'Answers questions.', ignored: 'nothing is asked' },
  ignore_build_events: {
    type: 'bool',
    default: true,
    doc: 'Leaves building out of `actions`.',
    ignored: 'the containers say what changed',
  },
  docker_cli: { type: 'path', doc: 'Path of docker.', ignored: 'the one in PATH is used' },
  docker_host: dockerArgs.docker_host,
  api_version: dockerArgs.api_version,
  debug: dockerArgs.debug,
  tls: dockerArgs.tls,
  tls_hostname: dockerArgs.tls_hostname,
  ssl_version: dockerArgs.ssl_version,
  validate_certs: dockerArgs.validate_certs,
  ca_path: dockerArgs.ca_path,
  client_cert: dockerArgs.client_cert,
  client_key: dockerArgs.client_key,
  use_ssh_client: dockerArgs.use_ssh_client,
} as const satisfies ArgTable

export type ComposeArgs = ArgsOf<typeof composeArgs>

/** Where the project is that the arguments name. */
export function projectOf(args: ComposeArgs): ComposeProject {
  return {
    directory: args.project_src,
    name: args.project_name,
    files: args.files,
    envFiles: args.env_files,
    profiles: args.profiles,
  }
}
