import type { CloudClient } from './client.ts'

const LINES = 30

/** The last lines of a server's console, as plain text; empty when the cloud keeps none. */
export async function consoleTail(client: CloudClient, id: string): Promise<string> {
  const body = { 'os-getConsoleOutput': { length: LINES } }
  // Nova's own JSON; a cloud may have no console log, and then there is nothing to show
  const answer = (await client.post('compute', `/servers/${id}/action`, body).catch(() => ({ output: '' }))) as {
    output?: string | null
  }
  return plain(answer.output ?? '')
}

/** Without colours, cursor tricks and empty lines. Of escape sequences Nova leaves out the first byte. */
function plain(text: string): string {
  return text
    .replace(/\x1b?\[[\d;]*m/g, '')
    .replace(/\x1b\[[0-?]*[ -/]*[@-~]|\x1b[@-_]/g, '')
    .replace(/[\x00-\x09\x0b-\x1f\x7f]/g, '')
    .split('\n')
    .filter(line => line.trim() !== '')
    .slice(-LINES)
    .join('\n')
}
