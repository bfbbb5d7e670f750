import { expect, test } from 'vitest'
import { platformErrors } from './platform.ts'

test('platforms that builders know are taken', () => {
  const platforms = ['linux/amd64', 'linux/arm64', 'linux/arm64/v8', 'linux/arm/v7', 'linux/s390x', 'windows/amd64']
  expect(platformErrors(platforms)).toEqual([])
})

test.each([
  ['linux/foo', 'such as linux/amd64, linux/arm64 or linux/arm/v7'],
  ['linux/amd46', 'did you mean `linux/amd64`?'],
  ['linx/arm64', 'did you mean `linux/arm64`?'],
  ['linux/x86_64', 'did you mean `linux/amd64`?'],
  ['aarch64', 'did you mean `linux/arm64`?'],
  ['Linux/ARM64', 'did you mean `linux/arm64`?'],
  ['linux/arm/7', 'did you mean `linux/arm`?'],
  ['linux/constructor', 'such as linux/amd64, linux/arm64 or linux/arm/v7'],
  ['', 'such as linux/amd64, linux/arm64 or linux/arm/v7'],
])('%s is no platform', (platform, hint) => {
  expect(platformErrors([platform])).toMatchObject([{ message: `"${platform}" is no platform`, hint }])
})
