import { defineAction } from './module.ts'
import { dockerArgs } from './parts/docker.ts'
import { inspected, inspectScript } from './parts/docker-inspect.ts'

export const dockerNetworkInfo = defineAction({
  summary: 'Tells about a network of containers.',
  args: { name: { type: 'str', required: true, doc: 'Its name or identifier.' }, ...dockerArgs },
  examples: `
- community.docker.docker_network_info: { name: predictor }
  register: network
`,
  returnDocs: { exists: 'Whether it is there.', network: 'What the engine tells of it; nothing when it is not there.' },
  readOnly: true,
  act: args => ({ script: inspectScript(args, 'network', [args.name]) }),
  read(output) {
    const [network] = inspected(output)
    return { changed: false, exists: network !== undefined, network: network ?? null }
  },
})
