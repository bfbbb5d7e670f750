import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MlopsError } from '../../errors.ts'
import { lastLines, run } from '../command.ts'

/** A certificate for some host names, and the authority that signed it. All PEM. */
export interface Certificate {
  readonly authority: string
  readonly certificate: string
  readonly key: string
}

/** Makes an authority that signs one certificate and is then thrown away: nobody can sign another with it. */
export async function makeCertificate(hosts: readonly string[]): Promise<Certificate> {
  const directory = mkdtempSync(join(tmpdir(), 'mlops-'))
  const openssl = async (...args: string[]) => {
    const result = await run('openssl', args, { directory })
    if (result.status === 0) return
    throw new MlopsError('registry.certificate', `openssl ${args[0]} failed: ${lastLines(result.stderr, 3)}`)
  }
  const file = (name: string) => readFileSync(join(directory, name), 'utf8')
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
  try {
    writeFileSync(join(directory, 'names'), `subjectAltName=${hosts.map(host => `DNS:${host}`).join(',')}\n`)
    await openssl(
      ...['req', '-x509', ...key, '-days', '3650', '-subj', '/CN=mlops registry authority'],
      ...['-keyout', 'ca.key', '-out', 'ca.crt', '-addext', 'keyUsage=critical,keyCertSign'],
    )
    await openssl('req', ...key, '-subj', `/CN=${hosts[0]}`, '-keyout', 'leaf.key', '-out', 'leaf.csr')
    await openssl(
      ...['x509', '-req', '-in', 'leaf.csr', '-CA', 'ca.crt', '-CAkey', 'ca.key', '-CAcreateserial'],
      ...['-days', '3650', '-extfile', 'names', '-out', 'leaf.crt'],
    )
    return { authority: file('ca.crt'), certificate: file('leaf.crt'), key: file('leaf.key') }
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}
