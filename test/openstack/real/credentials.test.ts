import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Operator, rcVariables } from '../lab.ts'
import { startTrial, type Trial } from './trial.ts'

// A run that gets as far as looking for the image has been let in.
const settings = { image: 'no-such-image' }
const letIn = 'the cloud has no image no-such-image'

let trial: Trial
beforeAll(async () => {
  trial = await startTrial({ settings })
})
afterAll(() => trial.stop())

test('an application credential lets in, by its id and its secret alone', async () => {
  const demo = await Operator.login(rcVariables())
  const user = demo.userId
  const body = { application_credential: { name: 'of-a-test', secret: 'an-application-secret' } }
  const { application_credential: made } = await demo.call(
    'POST',
    'identity',
    `/users/${user}/application_credentials`,
    body,
  )
  try {
    const env = {
      ...withoutPassword(),
      OS_AUTH_TYPE: 'v3applicationcredential',
      OS_APPLICATION_CREDENTIAL_ID: made.id,
      OS_APPLICATION_CREDENTIAL_SECRET: made.secret,
    }
    expect((await trial.run(['provision'], { env })).stderr).toContain(letIn)
    const wrong = await trial.run(['provision'], { env: { ...env, OS_APPLICATION_CREDENTIAL_SECRET: 'another' } })
    expect(wrong.stderr).toContain('the cloud does not accept the application credential')
  } finally {
    await demo.call('DELETE', 'identity', `/users/${user}/application_credentials/${made.id}`)
  }
})

test('a cloud of clouds.yaml lets in, named on the command line', async () => {
  const { OS_USERNAME, OS_PASSWORD, OS_PROJECT_NAME } = rcVariables()
  const auth = { auth_url: trial.recorder.authUrl, username: OS_USERNAME, project_name: OS_PROJECT_NAME }
  const domains = { user_domain_name: 'Default', project_domain_id: 'default' }
  const clouds = { lab: { auth: { ...auth, ...domains }, region_name: 'RegionOne' }, other: { auth } }
  // JSON is YAML too.
  writeFileSync(join(trial.directory, 'clouds.yaml'), JSON.stringify({ clouds }))
  writeFileSync(
    join(trial.directory, 'secure.yaml'),
    JSON.stringify({ clouds: { lab: { auth: { password: OS_PASSWORD } } } }),
  )
  const { stderr } = await trial.run(['provision', '--cloud', 'lab'], { env: withoutPassword() })
  expect(stderr).toContain(letIn)
})

test('ids in place of names let in', async () => {
  const { projectId } = await Operator.login(rcVariables())
  const { OS_PASSWORD = '', OS_USERNAME = '' } = rcVariables()
  const env = {
    ...withoutPassword(),
    ...{ OS_USERNAME, OS_PASSWORD, OS_USER_DOMAIN_ID: 'default', OS_PROJECT_ID: projectId },
    // as RC files have it that know no version
    OS_AUTH_URL: trial.recorder.authUrl.replace('/v3', ''),
  }
  expect((await trial.run(['provision'], { env })).stderr).toContain(letIn)
})

test('a token that is revoked in the midst of a run is replaced, once', async () => {
  const logins = () => revoked.recorder.exchanges.filter(({ path }) => path.endsWith('/auth/tokens'))
  const revoked = await startTrial({
    settings,
    before: async (_, path) => {
      if (path.endsWith('/auth/tokens') || logins().length !== 1) return
      await revoke(logins()[0]?.headers['x-subject-token'] ?? '')
    },
  })
  try {
    expect((await revoked.run(['provision'])).stderr).toContain(letIn)
    expect(logins().map(({ status }) => status)).toEqual([201, 201])
    expect(revoked.recorder.exchanges.filter(({ status }) => status === 401)).not.toEqual([])
  } finally {
    await revoked.stop()
  }
})

/** Ends a token, in its own name; that it has ended already is as well. */
async function revoke(token: string): Promise<void> {
  const headers = { 'X-Auth-Token': token, 'X-Subject-Token': token }
  await fetch(`${rcVariables()['OS_AUTH_URL']}/auth/tokens`, { method: 'DELETE', headers })
}

/** Nothing of the RC file but where the cloud is. */
function withoutPassword(): Record<string, string> {
  const names = Object.keys(rcVariables()).filter(name => name !== 'OS_AUTH_URL')
  return Object.fromEntries(names.map(name => [name, '']))
}
