import { expect, test } from 'vitest'
import { AnswerReader } from './answer.ts'

const MARK = '\x1enonce '

/** What a listener hears when the bytes come in pieces of one size. */
function hear(stdout: string, stderr: string, size: number): string[] {
  const heard: string[] = []
  const printed: Record<string, string> = {}
  const reader = new AnswerReader('nonce', {
    started: id => heard.push(`started ${id}`),
    output: (id, stream, chunk) => {
      printed[`${id} ${stream}`] = (printed[`${id} ${stream}`] ?? '') + chunk.toString('latin1')
    },
    finished: (id, status, ending) =>
      heard.push(
        `finished ${id} ${status} ${ending} ${printed[`${id} stdout`] ?? ''}|${printed[`${id} stderr`] ?? ''}`,
      ),
  })
  for (const [stream, text] of [
    ['stdout', stdout],
    ['stderr', stderr],
  ] as const) {
    const bytes = Buffer.from(text, 'latin1')
    for (let at = 0; at < bytes.length; at += size) reader.feed(stream, bytes.subarray(at, at + size))
  }
  return heard
}

const STDOUT = `greeting${MARK}S 1\nout\x1e${MARK}E 1 0 0\nnoise${MARK}S 2\n${MARK}X 2\n${MARK}E 2 3 1\n`
const STDERR = `${MARK}S 1\nerr\x1enonc${MARK}E 1 0 0\n${MARK}S 2\n\n${MARK}E 2 3 1\n`

test.each([1, 2, 3, 5, 7, 11, 1000])('answers are the same however the bytes are cut (%i)', size => {
  expect(hear(STDOUT, STDERR, size)).toEqual([
    'started 1',
    'started 2',
    'finished 1 0 done out\x1e|err\x1enonc',
    `finished 2 3 leftovers ${MARK}X 2\n|\n`,
  ])
})

test('a mark without an end is output', () => {
  const long = `${MARK}${'x'.repeat(300)}`
  expect(hear(`${MARK}S 1\n${long}${MARK}E 1 0 0\n`, `${MARK}S 1\n${MARK}E 1 0 0\n`, 50)).toEqual([
    'started 1',
    `finished 1 0 done ${long}|`,
  ])
})
