/** A part of a MIME message. */
export interface MimePart {
  /** Such as `text/cloud-config`; '' when the part does not say one. */
  readonly type: string
  /** Decoded. */
  readonly body: string
  /** The line of the message where the body begins, from 1; 1 for a body that had to be decoded. */
  readonly firstLine: number
}

/** The leaves of a MIME message (RFC 2045, 2046), parts within parts among them. */
export function multipart(message: string, firstLine = 1): MimePart[] {
  const lines = message.split('\n').map(line => line.replace(/\r$/, ''))
  const end = lines.findIndex((line, i) => line === '' && i > 0)
  const body = lines.slice(end === -1 ? lines.length : end + 1)
  const bodyLine = firstLine + (end === -1 ? lines.length : end + 1)
  const headers = headersOf(lines.slice(0, end === -1 ? lines.length : end))
  const type = (headers.get('content-type') ?? '').split(';')[0]?.trim().toLowerCase() ?? ''
  const boundary = /;\s*boundary\s*=\s*(?:"([^"]*)"|([^;\s]+))/i.exec(headers.get('content-type') ?? '')
  if (!type.startsWith('multipart/') || boundary === null) {
    return [leaf(type, body.join('\n'), bodyLine, headers.get('content-transfer-encoding') ?? '')]
  }
  return between(body, `--${boundary[1] ?? boundary[2]}`).flatMap(({ from, to }) =>
    multipart(body.slice(from, to).join('\n'), bodyLine + from),
  )
}

function leaf(type: string, body: string, firstLine: number, encoding: string): MimePart {
  switch (encoding.trim().toLowerCase()) {
    case 'base64':
      return { type, body: Buffer.from(body, 'base64').toString('utf8'), firstLine: 1 }
    case 'quoted-printable':
      return { type, body: quotedPrintable(body), firstLine: 1 }
    default:
      return { type, body, firstLine }
  }
}

/** The ranges of lines between the lines that begin with the boundary. */
function between(lines: readonly string[], boundary: string): { from: number; to: number }[] {
  const ranges: { from: number; to: number }[] = []
  let from: number | undefined
  for (const [i, line] of lines.entries()) {
    if (!line.startsWith(boundary)) continue
    if (from !== undefined) ranges.push({ from, to: i })
    if (line.startsWith(`${boundary}--`)) return ranges
    from = i + 1
  }
  if (from !== undefined) ranges.push({ from, to: lines.length })
  return ranges
}

/** Names in small letters; a line that begins with a blank goes on with the one before it. */
function headersOf(lines: readonly string[]): Map<string, string> {
  const headers = new Map<string, string>()
  for (const line of lines
    .join('\n')
    .replace(/\n[ \t]+/g, ' ')
    .split('\n')) {
    const colon = line.indexOf(':')
    if (colon > 0) headers.set(line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim())
  }
  return headers
}

function quotedPrintable(body: string): string {
  const bytes = body
    .replace(/=\n/g, '')
    .replace(/=([0-9A-F]{2})/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)))
  return Buffer.from(bytes, 'latin1').toString('utf8')
}
