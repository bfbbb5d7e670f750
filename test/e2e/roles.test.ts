import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type BothWays, onEach, playBothWays, startBothWays, stateScript } from '../rig/both-ways.ts'
import { mlops } from '../rig/mlops.ts'

const site = join(import.meta.dirname, '../fixtures/roles/site.yml')
let servers: BothWays

beforeAll(async () => {
  servers = await startBothWays({ name: 'roles', images: ['debian-13', 'debian-12'] })
})

afterAll(() => servers?.stop())

test('roles as people share them play on servers as they are, with look-ahead and without, and a second time change nothing', async () => {
  const lint = await mlops(['lint', site])
  expect(lint.stdout + lint.stderr).toContain('0 errors')
  const first = await playBothWays(servers, site)
  expect(first.status, first.text).toBe(0)
  const changed = first.outcomes.filter(([, outcome]) => outcome === 'changed')
  for (const server of ['prodserver', 'devserver'])
    expect(changed.filter(([task]) => task.startsWith(server)).length).toBeGreaterThan(10)
  for (const args of [[], ['--check']]) {
    const again = await playBothWays(servers, site, ...args)
    expect(again.status, again.text).toBe(0)
    expect(again.outcomes.filter(([, outcome]) => outcome === 'changed')).toEqual([])
  }
})

test('what the roles promise is there', () => {
  for (const each of [servers.ahead, servers.plain]) {
    const [prod, dev] = onEach(each, questions)
    expect(prod).toBe(`Debian 13 (debian)
yes 03
Europe/Berlin
permitrootlogin no
maxauthtries 4
ada:x:Ada's account:/bin/bash:readers sudo
bob:x::/bin/sh:
2 keys, umask 027
no mallory
DROP
301 http://shop.example/x
documents.conf
shop.example.conf
1.0
`)
    expect(dev).toMatch(/^Debian 12 \(bookworm\)\n/)
  }
})

test('look-ahead leaves the servers as a play without it does', () => {
  expect(onEach(servers.plain, stateScript)).toEqual(onEach(servers.ahead, stateScript))
})

const questions = `
export LC_ALL=C
cat /etc/shop/server
systemctl is-active --quiet shop-firewall && echo "yes $(iptables -S INPUT | grep -c -e '--dport 80' -e '--dport 5432' | tr -d ' ' | sed 's/^/0/')"
readlink /etc/localtime | sed 's|.*/zoneinfo/||'
sshd -T | grep -E '^(permitrootlogin|maxauthtries)' | sort -r
for who in ada bob; do
  getent passwd $who | awk -F: -v OFS=: -v groups="$(id -Gn $who | tr ' ' '\\n' | grep -v "^$who$" | sort | tr '\\n' ' ' | sed 's/ $//')" '{ print $1, $2, $5, $7, groups }'
done
echo "$(grep -c ssh-ed25519 /home/ada/.ssh/authorized_keys) keys, $(cat /home/ada/.profile.d)"
getent passwd mallory || echo no mallory
iptables -S INPUT | sed -n '$s/.*-j //p'
if [ -d /etc/nginx ]; then
  curl -s -o /dev/null -w '%{http_code} %{redirect_url}\\n' -H 'Host: old.shop.example' http://localhost:8080/x
  ls /etc/nginx/sites-enabled
  /opt/shop/bin/python -c 'import shop_roles; print(shop_roles.VERSION)'
fi
`
