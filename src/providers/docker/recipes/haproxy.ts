import { install, type Recipe } from '../recipe.ts'

/** What `haproxy:lts` is to its users: HAProxy with the settings at /usr/local/etc/haproxy/haproxy.cfg, in the foreground. */
export function haproxyRecipe(): Recipe {
  return {
    name: 'haproxy',
    version: 'lts',
    suite: 'bookworm',
    dockerfile: `
RUN ${install('haproxy')} && mkdir -p /usr/local/etc/haproxy
# SIGUSR1: answers what was asked, then ends.
STOPSIGNAL SIGUSR1
USER haproxy
CMD ["haproxy", "-W", "-db", "-f", "/usr/local/etc/haproxy/haproxy.cfg"]
`,
    files: [],
  }
}
