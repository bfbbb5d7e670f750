/** Lookups that Ansible has and this program has not, with what to do instead. */
export const unsupportedLookups: ReadonlyMap<string, string> = new Map([
  ['url', 'read the address in a task with the module `uri` and register the result'],
])
