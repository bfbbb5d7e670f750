import { script } from '../shell/sh.ts'
import type { Fact } from './fact.ts'

/** Package manager and service manager. */
export const services: Fact = {
  subset: 'min',
  topics: ['pkg_mgr', 'service_mgr', 'package_mgr'],
  look: script(`
for pair in apt:/usr/bin/apt-get dnf5:/usr/bin/dnf5 dnf:/usr/bin/dnf yum:/usr/bin/yum zypper:/usr/bin/zypper \\
  apk:/sbin/apk apk:/usr/bin/apk pacman:/usr/bin/pacman; do
  if [ -e "\${pair#*:}" ]; then echo "pkg_mgr=\${pair%%:*}"; break; fi
done
read -r name </proc/1/comm
if [ -d /run/systemd/system ]; then name=systemd
elif [ -d /run/openrc ]; then name=openrc
elif [ "$name" = init ]; then if [ -d /etc/init.d ]; then name=sysvinit; else name=service; fi
fi
echo "service_mgr=$name"`),
  read({ stdout }) {
    const seen: Record<string, string> = { pkg_mgr: 'unknown', service_mgr: 'service' }
    for (const line of stdout.split('\n')) {
      const [name, value] = line.split('=')
      if (name && value) seen[name] = value
    }
    return seen
  },
}
