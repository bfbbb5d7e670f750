import { expect, test } from 'vitest'
import type { ArgTable } from './arguments.ts'
import { checkArgs } from './check-args.ts'

const table: ArgTable = {
  path: { type: 'path', doc: 'Which file.', required: true, aliases: ['dest'] },
  mode: { type: 'raw', doc: 'Permissions.' },
  state: { type: 'str', doc: 'State.', choices: ['file', 'absent'] },
  force: { type: 'bool', doc: 'Also when it is newer.' },
  lines: { type: 'list', elements: 'int', doc: 'Which lines.' },
  acl: { type: 'str', doc: 'Access list.', unsupported: 'access lists are not set' },
  follow: { type: 'bool', doc: 'Links.', unsupported: 'links stay links' },
  format: { type: 'str', doc: 'Format.', default: 'plain', unsupported: 'only plain' },
}

function problems(args: Record<string, unknown>, elsewhere?: readonly string[] | 'all'): string[] {
  const check = (known: Record<string, unknown>) =>
    known.state === 'absent' && known.mode ? ['absent has no mode'] : []
  const at = (name = 'module', part = 'value') => ({ file: `${name} ${part}`, line: 1, column: 1 })
  const given = elsewhere === undefined ? { args, at } : { args, at, elsewhere }
  return checkArgs('touch', { args: table, check }, given).map(e => `${e.at?.file}: ${e.message}`)
}

test.each<[Record<string, unknown>, string[]]>([
  [{ path: '/a', state: 'file', force: 'yes', lines: '1,2', mode: 420 }, []],
  [{ dest: '/a' }, []],
  [{ path: '/a', force: null, acl: null }, []],
  [{}, ['module value: touch needs the argument `path`']],
  [{ pth: '/a' }, ['pth key: touch has no argument `pth`', 'module value: touch needs the argument `path`']],
  [{ path: '/a', state: 'fil' }, ['state value: touch: `state` must be one of file, absent, not "fil"']],
  [{ path: '/a', force: 'perhaps' }, ['force value: touch: `force` must be a boolean (yes or no), not "perhaps"']],
  [{ path: '/a', lines: [1, 'x'] }, ['lines value: touch: `lines` must be a whole number, not "x"']],
  [{ path: '/a', acl: 'x' }, ['acl key: argument `acl` of touch is not supported']],
  [{ path: '/a', follow: 'no', format: 'plain' }, []],
  [
    { path: '/a', follow: 'yes', format: 'rich' },
    [
      'follow key: argument `follow` of touch is not supported',
      'format key: argument `format` of touch is not supported',
    ],
  ],
  [{ path: '/a', acl: '{{ x }}' }, ['acl key: argument `acl` of touch is not supported']],
  [{ path: '/a', acl: '{{ x | default(omit) }}' }, []],
  [{ path: '/a', state: 'absent', mode: '0644' }, ['module value: touch: absent has no mode']],
])('%j has the problems %j', (args, expected) => {
  expect(problems(args)).toEqual(expected)
})

test('what a template gives is not judged before it is opened', () => {
  expect(problems({ path: '/a', force: '{{ x }}', state: '{% if y %}file{% endif %}', lines: ['{{ z }}'] })).toEqual([])
  expect(problems({ path: '/a', state: 'absent', mode: '{{ x }}' })).toEqual([])
})

test('what comes from elsewhere is not missed', () => {
  expect(problems({}, ['dest'])).toEqual([])
  expect(problems({}, 'all')).toEqual([])
  expect(problems({ pth: 1 }, 'all')).toEqual(['pth key: touch has no argument `pth`'])
})
