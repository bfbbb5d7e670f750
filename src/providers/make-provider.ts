import { MlopsError } from '../errors.ts'
import type { Project, ProviderName } from '../project/project.ts'
import { DockerProvider } from './docker/docker-provider.ts'
import { OpenStackProvider } from './openstack/openstack-provider.ts'
import type { Provider } from './provider.ts'
import { QemuProvider } from './qemu/qemu-provider.ts'
import { StaticProvider } from './static/static-provider.ts'

/** The provider of that name, for the servers of a project that are of it. */
export function makeProvider(name: ProviderName, project: Project): Provider {
  switch (name) {
    case 'docker':
      return new DockerProvider(project)
    case 'qemu':
      return new QemuProvider(project)
    case 'openstack':
      return new OpenStackProvider(project)
    case 'static':
      return new StaticProvider(project)
    default:
      throw new MlopsError('provision.no-provider', `there is no provider ${name satisfies never}`)
  }
}
