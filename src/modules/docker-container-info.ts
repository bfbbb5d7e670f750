import { defineAction } from './module.ts'
import { dockerArgs } from './parts/docker.ts'
import { inspected, inspectScript } from './parts/docker-inspect.ts'

export const dockerContainerInfo = defineAction({
  summary: 'Tells about a container.',
  args: { name: { type: 'str', required: true, doc: 'Its name or identifier.' }, ...dockerArgs },
  examples: `
- community.docker.docker_container_info: { name: web }
  register: web
- debug:
    msg: "{{ web.container.State.Status }}"
  when: web.exists
`,
  returnDocs: {
    exists: 'Whether it is there.',
    container: 'What the engine tells of it; nothing when it is not there.',
  },
  readOnly: true,
  act: args => ({ script: inspectScript(args, 'container', [args.name]) }),
  read(output) {
    const [container] = inspected(output)
    return { changed: false, exists: container !== undefined, container: container ?? null }
  },
})
