import { defineAction } from './module.ts'
import { dockerArgs } from './parts/docker.ts'
import { inspected, inspectScript } from './parts/docker-inspect.ts'

export const dockerVolumeInfo = defineAction({
  summary: 'Tells about a volume of containers.',
  args: { name: { type: 'str', required: true, doc: 'Its name.' }, ...dockerArgs },
  examples: `
- community.docker.docker_volume_info: { name: broker }
  register: volume
`,
  returnDocs: { exists: 'Whether it is there.', volume: 'What the engine tells of it; nothing when it is not there.' },
  readOnly: true,
  act: args => ({ script: inspectScript(args, 'volume', [args.name]) }),
  read(output) {
    const [volume] = inspected(output)
    return { changed: false, exists: volume !== undefined, volume: volume ?? null }
  },
})
