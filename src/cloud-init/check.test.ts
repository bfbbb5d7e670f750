import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import type { MlopsError } from '../errors.ts'
import { checkUserData } from './check.ts'

function told(text: string | Uint8Array): { errors: string[]; warnings: string[] } {
  const { errors, warnings } = checkUserData(typeof text === 'string' ? Buffer.from(text) : text, 'user-data.yml')
  const lines = (list: readonly MlopsError[]) =>
    list.map(({ code, at, hint }) => `${at?.line}:${at?.column} ${code}${hint === undefined ? '' : `, ${hint}`}`)
  return { errors: lines(errors), warnings: lines(warnings) }
}

const withoutDocker = `#cloud-config
apt_update: true
apt_upgrade: true
packages:
 - python3-pip
 - rabbitmq-server
byobu_default: system
runcmd:
 - pip3 install flask
 - [sh, -c, "echo done"]
 -
`
const twoServers = `#cloud-config
users:
 - name: appuser
   sudo: ALL=(ALL) NOPASSWD:ALL
   home: /home/appuser
   shell: /bin/bash
   ssh_authorized_keys:
     - ssh-rsa AAAAB3NzaC1yc2E ubuntu@client
byobu_default: system
`

test.each([
  [
    withoutDocker,
    [
      '2:1 cloud-config.deprecated, write `package_update`',
      '3:1 cloud-config.deprecated, write `package_upgrade`',
      '7:1 cloud-config.unknown-key, did you mean `byobu_by_default`?',
    ],
  ],
  [
    twoServers,
    [
      '5:4 cloud-config.unknown-key, did you mean `homedir`?',
      '9:1 cloud-config.unknown-key, did you mean `byobu_by_default`?',
    ],
  ],
])('files written for the lab pass with warnings that name what is meant', (text, warnings) => {
  expect(told(text)).toEqual({ errors: [], warnings })
})

test('all that cloud-init would stumble over is told at once, with places', () => {
  const text = `#cloud-config
runcmd: echo hi
bootcmd:
  - echo: hi
users:
  - name: [a]
  - nme: bob
write_files:
  - content: y
packages: {}
`
  expect(told(text).errors).toEqual([
    '2:9 cloud-config.type',
    '4:5 cloud-config.type, quote the whole line: it holds `: `',
    "6:11 cloud-config.type, The user's login name",
    '7:5 cloud-config.missing-key',
    '9:5 cloud-config.missing-key, Path of the file to which `content` is decoded and written',
    expect.stringMatching(/^10:11 cloud-config.type, An array/),
  ])
})

test('what cloud-init takes or ignores is a warning', () => {
  const text = `#cloud-config
package_update: "yes"
hostname: 12
timezone: Europe/Stockholm
timezone: Europe/Oslo
packages: git
users:
  - name: bob
    lock-passwd: true
write_files:
  - path: /x
    permissions: 0644
    owner: bob:bob
  - { path: /y, owner: bob, defer: true }
`
  expect(told(text).errors).toEqual([])
  expect(told(text).warnings.map(line => line.split(',')[0])).toEqual([
    '2:17 cloud-config.type',
    '3:11 cloud-config.type',
    '5:1 cloud-config.twice',
    '6:11 cloud-config.type',
    '9:5 cloud-config.deprecated',
    '12:18 cloud-config.type',
    '13:12 cloud-config.owner',
  ])
})

test.each([
  ['users: []\n', '1:1 user-data.format, begin the file with a line `#cloud-config`'],
  ['\ufeff#cloud-config\n', '1:1 user-data.format, save the file as UTF-8 without a byte order mark'],
  ['#cloud-config\n- a\n', '2:1 cloud-config.not-a-mapping'],
  ['#cloud-config\nusers:\n\t- a\n', '3:1 source.syntax'],
])('%j would be ignored as a whole, which is an error', (text, error) => {
  expect(told(text)).toEqual({ errors: [error], warnings: [] })
})

test.each([
  '#cloud-config\n',
  '  \n#Cloud-Config\nhostname: a\n',
  '#!/bin/sh\necho users: [\n',
  '#include\nhttps://example.org/a\n',
  '#cloud-boothook\n#!/bin/sh\n',
  '#cloud-config-archive\n- type: text/cloud-config\n',
  '#cloud-config\nssh_authorized_keys:\n  - {{ cluster_public_key }}\n',
])('%j is taken as cloud-init takes it', text => {
  expect(told(text)).toEqual({ errors: [], warnings: [] })
})

test('a Jinja template is read around its templates, and never refused', () => {
  const text = `## template: jinja
#cloud-config
{% if v1.region == 'a' %}
hostname: {{ v1.local_hostname }}
{% else %}
hostname: other
{% endif %}
pakages: [git]
package_update: {{ v1.update }}
`
  expect(told(text)).toEqual({
    errors: [],
    warnings: ['8:1 cloud-config.unknown-key, did you mean `packages`?', expect.stringMatching(/^9:17 /)],
  })
})

test('the line of a finding stands as it is in the file', () => {
  const text = '#cloud-config\nssh_authorized_key: ["{{ cluster_public_key }}"]\n'
  const [warning] = checkUserData(Buffer.from(text), 'a.yml').warnings
  expect(warning?.at?.text).toBe('ssh_authorized_key: ["{{ cluster_public_key }}"]')
})

test('user data that is packed by gzip is read as cloud-init reads it', () => {
  expect(told(gzipSync('#cloud-config\npakages: [git]\n')).warnings).toEqual([
    '2:1 cloud-config.unknown-key, did you mean `packages`?',
  ])
})

test('of a MIME message the cloud-configs are checked, in the lines of the message', () => {
  const config = Buffer.from('#cloud-config\nruncmd: x\n').toString('base64')
  const text = `Content-Type: multipart/mixed;
 boundary="==B=="
MIME-Version: 1.0

--==B==
Content-Type: text/cloud-config; charset="us-ascii"

pakages: [git]
--==B==
Content-Type: text/x-shellscript

#!/bin/sh
users: [
--==B==
Content-Type: text/cloud-config
Content-Transfer-Encoding: base64

${config}
--==B==--
`
  expect(told(text)).toEqual({
    errors: ['2:9 cloud-config.type'],
    warnings: ['8:1 cloud-config.unknown-key, did you mean `packages`?'],
  })
})
