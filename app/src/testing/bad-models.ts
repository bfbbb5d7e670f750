import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { deflateRawSync } from 'node:zlib'

const keras = fileURLToPath(new URL('../../fixtures/keras/', import.meta.url))
const packaged = fileURLToPath(new URL('../../models/diabetes/', import.meta.url))
const fixture = (name: string) => readFileSync(join(keras, name))

/** The files of one push, by name. */
export type Pushed = Readonly<Record<string, Buffer | string>>

/** A good model in two files, as the lab has it. */
export const good: Pushed = { 'model.json': fixture('a.keras2.json'), 'model.h5': fixture('a.keras2.h5') }

/** The same in TensorFlow.js' own format. */
export function tfjs(): { json: TfjsJson; weights: Buffer; weightsName: string } {
  const json = JSON.parse(readFileSync(join(packaged, 'model.json'), 'utf8')) as TfjsJson
  const weightsName = json.weightsManifest[0]?.paths[0] ?? ''
  return { json, weights: readFileSync(join(packaged, weightsName)), weightsName }
}

interface TfjsJson {
  modelTopology: { model_config?: unknown; config?: unknown }
  weightsManifest: { paths: string[]; weights: { name: string; shape: number[]; dtype: string }[] }[]
}

function tfjsWith(change: (model: ReturnType<typeof tfjs>) => void): Pushed {
  const model = tfjs()
  change(model)
  return { 'model.json': JSON.stringify(model.json), [model.weightsName]: model.weights }
}

function floats(weights: Buffer, value: (index: number, old: number) => number): Buffer {
  const changed = Buffer.from(weights)
  for (let at = 0; at < changed.length; at += 4) changed.writeFloatLE(value(at / 4, changed.readFloatLE(at)), at)
  return changed
}

/** A zip archive of deflated files; `sizes` may lie about how large they are. */
export function zip(files: Readonly<Record<string, Buffer>>): Buffer {
  const parts: Buffer[] = []
  const directory: Buffer[] = []
  let at = 0
  for (const [name, bytes] of Object.entries(files)) {
    const packed = deflateRawSync(bytes)
    const local = Buffer.alloc(30)
    local.writeUInt32LE(0x04034b50, 0)
    local.writeUInt16LE(8, 8)
    local.writeUInt32LE(packed.length, 18)
    local.writeUInt32LE(bytes.length, 22)
    local.writeUInt16LE(name.length, 26)
    const entry = Buffer.alloc(46)
    entry.writeUInt32LE(0x02014b50, 0)
    entry.writeUInt16LE(8, 10)
    entry.writeUInt32LE(packed.length, 20)
    entry.writeUInt32LE(bytes.length, 24)
    entry.writeUInt16LE(name.length, 28)
    entry.writeUInt32LE(at, 42)
    parts.push(local, Buffer.from(name), packed)
    directory.push(entry, Buffer.from(name))
    at += 30 + name.length + packed.length
  }
  const end = Buffer.alloc(22)
  end.writeUInt32LE(0x06054b50, 0)
  end.writeUInt16LE(directory.length / 2, 8)
  end.writeUInt16LE(directory.length / 2, 10)
  end.writeUInt32LE(Buffer.concat(directory).length, 12)
  end.writeUInt32LE(at, 16)
  return Buffer.concat([...parts, ...directory, end])
}

const pointer =
  'version https://git-lfs.github.com/spec/v1\noid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nsize 15856\n'

