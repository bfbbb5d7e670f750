import { lines, sh } from '../shell/sh.ts'
import { defineAction } from './module.ts'
import { dockerArgs, dockerReady } from './parts/docker.ts'
import { inspected, inspectScript } from './parts/docker-inspect.ts'

export const dockerImageInfo = defineAction({
  summary: 'Tells about images.',
  args: {
    name: { type: 'list', elements: 'str', doc: 'Names or identifiers; all images of the host, when none is given.' },
    ...dockerArgs,
  },
  examples: `
- community.docker.docker_image_info: { name: [debian:trixie-slim, redis] }
  register: found
- docker_image_info: {}
`,
  returnDocs: { images: 'What the engine tells of each image that is there.' },
  readOnly: true,
  act: args => ({
    script:
      args.name === undefined
        ? lines(
            dockerReady(args),
            sh`ids=$(docker image ls --quiet --no-trunc | sort -u) || exit
[ -z "$ids" ] || docker image inspect --format '{{json .}}' $ids`,
          )
        : inspectScript(args, 'image', args.name),
  }),
  read: output => ({ changed: false, images: inspected(output) }),
})
