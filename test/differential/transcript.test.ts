import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { mlops } from '../rig/mlops.ts'

const folder = join(import.meta.dirname, 'transcript')

test("the lab's playbook of 2021 is told line by line as ansible-playbook tells it", async () => {
  const address = ['-e', '{"ansible_default_ipv4": {"address": "192.0.2.10"}}']
  const { status, stdout } = await mlops(['play', '-f', '1', '-i', 'hosts.ini', ...address, 'site.yml'], {
    cwd: folder,
  })
  expect(stdout).toBe(readFileSync(join(folder, 'transcript.txt'), 'utf8'))
  expect(stdout).toMatch(
    /^prodserver +: ok=16 +changed=8 +unreachable=0 +failed=0 +skipped=0 +rescued=0 +ignored=0 *$/m,
  )
  expect(stdout).toMatch(/^devserver +: ok=9 +changed=3 /m)
  expect(status).toBe(0)
})
