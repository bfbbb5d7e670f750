/** Lookups that Ansible has and this program has not, with what to do instead. */
export const unsupportedLookups: ReadonlyMap<string, string> = new Map([
  ['dig', 'ask in a task: `command: dig +short NAME`, and register the result'],
  ['passwordstore', 'ask in a task or with the lookup pipe: `pass show NAME`'],
  ['hashi_vault', 'ask with the lookup pipe: `vault kv get -field=NAME PATH`'],
])
