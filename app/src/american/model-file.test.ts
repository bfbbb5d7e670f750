import { expect, test } from 'vitest'
import { decodeModel, encodeModel, looksLikeModel } from './model-file.ts'
import { fit } from './naive-bayes.ts'

const model = fit(['color gray', 'colour grey', 'color'], [1, 0, 1], { features: 'tfidf', alpha: 1 })
const file = encodeModel(model)
/** The file with one field put in, or taken out. */
const but = (change: Record<string, unknown>) =>
  Buffer.from(JSON.stringify({ ...JSON.parse(file.toString()), ...change }))
const fields: { idf: number[]; logProbability: number[][] } = JSON.parse(file.toString())

test('a model comes back from its file as it was', () => {
  expect(decodeModel(file, 'model.json')).toEqual(model)
  const counts = fit(['color', 'colour'], [1, 0], { features: 'counts', alpha: 0.5 })
  expect(decodeModel(encodeModel(counts), 'model.json')).toEqual(counts)
})

test.each([
  [file.subarray(0, -20), 'm.json is no JSON: '],
  [Buffer.from([0xff, 0xfe]), 'm.json is no JSON: '],
  [Buffer.from('null'), 'm.json is no naive-Bayes model: "format" is not "mlops-naive-bayes"'],
  [Buffer.from('[]'), 'm.json is no naive-Bayes model'],
  [but({ format: 'pickle' }), 'm.json is no naive-Bayes model'],
  [but({ version: 2 }), 'm.json is of version 2, or splits texts in another way; this program reads version 1'],
  [but({ analyzer: 'other' }), 'splits texts in another way'],
  [but({ code: 'x' }), 'm.json: "code" is unknown'],
  [but({ features: 'hash' }), 'm.json: "features" must be "counts" or "tfidf"'],
  [but({ alpha: 0 }), 'm.json: "alpha" must be a number above 0'],
  [but({ documents: [1] }), 'm.json: "documents" must have 2 numbers'],
  [but({ documents: [0, 3] }), 'm.json: "documents"[0] cannot be 0'],
  [but({ words: [] }), 'm.json: "words" must be a list that is not empty'],
  [but({ words: ['color', 1, 'gray', 'grey'] }), 'm.json: "words" must hold texts of two characters or more'],
  [but({ words: ['color', 'color', 'gray', 'grey'] }), 'm.json: "words" names a word twice'],
  [but({ idf: fields.idf.slice(1) }), 'm.json: "idf" must have 4 numbers'],
  [but({ idf: undefined }), 'm.json: "idf" must have 4 numbers'],
  [but({ idf: [1, null, 1, 1] }), 'm.json: "idf"[1] cannot be null'],
  [but({ idf: [1, -1, 1, 1] }), 'm.json: "idf"[1] cannot be -1'],
  [but({ features: 'counts' }), 'm.json: "idf" does not belong to "counts"'],
  [
    but({ logProbability: [[]] }),
    'm.json: "logProbability"[0] must have 4 numbers; "logProbability"[1] must have 4 numbers',
  ],
  [but({ logProbability: [fields.logProbability[0], [-1, -1, -1, 1]] }), 'm.json: "logProbability"[1][3] cannot be 1'],
  [
    but({ logProbability: [[-1, -1, -1, -1], fields.logProbability[1]] }),
    'm.json: the probabilities of "logProbability"[0] add up to 1.47151776',
  ],
])('%# a file that is no whole model is refused in words', (bytes, message) => {
  expect(() => decodeModel(bytes, 'm.json')).toThrow(message)
})

test('a broken model is still known as one of this kind', () => {
  expect(looksLikeModel(file.subarray(0, 100))).toBe(true)
  expect(looksLikeModel(Buffer.from('{"modelTopology": {}}'))).toBe(false)
})
