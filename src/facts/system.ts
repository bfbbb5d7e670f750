import { sh } from '../shell/sh.ts'
import type { Fact } from './fact.ts'

/** Kernel, names of the host, architecture. */
export const system: Fact = {
  subset: 'min',
  topics: ['platform', 'kernel', 'architecture', 'machine', 'machine_id', 'system', 'fqdn', 'hostname'],
  look: sh`
for name in ostype osrelease version hostname; do
  value=; read -r value <"/proc/sys/kernel/$name"; echo "$name=$value"
done
for file in /etc/machine-id /var/lib/dbus/machine-id; do
  if [ -r "$file" ]; then read -r id <"$file"; echo "machine_id=$id"; break; fi
done
echo "machine=$(uname -m)"
echo "bits=$(getconf LONG_BIT)"
echo "fqdn=$(hostname -f)"`,
  read({ stdout }) {
    const seen = new Map<string, string>()
    for (const line of stdout.split('\n')) {
      const at = line.indexOf('=')
      if (at > 0 && line.length > at + 1) seen.set(line.slice(0, at), line.slice(at + 1))
    }
    const nodename = seen.get('hostname') ?? ''
    const machine = seen.get('machine') ?? ''
    const fqdn = seen.get('fqdn') || nodename
    const bits = seen.get('bits') ?? (/64/.test(machine) ? '64' : '32')
    return {
      system: seen.get('ostype') ?? 'Linux',
      kernel: seen.get('osrelease') ?? '',
      kernel_version: seen.get('version') ?? '',
      nodename,
      hostname: nodename.split('.')[0] ?? '',
      fqdn,
      domain: fqdn.includes('.') ? fqdn.slice(fqdn.indexOf('.') + 1) : '',
      machine,
      architecture: architecture(machine),
      userspace_bits: bits,
      userspace_architecture: bits === '32' && machine === 'x86_64' ? 'i386' : architecture(machine),
      ...(seen.has('machine_id') ? { machine_id: seen.get('machine_id') } : {}),
    }
  },
}

function architecture(machine: string): string {
  return /^i[3456]86|i86pc$/.test(machine) ? 'i386' : machine
}
