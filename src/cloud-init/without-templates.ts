/** The one placeholder of our user data files: the public half of the key that `mlops` logs in with, as one line. */
export const KEY_PLACEHOLDER = '{{ cluster_public_key }}'

/** What stands in its place where user data is only read: as long as the placeholder. */
export const KEY_STAND_IN = 'ssh-ed25519 AAAA'.padEnd(KEY_PLACEHOLDER.length, 'A')

/**
 * The text with a plain value of the same length in the place of each template, so that it can be read as YAML and every place
 * stays where it was. In a Jinja template also statements and comments give way.
 */
export function withoutTemplates(text: string, isTemplate: boolean): string {
  const ours = text.replaceAll(KEY_PLACEHOLDER, KEY_STAND_IN)
  if (!isTemplate) return ours
  return ours
    .replace(/\{%.*?%\}|\{#.*?#\}/gs, blank)
    .replace(/\{\{.*?\}\}/gs, expression => expression.replace(/[^\n]/g, 'x'))
}

function blank(statement: string): string {
  return statement.replace(/[^\n]/g, ' ')
}
