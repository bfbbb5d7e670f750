import { fileURLToPath } from 'node:url'
import { ImageShop } from '../../src/providers/docker/images.ts'
import { buildImage, type SshHosts, startSshHosts } from './ssh-hosts.ts'

const image = 'mlops/test-busybox-host:1'

/**
 * Starts hosts whose whole userland is BusyBox, with dropbear and OpenRC: no bash, coreutils, apt, systemd, Python.
 * They call themselves Alpine; their apk is a stand-in, all else is real. Logins: `root`, whose password for su is
 * `open sesame`, and `ops` and `guest`.
 */
export function startBusyboxHosts(names: readonly string[]): Promise<SshHosts> {
  return startSshHosts({
    names,
    prefix: 'mlops-busybox',
    // to set its own name, and to mount
    runOptions: ['--cap-add', 'SYS_ADMIN', '--security-opt', 'apparmor=unconfined'],
    users: ['root', 'ops', 'guest'],
    // dropbear makes its key when the first line is opened; made here, it can be pinned before
    hostKey:
      'dropbearkey -t ed25519 -f /etc/dropbear/dropbear_ed25519_host_key >/dev/null 2>&1; dropbearkey -y -f /etc/dropbear/dropbear_ed25519_host_key | grep ^ssh-ed25519',
    async build() {
      const quiet = { onStep: () => undefined, onWarning: () => undefined }
      const base = await new ImageShop(quiet).base('trixie')
      buildImage(image, fileURLToPath(new URL('busybox', import.meta.url)), ['--build-arg', `BASE=${base}`])
      return image
    },
  })
}