/** Kinds of models that must never go live, what is pushed, and a word of the reason that the pusher reads. */
export const badModels: readonly { readonly what: string; readonly files: Pushed; readonly reason: RegExp }[] = [
  { what: 'nothing', files: { 'README.md': 'soon\n' }, reason: /no files/ },
  { what: 'an empty model.json', files: { ...good, 'model.json': '' }, reason: /model\.json is no JSON/ },
  { what: 'an empty model.h5', files: { ...good, 'model.h5': '' }, reason: /no model among/ },
  {
    what: 'a truncated model.json',
    files: { ...good, 'model.json': (good['model.json'] as Buffer).subarray(0, 300) },
    reason: /no JSON/,
  },
  {
    what: 'a truncated model.h5',
    files: { ...good, 'model.h5': (good['model.h5'] as Buffer).subarray(0, 9000) },
    reason: /HDF5/,
  },
  {
    what: 'a model.h5 that is a text',
    files: { ...good, 'model.h5': 'the weights are on my other computer\n' },
    reason: /no model among/,
  },
  { what: 'a model.json that is a list', files: { ...good, 'model.json': '[1, 2, 3]' }, reason: /weights alone/ },
  {
    what: 'a model.json that is a web page',
    files: { ...good, 'model.json': '<!doctype html><title>404</title>' },
    reason: /no JSON/,
  },
  { what: 'an architecture alone', files: { 'model.json': good['model.json'] ?? '' }, reason: /no model among/ },
  { what: 'weights alone', files: { 'model.h5': good['model.h5'] ?? '' }, reason: /weights alone/ },
  { what: 'a Git LFS pointer', files: { ...good, 'model.h5': pointer }, reason: /Git LFS pointer/ },
  { what: 'a pickle', files: { 'model.pkl': Buffer.from('8003639f', 'hex') }, reason: /could run code/ },
  { what: 'a SavedModel', files: { 'saved_model.pb': 'x' }, reason: /could run code/ },
  {
    what: 'a damaged byte in the signature of the weights',
    files: { ...good, 'model.h5': Buffer.from(good['model.h5'] ?? '').fill(0, 1, 3) },
    reason: /no model among/,
  },
  {
    what: 'weights of NaN',
    files: tfjsWith(m => {
      m.weights = floats(m.weights, i => (i === 3 ? Number.NaN : 0))
    }),
    reason: /no number/,
  },
  {
    what: 'weights without end',
    files: tfjsWith(m => {
      m.weights = floats(m.weights, (i, old) => (i === 0 ? Number.POSITIVE_INFINITY : old))
    }),
    reason: /no number/,
  },
  {
    what: 'weights that overflow with large measurements',
    files: tfjsWith(m => {
      m.weights = floats(m.weights, (_, old) => old * 1e35)
    }),
    reason: /no number/,
  },
  {
    what: 'weights that are cut off',
    files: tfjsWith(m => {
      m.weights = m.weights.subarray(0, 40)
    }),
    reason: /cannot be loaded/,
  },
  {
    what: 'a manifest of the wrong shape',
    files: tfjsWith(m => {
      for (const w of m.json.weightsManifest[0]?.weights ?? []) w.shape = [...w.shape].reverse()
    }),
    reason: /cannot be loaded/,
  },
  {
    what: 'a manifest that reaches out of its folder',
    files: tfjsWith(m => {
      for (const group of m.json.weightsManifest) group.paths = ['../../etc/passwd']
    }),
    reason: /outside its folder/,
  },
  {
    what: 'weights with another name',
    files: { 'model.json': JSON.stringify(tfjs().json), 'other.bin': tfjs().weights },
    reason: /is missing/,
  },
  { what: 'rows of nine numbers', files: tfjsWith(widen), reason: /9/ },
  {
    what: 'two models',
    files: { 'one.keras': fixture('a.keras'), 'two.keras': fixture('a.keras') },
    reason: /more than one model/,
  },
  {
    what: 'a zip bomb',
    files: {
      'model.keras': zip({
        'config.json': Buffer.alloc(200 * 1024 * 1024, 0x20),
        'model.weights.h5': Buffer.alloc(10),
      }),
    },
    reason: /unpacks to more than 64 MiB/,
  },
  {
    what: 'an archive of something else',
    files: { 'model.keras': zip({ 'holiday.jpg': Buffer.from('not a model') }) },
    reason: /no Keras 3 model/,
  },
  {
    what: 'an archive that is cut off',
    files: { 'model.keras': fixture('a.keras').subarray(0, 4000) },
    reason: /cut off/,
  },
  {
    what: 'an architecture with a layer of code',
    files: { ...good, 'model.json': lambda() },
    reason: /cannot be loaded/,
  },
  {
    what: 'a model that answers every row with no',
    files: tfjsWith(m => {
      m.weights = floats(m.weights, () => 0)
    }),
    reason: /percentage points|chance alone/,
  },
  { what: 'a model that answers the other way round', files: inverted(), reason: /percentage points|chance alone/ },
]

function widen(model: ReturnType<typeof tfjs>): void {
  const text = JSON.stringify(model.json).replace(/"batch_input_shape":\[null,8\]/, '"batch_input_shape":[null,9]')
  model.json = JSON.parse(text) as TfjsJson
  const [kernel] = model.json.weightsManifest[0]?.weights ?? []
  const columns = kernel?.shape[1] ?? 12
  if (kernel) kernel.shape = [9, columns]
  model.weights = Buffer.concat([Buffer.alloc(columns * 4), model.weights])
}

function lambda(): string {
  return (good['model.json'] ?? '').toString().replace('"Dense"', '"Lambda"')
}

/** The last layer's weights with the other sign: the label of each row turns. */
function inverted(): Pushed {
  return tfjsWith(model => {
    const last = 9 // kernel of 8 and a bias
    const from = model.weights.length / 4 - last
    model.weights = floats(model.weights, (i, old) => (i >= from ? -old : old))
  })
}
