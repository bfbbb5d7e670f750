import { parseInteger } from './numbers.ts'
import { float, int } from './values.ts'

/** What a plain scalar is in YAML 1.1 as PyYAML reads it; only `str` may stay without quotes when a text is written. */
export type PlainKind = 'bool' | 'float' | 'int' | 'merge' | 'null' | 'timestamp' | 'value' | 'str'

/** The type of a plain scalar (YAML 1.1 type repository, yaml.org/type). */
export function plainKind(text: string): PlainKind {
  for (const [kind, pattern] of patterns) if (pattern.test(text)) return kind
  return 'str'
}

/** The value of a plain scalar. Timestamps stay texts. */
export function plainValue(text: string): unknown {
  switch (plainKind(text)) {
    case 'bool':
      return /^(yes|true|on)$/i.test(text)
    case 'null':
      return null
    case 'int':
      return integer(text.replaceAll('_', ''))
    case 'float':
      return float(floating(text.replaceAll('_', '').toLowerCase()))
    default:
      return text
  }
}

const patterns: readonly (readonly [PlainKind, RegExp])[] = [
  ['null', /^(?:~|null|Null|NULL|)$/],
  ['bool', /^(?:(?:y|Y)es|YES|(?:n|N)o|NO|(?:t|T)rue|TRUE|(?:f|F)alse|FALSE|(?:o|O)n|ON|(?:o|O)ff|OFF)$/],
  ['int', /^[-+]?(?:0b[01_]+|0[0-7_]+|0|[1-9][\d_]*|0x[\da-fA-F_]+|[1-9][\d_]*(?::[0-5]?\d)+)$/],
  [
    'float',
    /^(?:[-+]?\d[\d_]*\.[\d_]*(?:[eE][-+]\d+)?|\.\d[\d_]*(?:[eE][-+]\d+)?|[-+]?\d[\d_]*(?::[0-5]?\d)+\.[\d_]*|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/,
  ],
  ['merge', /^<<$/],
  [
    'timestamp',
    /^(?:\d{4}-\d\d-\d\d|\d{4}-\d\d?-\d\d?(?:[Tt]|[ \t]+)\d\d?:\d\d:\d\d(?:\.\d*)?(?:[ \t]*(?:Z|[-+]\d\d?(?::\d\d)?))?)$/,
  ],
  ['value', /^=$/],
]

function integer(text: string): unknown {
  const sign = text.startsWith('-') ? '-' : ''
  const bare = text.replace(/^[-+]/, '')
  if (bare.includes(':')) return int(BigInt(Number(sign + 1) * sexagesimal(bare)))
  if (/^0[0-7]+$/.test(bare)) return parseInteger(sign + bare, 8)
  return parseInteger(sign + bare, /^0[bx]/.test(bare) ? 0 : 10)
}

function floating(text: string): number {
  const sign = text.startsWith('-') ? -1 : 1
  const bare = text.replace(/^[-+]/, '')
  if (bare === '.inf') return sign * Number.POSITIVE_INFINITY
  if (bare === '.nan') return Number.NaN
  return sign * (bare.includes(':') ? sexagesimal(bare) : Number(bare))
}

function sexagesimal(text: string): number {
  return text.split(':').reduce((sum, part) => sum * 60 + Number(part), 0)
}
