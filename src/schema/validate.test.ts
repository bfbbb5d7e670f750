import { expect, test } from 'vitest'
import { explain } from '../errors.ts'
import { parseOne } from '../source/parse.ts'
import { validate } from './validate.ts'

const schema = {
  type: 'object',
  required: ['name'],
  additionalProperties: false,
  properties: {
    name: { type: 'string', pattern: '^[a-z-]+$', description: 'small letters and hyphens' },
    provider: { enum: ['docker', 'static'] },
    port: { type: 'integer', minimum: 1, maximum: 65535 },
    mirror: {
      anyOf: [
        { type: 'string' },
        { type: 'object', required: ['url'], properties: { url: { type: 'string' } }, additionalProperties: false },
      ],
    },
    servers: {
      type: 'object',
      additionalProperties: {
        type: 'object',
        additionalProperties: false,
        properties: { user: { type: 'string' }, groups: { type: 'array', items: { type: 'string' } } },
      },
    },
  },
}

function problems(text: string): string {
  return validate(parseOne(text, 'mlops.yml').root, schema).map(explain).join('\n\n')
}

test('a document that fits has no problems', () => {
  expect(problems('name: a\nmirror: { url: x }\nservers: { a: { groups: [b] } }\n')).toBe('')
})

test('all problems of a document are told at once, each at its place', () => {
  const text = `provider: dockre
port: 70000
servers:
  prod:
    usr: appuser
    groups: [web, 5]
`
  expect(problems(text)).toBe(`error: the file needs the key \`name\`
  --> mlops.yml:1:1
1 | provider: dockre
  | ^^^^^^^^^^^^^^^^
hint: small letters and hyphens

error: \`provider\` must be \`docker\` or \`static\`, not \`dockre\`
  --> mlops.yml:1:11
1 | provider: dockre
  |           ^^^^^^
hint: did you mean \`docker\`?

error: \`port\` must be at most 65535, not \`70000\`
  --> mlops.yml:2:7
2 | port: 70000
  |       ^^^^^

error: unknown key \`usr\` in \`servers.prod\`
  --> mlops.yml:5:5
5 |     usr: appuser
  |     ^^^
hint: did you mean \`user\`?

error: \`servers.prod.groups[1]\` must be a text, not \`5\`
  --> mlops.yml:6:19
6 |     groups: [web, 5]
  |                   ^`)
})

test('of several shapes only the one that was meant complains', () => {
  expect(problems('name: a\nmirror: { urll: x, url: y }\n')).toBe(`error: unknown key \`urll\` in \`mirror\`
  --> mlops.yml:2:11
2 | mirror: { urll: x, url: y }
  |           ^^^^
hint: did you mean \`url\`?`)
  expect(problems('name: a\nmirror: 5\n')).toBe(`error: \`mirror\` must be a text or a mapping, not \`5\`
  --> mlops.yml:2:9
2 | mirror: 5
  |         ^`)
})

test('a pattern says what is wanted in the words of the description', () => {
  expect(problems('name: A b\n')).toBe(`error: \`name\` is not written as it must be, not \`A b\`
  --> mlops.yml:1:7
1 | name: A b
  |       ^^^
hint: small letters and hyphens`)
})
