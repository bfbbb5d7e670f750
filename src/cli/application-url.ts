import { MlopsError } from '../errors.ts'
import { projectSession, type ReachFlags } from './session.ts'

/** Where the project's application answers, without a path. Throws `application.url`. */
export function applicationUrl(flags: ReachFlags): string {
  const { session, project } = projectSession(flags)
  const web = project.services.find(service => service.port !== undefined && service.health !== undefined)
  const host = web && session.inventory.hosts.get(web.server)
  const address = host?.layers.findLast(({ vars }) => vars['ansible_host'] !== undefined)?.vars['ansible_host']
  if (web !== undefined && typeof address === 'string') return `http://${address}:${web.port}`
  throw new MlopsError(
    'application.url',
    'which address is asked? The project names no service with a port and a health check',
    { hint: '--url http://host:5100' },
  )
}
