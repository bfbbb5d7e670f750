import { expect, test } from 'vitest'
import { folder, mlops } from '../rig/mlops.ts'

/** What the tester has in the environment is not ours. */
const nobody = Object.fromEntries(
  ['AUTH_URL', 'USERNAME', 'PASSWORD', 'PROJECT_NAME', 'PROJECT_ID', 'CLOUD', 'REGION_NAME'].map(name => [
    `OS_${name}`,
    '',
  ]),
)
const cloudProject = { 'mlops.yml': 'name: lab\nprovider: openstack\nservers: { prodserver: }\n' }
const staticProject = {
  'mlops.yml': 'name: lab\nprovider: static\nservers:\n  one: { address: 192.0.2.1, host_key: ssh-ed25519 AAAA }\n',
}

test('without an RC file all that is missing is told at once', async () => {
  const cwd = folder(cloudProject)
  const { status, stderr } = await mlops(['provision'], { cwd, env: { ...nobody, HOME: cwd } })
  expect(status).toBe(1)
  expect(stderr).toBe(
    `error: the OS_* variables lack OS_AUTH_URL (the address of the identity service), OS_USERNAME (who you are) and OS_PROJECT_NAME (the project that the servers belong to)
hint: source the RC file of your project (\`. PROJECT-openrc.sh\`), or name a cloud of clouds.yaml with --cloud
`,
  )
})

test('a cloud that clouds.yaml has not is answered with a near one, at its place', async () => {
  const cwd = folder({ ...cloudProject, 'clouds.yaml': 'clouds:\n  course: { auth: { auth_url: http://a } }\n' })
  const { stderr } = await mlops(['provision', '--cloud', 'corse'], { cwd, env: { ...nobody, HOME: cwd } })
  expect(stderr).toBe(
    `error: clouds.yaml has no cloud corse
  --> clouds.yaml:1:1
1 | clouds:
  | ^^^^^^
hint: did you mean \`course\`?
`,
  )
})

test('a cloud means nothing, and no time is kept, where servers exist already', async () => {
  const cwd = folder(staticProject)
  expect((await mlops(['provision', '--cloud', 'course'], { cwd })).stderr).toMatch(
    /^error: --cloud course: no server of mlops\.yml is at a cloud\n/,
  )
  expect((await mlops(['provision', '--ttl', '8h'], { cwd })).stderr).toBe(
    `error: provider static does not know when one may go
  --> mlops.yml:4:3
4 |   one: { address: 192.0.2.1, host_key: ssh-ed25519 AAAA }
  |   ^^^
hint: leave --ttl out, or name only servers of a cloud
`,
  )
  expect((await mlops(['destroy', '--expired'], { cwd })).stdout).toBe('Nothing to do: no time is over.\n')
})

test.each(['8', 'h', '0h', '8 hours', '-1h'])('%s is no time to live', async time => {
  const { status, stderr } = await mlops(['provision', '--ttl', time], { cwd: folder(staticProject) })
  expect(status).toBe(1)
  expect(stderr).toContain('It must be a number with m, h or d, such as 8h.')
})
