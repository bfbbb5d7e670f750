import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { cases } from './cases.ts'
import { differences } from './differences.ts'
import { type Answer, play } from './play.ts'

// the generator writes a file of this shape
const answers = JSON.parse(readFileSync(join(import.meta.dirname, 'data/playbooks.json'), 'utf8')) as Record<
  string,
  Answer
>
const all = cases()
/** Playbooks with modules that look at hosts: both ways to look must agree. */
const looks = /\b(copy|file|lineinfile|stat|blockinfile|template|creates): /

test('every playbook has an answer of Ansible, and no answer is left over', () => {
  expect(Object.keys(answers).sort()).toEqual(all.map(one => one.name).sort())
})

for (const one of all) {
  const differs = differences.has(one.name)
  test(`${one.name} ${differs ? 'differs, as the guide says' : 'is as with Ansible'}`, async () => {
    const ours = comparable(await play(one))
    if (looks.test(one.files['site.yml'] ?? '')) expect(comparable(await play(one, { lookAhead: false }))).toEqual(ours)
    const theirs = comparable(answers[one.name])
    if (differs) expect(ours).not.toEqual(theirs)
    else expect(ours).toEqual(theirs)
  })
}

/** A playbook that is not played at all has no recap; the texts of errors are each program's own. */
function comparable(answer: Answer | undefined): Answer | undefined {
  if (answer === undefined) return undefined
  return answer.recap ? answer : { status: 'error' }
}
