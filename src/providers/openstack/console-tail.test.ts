import { expect, test } from 'vitest'
import { CloudClient } from './client.ts'
import { consoleTail } from './console-tail.ts'
import { smallCloud } from './small-cloud.rig.ts'

test('the end of a console is plain text, and one that nobody keeps is empty', async () => {
  const output =
    '\u001b[2J[[0;32m  OK  [0m] Started [0;1;39mssh.service[0m.\r\n\n\u001b]0;title\u0007login: \u001b[1mroot\u001b[0m\n'
  const talking = await smallCloud(() => ({ status: 200, body: { output } }))
  expect(await consoleTail(new CloudClient(talking.cloud), 's1')).toBe(
    '[  OK  ] Started ssh.service.\n0;titlelogin: root',
  )
  expect(talking.asked[0]).toMatchObject({ path: '/compute/v2.1/servers/s1/action', method: 'POST' })
  const silent = await smallCloud(() => ({ status: 501, body: { notImplemented: { message: 'no console' } } }))
  expect(await consoleTail(new CloudClient(silent.cloud), 's1')).toBe('')
})
