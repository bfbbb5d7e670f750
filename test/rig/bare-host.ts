import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ImageShop } from '../../src/providers/docker/images.ts'
import { buildImage, type SshHosts, startSshHosts } from './ssh-hosts.ts'

/** A host with sshd and sudo and nothing else: no Python, no systemd. */
export type BareHosts = SshHosts

const image = 'mlops/test-bare-host:2'

/** Users: `ops` (sudo without password), `careful` (sudo with password `open sesame`), `guest` (no sudo). */
const dockerfile = (base: string) => `FROM ${base}
RUN apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends openssh-server sudo procps git >/dev/null \\
 && rm -rf /var/lib/apt/lists/* /etc/ssh/ssh_host_* && mkdir -p /run/sshd \\
 && for user in ops careful guest; do useradd --create-home --shell /bin/bash $user; done \\
 && echo 'careful:open sesame' | chpasswd \\
 && printf 'ops ALL=(ALL) NOPASSWD: ALL\\ncareful ALL=(ALL) ALL\\n' >/etc/sudoers.d/test && chmod 440 /etc/sudoers.d/test
CMD ["/bin/sh", "-c", "ssh-keygen -A && exec /usr/sbin/sshd -D -e -o MaxStartups=100 -o MaxSessions=10"]
`

/** Starts such hosts, from Debian's packages. */
export function startBareHosts(names: readonly string[]): Promise<BareHosts> {
  return startSshHosts({
    names,
    prefix: 'mlops-bare',
    users: ['ops', 'root', 'careful', 'guest'],
    hostKey:
      'until [ -s /etc/ssh/ssh_host_ed25519_key.pub ]; do sleep 0.1; done; cat /etc/ssh/ssh_host_ed25519_key.pub',
    async build(directory) {
      writeFileSync(join(directory, 'Dockerfile'), dockerfile(await new ImageShop(quiet).base('trixie')))
      buildImage(image, directory)
      return image
    },
  })
}

const quiet = { onStep: () => undefined, onWarning: () => undefined }
