import { expect, test } from 'vitest'
import { cloudError, readFault } from './cloud-errors.ts'

const request = { method: 'POST', url: 'http://cloud:8774/v2.1/servers' } as const

function error(status: number, body: unknown) {
  return cloudError(request, {
    ...{ status, text: typeof body === 'string' ? body : JSON.stringify(body) },
    headers: { 'x-openstack-request-id': 'req-7' },
  })
}

test.each([
  [
    'Keystone',
    400,
    { error: { code: 400, message: 'malformed', title: 'Bad Request' } },
    'openstack.refused',
    'malformed',
  ],
  [
    'Nova',
    400,
    { badRequest: { code: 400, message: 'Flavor nope could not be found.' } },
    'openstack.refused',
    'Flavor nope could not be found.',
  ],
  [
    'Neutron',
    404,
    { NeutronError: { type: 'PortNotFound', message: 'Port x could not be found.', detail: '' } },
    'openstack.not-found',
    'Port x could not be found.',
  ],
  [
    'Glance',
    404,
    { message: 'No image found with ID 0<br /><br />\n\n', code: '404 Not Found', title: 'Not Found' },
    'openstack.not-found',
    'No image found with ID 0',
  ],
])('%s says its errors in a shape of its own', (_, status, body, code, message) => {
  const found = error(status, body)
  expect(found.code).toBe(code)
  expect(found.message.endsWith(`: ${message}`)).toBe(true)
  expect(found.hint).toContain(`(POST /v2.1/servers answered ${status}, request req-7)`)
})

test.each([
  [
    403,
    { forbidden: { code: 403, message: 'Quota exceeded for cores, ram: Requested 64, 1048576' } },
    'openstack.quota',
  ],
  [
    409,
    { NeutronError: { type: 'OverQuota', message: "Quota exceeded for resources: ['floatingip'].", detail: '' } },
    'openstack.quota',
  ],
  [
    403,
    { forbidden: { code: 403, message: "Policy doesn't allow os_compute_api:servers:create" } },
    'openstack.forbidden',
  ],
  [409, { conflictingRequest: { code: 409, message: "Key pair 'k' already exists." } }, 'openstack.conflict'],
  [429, {}, 'openstack.rate-limit'],
  [500, { computeFault: { code: 500, message: 'Unexpected API Error.' } }, 'openstack.unavailable'],
  [502, '<html>Bad Gateway</html>', 'openstack.unavailable'],
])('an answer %i is told in plain words', (status, body, code) => {
  expect(error(status, body).code).toBe(code)
})

test('an error that repeats the request shows neither user data nor more than a line', () => {
  const value = `{'name': 'x', 'user_data': 'c2VjcmV0LWtleQ==', 'metadata': {'a': 'b'}}`
  const message = `Invalid input for field/attribute server. Value: ${value}. Additional properties are not allowed ('nonsense' was unexpected)`
  const said = readFault({ status: 400, text: JSON.stringify({ badRequest: { code: 400, message } }) }).message
  expect(said).toBe(
    "Invalid input for field/attribute server: Additional properties are not allowed ('nonsense' was unexpected)",
  )
  const tooLong = `Invalid input for field/attribute user_data. Value: ${'c2VjcmV0'.repeat(20)}. '${'c2VjcmV0'.repeat(20)}' is too long`
  expect(readFault({ status: 400, text: JSON.stringify({ badRequest: { message: tooLong } }) }).message).toBe(
    "Invalid input for field/attribute user_data: '…' is too long",
  )
  const long = readFault({ status: 400, text: JSON.stringify({ badRequest: { message: 'x\n'.repeat(9999) } }) }).message
  expect(long.length).toBeLessThan(310)
  expect(long).not.toContain('\n')
})
