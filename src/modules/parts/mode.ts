import { ModuleFailure } from '../module.ts'

/** What a symbolic mode starts from. */
export interface ModeBase {
  readonly mode: number
  readonly isDirectory: boolean
  readonly umask: number
}

/**
 * The permission bits that `mode:` asks for: a number as YAML read it (0644 is octal there), octal text (`'0644'`, `'644'`),
 * or symbolic text (`u=rwX,g-w`, `+x`) applied to what is there.
 */
export function permissions(spec: unknown, base: ModeBase): number {
  if (typeof spec === 'number' && Number.isInteger(spec) && spec >= 0 && spec <= 0o7777) return spec
  const text = typeof spec === 'string' ? spec.trim() : ''
  if (/^(0o)?[0-7]{1,5}$/.test(text)) return Number.parseInt(text.replace('0o', ''), 8) & 0o7777
  if (!/^[ugoa]*([-+=]([rwxXst]*|[ugo]))+(,[ugoa]*([-+=]([rwxXst]*|[ugo]))+)*$/.test(text)) {
    throw new ModuleFailure('mode must be in octal or symbolic form', { details: `mode is ${JSON.stringify(spec)}` })
  }
  return text.split(',').reduce((mode, clause) => applied(clause, { ...base, mode }), base.mode)
}

/** Four octal digits, as results show them. */
export function octal(mode: number): string {
  return mode.toString(8).padStart(4, '0')
}

const SHIFT: Readonly<Record<string, number>> = { u: 6, g: 3, o: 0 }
const BITS: Readonly<Record<string, number>> = { r: 4, w: 2, x: 1 }

function applied(clause: string, base: ModeBase): number {
  const [, who = '', actions = ''] = /^([ugoa]*)(.*)$/.exec(clause) ?? []
  const classes = who === '' || who.includes('a') ? ['u', 'g', 'o'] : [...new Set(who)]
  let { mode } = base
  for (const [, sign, letters = ''] of actions.matchAll(/([-+=])([rwxXstugo]*)/g)) {
    // Without a class, the umask keeps its bits out, as in chmod.
    const mask = who === '' ? ~base.umask : ~0
    const bits = classes.reduce((sum, cls) => sum | meant(letters, cls, { ...base, mode }), 0) & mask
    if (sign === '+') mode |= bits
    else if (sign === '-') mode &= ~bits
    else mode = (mode & ~classes.reduce((sum, cls) => sum | whole(cls), 0)) | bits
  }
  return mode
}

/** The bits that `letters` mean for one class. */
function meant(letters: string, cls: string, { mode, isDirectory }: ModeBase): number {
  const shift = SHIFT[cls] ?? 0
  let bits = 0
  for (const letter of letters) {
    const from = SHIFT[letter]
    if (from !== undefined) bits |= ((mode >> from) & 7) << shift
    else if (letter === 'X') bits |= isDirectory || (mode & 0o111) !== 0 ? 1 << shift : 0
    else if (letter === 's') bits |= cls === 'u' ? 0o4000 : cls === 'g' ? 0o2000 : 0
    else if (letter === 't') bits |= cls === 'o' ? 0o1000 : 0
    else bits |= (BITS[letter] ?? 0) << shift
  }
  return bits
}

/** Every bit that belongs to a class. */
function whole(cls: string): number {
  return cls === 'u' ? 0o4700 : cls === 'g' ? 0o2070 : 0o1007
}
