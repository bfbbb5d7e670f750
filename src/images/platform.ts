import { MlopsError } from '../errors.ts'
import { didYouMean, near } from '../near.ts'

const systems = ['linux', 'windows', 'freebsd', 'darwin']
/** Go's names, which OCI's are (Image specification, "Platform variants"), with their variants. */
const variantsOf: Readonly<Record<string, readonly string[]>> = {
  ...{ amd64: ['v1', 'v2', 'v3', 'v4'], arm64: ['v8', 'v9'], arm: ['v5', 'v6', 'v7', 'v8'] },
  ...{
    '386': [],
    loong64: [],
    mips: [],
    mipsle: [],
    mips64: [],
    mips64le: [],
    ppc64: [],
    ppc64le: [],
    riscv64: [],
    s390x: [],
  },
}
/** What others call them. */
const aliases = new Map([
  ...['x86_64', 'x86-64', 'x64'].map(name => [name, 'amd64'] as const),
  ...['aarch64', 'armv8'].map(name => [name, 'arm64'] as const),
  ...['armhf', 'armv7', 'armv7l'].map(name => [name, 'arm/v7'] as const),
  ...['i386', 'x86'].map(name => [name, '386'] as const),
])

/** What is wrong with platforms: they are `os/arch`, or `os/arch/variant` (`image.platform`). */
export function platformErrors(platforms: readonly string[]): MlopsError[] {
  return platforms
    .filter(platform => !isKnown(platform))
    .map(platform => {
      const meant = meantBy(platform)
      return new MlopsError('image.platform', `${JSON.stringify(platform)} is no platform`, {
        hint: meant === undefined ? 'such as linux/amd64, linux/arm64 or linux/arm/v7' : didYouMean(meant, [meant]),
      })
    })
}

function isKnown(platform: string): boolean {
  const [system = '', architecture = '', variant, ...more] = platform.split('/')
  if (!systems.includes(system) || more.length > 0) return false
  const variants = Object.hasOwn(variantsOf, architecture) ? variantsOf[architecture] : undefined
  return variants !== undefined && (variant === undefined || variants.includes(variant))
}

/** The platform of somebody who knows it by another name, writes it wrong, or leaves the system out. */
function meantBy(platform: string): string | undefined {
  const words = platform.toLowerCase().split('/')
  const [system = '', architecture = '', variant] = words.length === 1 ? ['linux', ...words] : words
  const known = aliases.get(architecture) ?? nearest(architecture, [...Object.keys(variantsOf), ...aliases.keys()])
  const name = aliases.get(known ?? '') ?? known
  const full = [nearest(system, systems), name, ...(variant === undefined ? [] : [variant])].join('/')
  const short = [nearest(system, systems), name].join('/')
  return [full, short].find(isKnown)
}

function nearest(word: string, names: readonly string[]): string | undefined {
  return names.includes(word) ? word : near(word, names)[0]
}
