import { expect, test } from 'vitest'
import { expandHosts } from './host-pattern.ts'

test.each<[string, string[], number?]>([
  ['web1', ['web1']],
  ['web1:2222', ['web1'], 2222],
  ['web[1:3]', ['web1', 'web2', 'web3']],
  ['web[:2]', ['web', 'web', 'web'].map((name, i) => name + i)],
  ['web[08:11]', ['web08', 'web09', 'web10', 'web11']],
  ['web[01:07:3].example.com:22', ['web01.example.com', 'web04.example.com', 'web07.example.com'], 22],
  ['db-[a:c]', ['db-a', 'db-b', 'db-c']],
  ['[y:B]', ['y', 'z', 'A', 'B']],
  ['r[1:2]n[a:b]', ['r1na', 'r1nb', 'r2na', 'r2nb']],
  ['10.0.0.[1:2]', ['10.0.0.1', '10.0.0.2']],
  ['::1', ['::1']],
  ['2001:db8::10', ['2001:db8::10']],
  ['[2001:db8::10]:2222', ['2001:db8::10'], 2222],
  ['[::1]', ['::1']],
])('%s stands for its hosts', (text, names, port) => {
  expect(expandHosts(text)).toEqual(port === undefined ? { names } : { names, port })
})

test.each([
  ['web[1]', 'a range is written [first:last] or [first:last:step], not [1]'],
  ['web[1:]', 'the range [1:] has no end'],
  ['web[3:1]', 'the range [3:1] ends before it begins'],
  ['web[01:100]', 'both ends of the range [01:100] need as many digits'],
  ['web[a:10]', 'a range runs over numbers or single letters, not [a:10]'],
  ['web[1:9:0]', 'the step of the range [1:9:0] must be a whole number above 0'],
  ['web[1:3', 'a range needs both brackets: `web[1:3]`'],
  ['web:', 'a host name cannot end with `:`, which stands before a port'],
  ['web[1:999999999]', 'the range stands for more than 100000 hosts'],
  ['w[1:9999]x[1:9999]', 'the range stands for more than 100000 hosts'],
])('%s is refused with a sentence', (text, problem) => {
  expect(expandHosts(text)).toEqual({ problem })
})
