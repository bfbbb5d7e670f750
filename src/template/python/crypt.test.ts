import { expect, test } from 'vitest'
import { passwordHash } from './crypt.ts'

/** What crypt(3) of libxcrypt gives; the first two of bcrypt are from the test of Openwall's crypt_blowfish. */
test.each([
  [
    'bcrypt',
    'U*U',
    { salt: 'CCCCCCCCCCCCCCCCCCCCC.', rounds: 5, ident: '2a' },
    '$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW',
  ],
  [
    'bcrypt',
    'U*U*',
    { salt: 'CCCCCCCCCCCCCCCCCCCCC.', rounds: 5, ident: '2a' },
    '$2a$05$CCCCCCCCCCCCCCCCCCCCC.VGOzA784oUp/Z0DY336zx7pLYAy0lwK',
  ],
  [
    'blowfish',
    'pässwörd',
    { salt: 'abcdefghijklmnopqrstuu', rounds: 6 },
    '$2b$06$abcdefghijklmnopqrstuuZRpgtdvy8sTei59Ltc5pdsksVO.fDZe',
  ],
  [
    'bcrypt',
    '',
    { salt: '......................', rounds: 4 },
    '$2b$04$......................w74bL5gU7LSJClZClCa.Pkz14aTv/XO',
  ],
  [
    'bcrypt',
    'x'.repeat(80),
    { salt: 'abcdefghijklmnopqrstuu', rounds: 4, ident: '2y' },
    '$2y$04$abcdefghijklmnopqrstuubzadhGtS2zEF.gu0yd0opP6cVzb.e0i',
  ],
  ['md5', 'secret', { salt: 'saltsalt' }, '$1$saltsalt$9xy1btjgzLYfb7hivXtC//'],
  ['md5_crypt', '', { salt: 's' }, '$1$s$iXWZU0LDEJ7Jjmms7KFsH0'],
  ['md5', 'a'.repeat(40), { salt: 'abcdefgh' }, '$1$abcdefgh$VWPa5IBhJmBLChLT3OjfP1'],
  ['md5', 'pässwörd', { salt: 'x' }, '$1$x$JCGkBY00FL7KZ2Wf1VmLX.'],
  [
    'sha256',
    'secret',
    { salt: 'salt', rounds: 1000 },
    '$5$rounds=1000$salt$CCvcOM6b7TEJDPb37Aec/9UpOg4QhPNAxPpL9ZzjTB7',
  ],
  [
    'sha512',
    'secret',
    { salt: 'saltsalt' },
    '$6$saltsalt$TVLlQcbpFVof5W3Yz4DTP6gRstiNuHwwTt6GLc1E5n0U0aDehy0S5knV8wiOQSpT0Y77vwPZN.Pq.H91p5hVO1',
  ],
])('%s of "%s" is what crypt(3) gives', (kind, password, options, hash) => {
  expect(passwordHash(password, kind, options)).toBe(hash)
})

test('a new salt has the size that is asked for, and is another one each time', () => {
  expect(passwordHash('x', 'sha512', { saltSize: 4 })).toMatch(/^\$6\$[./\w]{4}\$/)
  expect(passwordHash('x', 'md5', {})).toMatch(/^\$1\$[./\w]{8}\$/)
  expect(passwordHash('x', 'bcrypt', { rounds: 4 })).toMatch(/^\$2b\$04\$[./\w]{53}$/)
  expect(passwordHash('x', 'sha512', {})).not.toBe(passwordHash('x', 'sha512', {}))
})

test.each([
  ['sha512', { salt: 'a b' }, 'invalid characters in salt'],
  ['sha512', { salt: 'a'.repeat(17) }, 'invalid salt size'],
  ['bcrypt', { salt: 'short' }, 'invalid salt size'],
  ['bcrypt', { rounds: 3 }, 'the rounds of bcrypt are 4 to 31'],
  ['rot13', {}, 'password_hash with rot13 is not supported'],
])('%s with %j is refused', (kind, options, message) => {
  expect(() => passwordHash('x', kind, options)).toThrow(message)
})
