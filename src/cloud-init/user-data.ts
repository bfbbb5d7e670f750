import { gunzipSync } from 'node:zlib'
import { MlopsError } from '../errors.ts'
import { multipart } from './multipart.ts'

/** A part of user data that is a `#cloud-config`. */
export interface CloudConfigText {
  /** Its text, behind so many empty lines that its line numbers are those of the file. */
  readonly text: string
  /** cloud-init renders it as a Jinja template first. */
  readonly isTemplate: boolean
}

/** What begins user data of each kind that cloud-init knows, longest first (cloudinit/handlers). Case does not matter. */
const BEGINNINGS: readonly (readonly [string, 'cloud-config' | 'template' | 'other'])[] = [
  ['#cloud-config-archive', 'other'],
  ['#cloud-config-jsonp', 'other'],
  ['## template: jinja', 'template'],
  ['#cloud-boothook', 'other'],
  ['#cloud-config', 'cloud-config'],
  ['#part-handler', 'other'],
  ['#include', 'other'],
  ['#!', 'other'],
]

/** The text of user data, which may be packed by gzip as cloud-init takes it. */
export function unpacked(bytes: Uint8Array): string {
  const isPacked = bytes[0] === 0x1f && bytes[1] === 0x8b
  return Buffer.from(isPacked ? gunzipSync(bytes) : bytes).toString('utf8')
}

/**
 * The cloud-configs among the parts of user data; scripts, includes and the like are cloud-init's own affair.
 * Throws `user-data.format` for what cloud-init would ignore as a whole.
 */
export function cloudConfigs(text: string, file: string): CloudConfigText[] {
  // as cloud-init: these letters in the first 4096 bytes make a MIME message
  if (/mime-version:/i.test(text.slice(0, 4096))) {
    return multipart(text).flatMap(({ type, body, firstLine }) => {
      const kind = kindOf(body)
      const isConfig = type === 'text/cloud-config' || type === 'text/jinja2'
      if (!isConfig && (kind === undefined || !['text/plain', ''].includes(type))) return []
      return config(body, kind ?? 'cloud-config', firstLine)
    })
  }
  const kind = kindOf(text)
  if (kind === undefined) throw ignored(text, file)
  return config(text, kind, 1)
}

/** Whether a text is user data with something in it that can be checked. */
export function holdsCloudConfig(text: string): boolean {
  return /^(?:mime-version|content-type):/i.test(text) || ['cloud-config', 'template'].includes(kindOf(text) ?? '')
}

function kindOf(text: string): 'cloud-config' | 'template' | 'other' | undefined {
  // to JavaScript a byte order mark is a blank, to cloud-init it is none
  if (text.startsWith('\ufeff')) return undefined
  const start = text.slice(0, 4096).trimStart().toLowerCase()
  return BEGINNINGS.find(([beginning]) => start.startsWith(beginning))?.[1]
}

function config(text: string, kind: 'cloud-config' | 'template' | 'other', firstLine: number): CloudConfigText[] {
  // a template says behind its first line what it is a template of
  const inner = kind === 'template' ? kindOf(text.trimStart().replace(/^.*\n?/, '')) : kind
  if (inner !== 'cloud-config') return []
  return [{ text: '\n'.repeat(firstLine - 1) + text, isTemplate: kind === 'template' }]
}

function ignored(text: string, file: string): MlopsError {
  const hasByteOrderMark = text.startsWith('\ufeff')
  const line = text.split('\n')[0] ?? ''
  return new MlopsError(
    'user-data.format',
    hasByteOrderMark
      ? `cloud-init would ignore ${file}: it begins with a byte order mark`
      : `cloud-init would ignore ${file}: its first line says no format`,
    {
      at: { file, line: 1, column: 1, length: Math.max(1, line.length), text: line },
      hint: hasByteOrderMark
        ? 'save the file as UTF-8 without a byte order mark'
        : 'begin the file with a line `#cloud-config`',
    },
  )
}
