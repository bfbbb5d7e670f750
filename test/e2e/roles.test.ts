import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { mlops, recap } from '../rig/mlops.ts'
import { type Servers, startServers } from '../rig/servers.ts'

const site = join(import.meta.dirname, '../fixtures/roles/site.yml')
let servers: Servers

beforeAll(async () => {
  servers = await startServers({ name: 'roles', images: ['debian-13', 'debian-12'] })
})

afterAll(() => servers?.stop())

test('roles as people share them play on servers as they are, and a second time change nothing', async () => {
  const lint = await mlops(['lint', site])
  expect(lint.stdout + lint.stderr).toContain('0 errors')
  const first = await play()
  expect(first.status, first.text).toBe(0)
  expect(changes(first)).toEqual({ prodserver: expect.any(Number), devserver: expect.any(Number) })
  for (const way of [[], ['--check', '--no-look-ahead']]) {
    const again = await play(...way)
    expect(again.status, again.text).toBe(0)
    expect(changes(again), `${way.join()} ${again.text}`).toEqual({ prodserver: 0, devserver: 0 })
  }
})

test('what the roles promise is there', () => {
  const [prod, dev] = servers.hosts.map(({ address }) => look(address))
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
})

function play(...args: readonly string[]) {
  return mlops(['play', site, '-i', servers.inventory, ...args]).then(({ status, stdout, stderr }) => ({
    status,
    stdout,
    text: stdout + stderr,
  }))
}

function changes({ stdout }: { readonly stdout: string }): Record<string, number | undefined> {
  return Object.fromEntries(Object.entries(recap(stdout)).map(([host, { changed }]) => [host, changed]))
}

/** What a server says of itself, one line for each promise. */
function look(address: string): string {
  return execFileSync(
    'ssh',
    [
      ...['-i', join(servers.directory, '.mlops/cluster-key'), '-o', 'BatchMode=yes'],
      ...['-o', `UserKnownHostsFile=${join(servers.directory, '.mlops/known_hosts')}`],
      `appuser@${address}`,
      'sudo sh',
    ],
    { encoding: 'utf8', input: questions, stdio: 'pipe' },
  )
}

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
