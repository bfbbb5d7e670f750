/** Ansible's conversion of a value to a boolean: `yes`, `on`, `1`, `true` in any case, and what they are not. */
export function truth(value: unknown): boolean {
  if (typeof value === 'string') return ['yes', 'on', '1', 'true', 't', 'y', '1.0'].includes(value.trim().toLowerCase())
  return value === true || value === 1
}
