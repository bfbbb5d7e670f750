import { isList, isMap, type Plain } from './plain.ts'

/** Of what a machine is made of, the answers keep the shape only: it is another one each time. */
const machine =
  /^ansible_(devices|mounts|processor.*|mem.*|swap.*|kernel.*|date_time|loadavg|machine_id|board_.*|product_.*|bios_.*|chassis_.*|system_vendor|uptime_seconds|eth0|default_ipv4|all_ipv4_addresses|ssh_host_key_.*|dns|locally_reachable_ips|architecture|machine|userspace_architecture|virtualization_type|distribution_minor_version|python.*)$/
/** Of these not even the shape is the same elsewhere. */
const hidden = /^ansible_((proc_)?cmdline|default_ipv6|all_ipv6_addresses|virtualization_tech_.*|apparmor)$/
/** Of what systemd tells of a unit, what does not change by itself. */
const unit = /^(ActiveState|SubState|LoadState|UnitFileState|Id|Names|Description|FragmentPath|Type)$/
/** Of long lists, some. */
const kept = { packages: /^(acl|dash|twin-.*)$/, services: /^(bell|crash|cron|lamp|ssh|web)(\.service)?$/ }

/** A result without what would make the answers long, or another on each machine. */
export function few(result: Plain): Plain {
  if (!isMap(result)) return result
  if (isMap(result['status'])) return { ...result, status: only(result['status'], key => unit.test(key)) }
  if (!isMap(result['ansible_facts'])) return result
  const facts = Object.entries(result['ansible_facts']).map(([name, value]) => [name, fewer(name, value)])
  return { ...result, ansible_facts: Object.fromEntries(facts) }
}

function fewer(name: string, value: Plain): Plain {
  if (name === 'ansible_interfaces' && isList(value)) return [...value].sort()
  if (hidden.test(name)) return {}
  if (machine.test(name)) return shape(name === 'ansible_devices' && isMap(value) ? Object.values(value) : value)
  if (name === 'ansible_env' && isMap(value)) return only(value, key => !/^(SUDO_COMMAND|SSH_.*)$/.test(key))
  if ((name === 'packages' || name === 'services') && isMap(value)) return only(value, key => kept[name].test(key))
  return value
}

function only(map: { readonly [key: string]: Plain }, is: (key: string) => boolean): Plain {
  return Object.fromEntries(Object.entries(map).filter(([key]) => is(key)))
}

/** Parts of a device that not every machine has. */
const varied = new Set([
  'partitions',
  'holders',
  'ipv6',
  'ipv4_secondaries',
  'speed',
  'features',
  'hw_timestamp_filters',
  'timestamping',
])

/** Kinds in place of values; of a list, its first item. */
function shape(value: Plain): Plain {
  if (isList(value)) return value.slice(0, 1).map(shape)
  if (isMap(value))
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, varied.has(key) ? {} : shape(item)]))
  return value === null ? null : typeof value
}
