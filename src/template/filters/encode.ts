import { createHash } from 'node:crypto'
import { bytesOf } from '../../bytes.ts'
import { type Filter, filter } from '../environment.ts'
import { decode, encode } from '../python/codec.ts'
import { dictOf } from '../python/dict.ts'
import { valueFailure } from '../python/fail.ts'
import { iterate, truth } from '../python/iterate.ts'
import { fromJson, toJson } from '../python/json.ts'
import { asInt } from '../python/numbers.ts'
import type { Keywords } from '../python/values.ts'
import { text } from './coerce.ts'

/** Filters that write or read an encoding. */
export const encodeFilters: Readonly<Record<string, Filter>> = {
  tojson: filter(['indent'], (value, [indent]) =>
    toJson(value, { sortKeys: true, indent: indentOf(indent) }).replace(
      /[<>&']/g,
      char => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
    ),
  ),
  to_json: { run: (value, _args, { kwargs }) => toJson(value, styleOf(kwargs, undefined, false)) },
  to_nice_json: {
    run: (value, args, { kwargs }) =>
      toJson(value, styleOf(args.length > 0 ? { indent: args[0], ...kwargs } : kwargs, 4, true)),
  },
  from_json: filter([], value => fromJson(text(value))),
  b64encode: filter(['encoding'], (value, [encoding = 'utf-8']) =>
    encode(text(value), text(encoding)).toString('base64'),
  ),
  b64decode: filter(['encoding'], (value, [encoding = 'utf-8']) =>
    decode(Buffer.from(text(value), 'base64'), text(encoding)),
  ),
  hash: filter(['hashtype'], (value, [kind = 'sha1']) => digest(text(kind), text(value))),
  checksum: filter([], value => digest('sha1', text(value))),
  sha1: filter([], value => digest('sha1', text(value))),
  md5: filter([], value => digest('md5', text(value))),
  to_uuid: filter(['namespace'], (value, [namespace = '361E6D51-FAEC-444A-9079-341386DA8E2E']) =>
    uuid5(text(namespace), text(value)),
  ),
  urldecode: filter([], value => decoded(text(value))),
  urlsplit: filter(['query'], (value, [part = '']) => urlPart(text(value), text(part))),
}

function indentOf(value: unknown): number | string | undefined {
  if (value === undefined || value === null) return undefined
  return typeof value === 'string' ? value : Math.max(0, asInt(value))
}

function styleOf(kwargs: Keywords, indent: number | undefined, sorted: boolean): Parameters<typeof toJson>[1] {
  const { separators } = kwargs
  const [comma, colon] = separators === undefined || separators === null ? [] : iterate(separators)
  return {
    indent: 'indent' in kwargs ? indentOf(kwargs.indent) : indent,
    sortKeys: truth(kwargs.sort_keys ?? sorted),
    ensureAscii: truth(kwargs.ensure_ascii ?? true),
    separators: comma === undefined || colon === undefined ? undefined : [text(comma), text(colon)],
  }
}

function digest(kind: string, value: string): string {
  const name = kind
    .replace('_', '-')
    .replace(/^blake2b$/, 'blake2b512')
    .replace(/^blake2s$/, 'blake2s256')
  try {
    return createHash(name).update(bytesOf(value)).digest('hex')
  } catch (error) {
    throw valueFailure(`there is no hash ${kind}: ${error instanceof Error ? error.message : ''}`)
  }
}

function uuid5(namespace: string, name: string): string {
  if (!/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i.test(namespace)) {
    throw valueFailure(`Invalid value for 'namespace': ${namespace}`)
  }
  const bytes = Buffer.concat([Buffer.from(namespace.replaceAll('-', ''), 'hex'), Buffer.from(name, 'utf8')])
  const hash = createHash('sha1').update(bytes).digest().subarray(0, 16)
  hash.writeUInt8((hash.readUInt8(6) & 0x0f) | 0x50, 6)
  hash.writeUInt8((hash.readUInt8(8) & 0x3f) | 0x80, 8)
  return hash.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}

function decoded(value: string): string {
  return value
    .replaceAll('+', ' ')
    .replace(/(?:%[\da-f]{2})+/gi, run => Buffer.from(run.replaceAll('%', ''), 'hex').toString('utf8'))
}

function urlPart(url: string, wanted: string): unknown {
  const [, scheme = '', netloc = '', path = '', query = '', fragment = ''] =
    /^(?:([a-z][a-z\d+.-]*):)?(?:\/\/([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/is.exec(url) ?? []
  const [, user, password, host = '', port] =
    /^(?:([^:@]*)(?::([^@]*))?@)?(\[[^\]]*\]|[^:]*)(?::(\d*))?$/.exec(netloc) ?? []
  const parts: Readonly<Record<string, unknown>> = {
    scheme: scheme.toLowerCase(),
    netloc,
    path,
    query,
    fragment,
    username: user ?? null,
    password: password ?? null,
    hostname: host === '' ? null : host.replace(/^\[|\]$/g, '').toLowerCase(),
    port: port ? Number(port) : null,
  }
  if (wanted === '') return dictOf(Object.entries(parts).sort(([a], [b]) => (a < b ? -1 : 1)))
  if (Object.hasOwn(parts, wanted)) return parts[wanted]
  throw valueFailure(`urlsplit knows the parts ${Object.keys(parts).join(', ')}, not ${wanted}`)
}
