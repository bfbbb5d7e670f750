import { install, type Recipe } from '../recipe.ts'

/** Debian's registry, over TLS with the certificate that is put into its volume before its first start. */
export function registryRecipe(): Recipe {
  return {
    name: 'registry',
    version: '2',
    suite: 'bookworm',
    dockerfile: `
RUN ${install('docker-registry')}
COPY config.yml /etc/docker/registry/config.yml
VOLUME /var/lib/registry
ENTRYPOINT ["docker-registry"]
CMD ["serve", "/etc/docker/registry/config.yml"]
`,
    files: [{ path: 'config.yml', content: CONFIG }],
  }
}

const CONFIG = `version: 0.1
log: {level: warn}
storage: {filesystem: {rootdirectory: /var/lib/registry}, delete: {enabled: true}}
http: {addr: ":443", tls: {certificate: /var/lib/registry/mlops/registry.crt, key: /var/lib/registry/mlops/registry.key}}
`
