import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ImageShop } from '../../src/providers/docker/images.ts'
import { rabbitmqRecipe } from '../../src/providers/docker/recipes/rabbitmq.ts'
import { folder, mlops, recap } from '../rig/mlops.ts'

const own = `mlops-databases-${randomBytes(3).toString('hex')}`
const image = 'mlops/test-databases:1'

/** Servers of PostgreSQL and MariaDB in one container, RabbitMQ in another: hosts without sshd and without Python. */
beforeAll(async () => {
  const shop = new ImageShop({ onStep: () => {}, onWarning: () => {} })
  const [base, broker] = await Promise.all([shop.base('trixie'), shop.built(rabbitmqRecipe())])
  const context = mkdtempSync(join(tmpdir(), 'mlops-databases-'))
  writeFileSync(
    join(context, 'Dockerfile'),
    `FROM ${base}
RUN apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends postgresql mariadb-server sudo >/dev/null && rm -rf /var/lib/apt/lists/*
`,
  )
  execFileSync('docker', ['build', '--quiet', '--network', 'host', '--tag', image, context], {
    env: { ...process.env, DOCKER_BUILDKIT: '0' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  rmSync(context, { recursive: true })
  docker('run', '--detach', '--init', '--name', `${own}-sql`, image, 'sleep', 'infinity')
  docker('run', '--detach', '--init', '--name', `${own}-broker`, '--hostname', 'broker', broker)
  const start = `pg_ctlcluster "$(ls /usr/lib/postgresql)" main start
mkdir -p /run/mysqld && chown mysql /run/mysqld
(setsid mariadbd-safe >/dev/null 2>&1 &)
until mariadb-admin ping >/dev/null 2>&1; do sleep 0.2; done`
  docker('exec', `${own}-sql`, 'timeout', '120', 'sh', '-c', start)
  const ready =
    'until rabbitmqctl --quiet await_startup >/dev/null 2>&1; do sleep 0.5; done; rabbitmqctl --quiet await_startup'
  docker('exec', `${own}-broker`, 'timeout', '180', 'sh', '-c', ready)
})

afterAll(() => {
  docker('rm', '--force', '--volumes', `${own}-sql`, `${own}-broker`)
})

function docker(...args: readonly string[]): string {
  return execFileSync('docker', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim()
}

/** Plays tasks thrice: a check, for real, and again. */
async function thrice(host: 'sql' | 'broker', tasks: string, vars = ''): Promise<Record<string, number | undefined>[]> {
  const indented = tasks.trim().replaceAll('\n', '\n    ')
  const cwd = folder({
    'site.yml': `- hosts: all\n  gather_facts: false\n${vars}  tasks:\n    ${indented}\n`,
    'hosts.ini': `${own}-${host} ansible_connection=docker\n`,
  })
  const counters: Record<string, number | undefined>[] = []
  for (const args of [['--check', '--diff'], [], []]) {
    const { stdout, stderr } = await mlops(['play', 'site.yml', '-i', 'hosts.ini', ...args], { cwd })
    const { ok, changed, failed, unreachable } = recap(stdout)[`${own}-${host}`] ?? {}
    if (failed !== 0 || unreachable !== 0) throw new Error(stdout + stderr)
    expect(stdout).not.toContain('$ecret')
    counters.push({ ok, changed })
  }
  return counters
}

const asPostgres = `  become: true
  become_user: postgres
  vars: { secret: "it's a \\\\ $ecret" }
`

test('users and databases of PostgreSQL are checked, made, left alone, changed and removed', async () => {
  const made = await thrice(
    'sql',
    `
- community.postgresql.postgresql_user:
    name: pre"dictor
    password: "{{ secret }}"
    role_attr_flags: CREATEDB,NOSUPERUSER
    conn_limit: 7
    expires: "2040-01-01"
    comment: it's ours
    configuration: { work_mem: 8MB, search_path: "a, b" }
- postgresql_db:
    name: pre"dictor's
    owner: pre"dictor
    encoding: UTF-8
    template: template0
    conn_limit: 5
    comment: it's "ours"
`,
    asPostgres,
  )
  expect(made).toEqual([
    { ok: 2, changed: 2 },
    { ok: 2, changed: 2 },
    { ok: 2, changed: 0 },
  ])
  const login = `export PGPASSWORD="it's a \\\\ \\$ecret"; psql -h 127.0.0.1 -U 'pre"dictor' -d "pre\\"dictor's" -Atc 'show work_mem'`
  expect(docker('exec', `${own}-sql`, 'sh', '-c', login)).toBe('8MB')
  const changed = await thrice(
    'sql',
    `
- postgresql_user: { name: 'pre"dictor', password: "other", role_attr_flags: NOCREATEDB }
- postgresql_db: { name: "pre\\"dictor's", owner: postgres, conn_limit: -1 }
`,
    asPostgres,
  )
  expect(changed.map(each => each.changed)).toEqual([2, 2, 0])
  const gone = await thrice(
    'sql',
    `
- postgresql_db: { name: "pre\\"dictor's", state: absent, force: true }
- postgresql_user: { name: 'pre"dictor', state: absent }
`,
    asPostgres,
  )
  expect(gone.map(each => each.changed)).toEqual([2, 2, 0])
})

test('users and databases of MariaDB are checked, made, left alone, changed and removed', async () => {
  const vars = asPostgres.split('\n').slice(2).join('\n')
  const made = await thrice(
    'sql',
    `
- community.mysql.mysql_db: { name: ["pre\`dictor's", other], encoding: utf8mb4, collation: utf8mb4_bin }
- mysql_user:
    name: pre'dictor
    host: "%"
    password: "{{ secret }}"
    priv: "other.*:ALL,GRANT/*.*:PROCESS"
`,
    vars,
  )
  expect(made.map(each => each.changed)).toEqual([2, 2, 0])
  const login = `MYSQL_PWD="it's a \\\\ \\$ecret" mariadb --protocol tcp -u "pre'dictor" -Ne 'select current_user()' other`
  expect(docker('exec', `${own}-sql`, 'sh', '-c', login)).toBe("pre'dictor@%")
  const changed = await thrice(
    'sql',
    `
- mysql_user: { name: "pre'dictor", host: "%", password: changed, priv: { "other.*": "SELECT,INSERT" } }
`,
  )
  expect(changed.map(each => each.changed)).toEqual([1, 1, 0])
  const appended = await thrice(
    'sql',
    '- mysql_user: { name: "pre\'dictor", host: "%", priv: "other.*:UPDATE", append_privs: true }',
  )
  expect(appended.map(each => each.changed)).toEqual([1, 1, 0])
  expect(docker('exec', `${own}-sql`, 'mariadb', '-Ne', "show grants for 'pre''dictor'@'%'")).toContain(
    'GRANT SELECT, INSERT, UPDATE ON `other`.*',
  )
  const gone = await thrice(
    'sql',
    `
- mysql_user: { name: "pre'dictor", host: "%", state: absent }
- mysql_db: { name: ["pre\`dictor's", other], state: absent }
`,
  )
  expect(gone.map(each => each.changed)).toEqual([2, 2, 0])
})

test('virtual hosts, users and queues of RabbitMQ are checked, made, left alone, changed and removed', async () => {
  const vars = asPostgres.split('\n').slice(2).join('\n')
  const made = await thrice(
    'broker',
    `
- community.rabbitmq.rabbitmq_vhost: { name: "/pre dictor's" }
- rabbitmq_user:
    user: -pre'dictor
    password: "{{ secret }}"
    update_password: always
    tags: monitoring,policymaker
    permissions:
      - { vhost: "/pre dictor's", configure_priv: ".*", write_priv: "^a$", read_priv: ".*" }
`,
    vars,
  )
  expect(made.map(each => each.changed)).toEqual([2, 2, 0])
  const login = `echo "it's a \\\\ \\$ecret" | rabbitmqctl --quiet authenticate_user -- "-pre'dictor"`
  docker('exec', `${own}-broker`, 'sh', '-c', login)
  const changed = await thrice(
    'broker',
    `
- rabbitmq_vhost: { name: "/pre dictor's", tracing: true }
- rabbitmq_user: { user: "-pre'dictor", password: other, update_password: always, tags: administrator, read_priv: ".*" }
`,
  )
  expect(changed.map(each => each.changed)).toEqual([2, 2, 0])
  const gone = await thrice(
    'broker',
    `
- rabbitmq_user: { user: "-pre'dictor", state: absent }
- rabbitmq_vhost: { name: "/pre dictor's", state: absent }
`,
  )
  expect(gone.map(each => each.changed)).toEqual([2, 2, 0])
})

test('queues of RabbitMQ are made through its management API, and a different one that is there is a failure', async () => {
  const address = docker(
    'inspect',
    '--format',
    '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}',
    `${own}-broker`,
  )
  const run = async (args: string, ...flags: string[]) => {
    const cwd = folder({
      'site.yml': `- hosts: all\n  gather_facts: false\n  tasks:\n    - community.rabbitmq.rabbitmq_queue: { name: "it's a/queue", login_host: "${address}", ${args} }\n`,
      'hosts.ini': 'here ansible_connection=local\n',
    })
    const { stdout } = await mlops(['play', 'site.yml', '-i', 'hosts.ini', ...flags], { cwd })
    return { stdout, ...recap(stdout).here }
  }
  const wanted = 'message_ttl: 60000, arguments: { x-max-length: 5 }'
  expect(await run(wanted, '--check')).toMatchObject({ changed: 1, failed: 0 })
  expect(await run(wanted)).toMatchObject({ changed: 1, failed: 0 })
  expect(await run(wanted)).toMatchObject({ changed: 0, ok: 1 })
  const other = await run('durable: false')
  expect(other).toMatchObject({ failed: 1 })
  expect(other.stdout).toContain('cannot change a queue')
  expect(await run('state: absent')).toMatchObject({ changed: 1 })
  expect(await run('state: absent')).toMatchObject({ changed: 0, ok: 1 })
})

test('plugins and policies of RabbitMQ are checked, made, left alone and removed', async () => {
  const made = await thrice(
    'broker',
    `
- rabbitmq_plugin: { names: rabbitmq_shovel, new_only: true }
- community.rabbitmq.rabbitmq_policy:
    name: it's "short"
    pattern: ^a$|'b'
    apply_to: queues
    tags: { message-ttl: "60000", max-length: 5 }
    priority: 2
`,
  )
  expect(made.map(each => each.changed)).toEqual([2, 2, 0])
  expect(docker('exec', `${own}-broker`, 'rabbitmqctl', '--quiet', 'list_policies')).toContain(
    `it's "short"\t^a$|'b'\tqueues`,
  )
  const gone = await thrice(
    'broker',
    `
- rabbitmq_plugin: { names: rabbitmq_shovel, state: disabled }
- rabbitmq_policy: { name: it's "short", state: absent }
`,
  )
  expect(gone.map(each => each.changed)).toEqual([2, 2, 0])
})

test('extensions of PostgreSQL and variables of MariaDB are checked, set, left alone and told', async () => {
  const extensions = (state: string) => `- postgresql_ext: { name: pgcrypto, db: postgres, state: ${state} }`
  const become = '  become: true\n  become_user: postgres\n'
  expect((await thrice('sql', extensions('present'), become)).map(each => each.changed)).toEqual([1, 1, 0])
  const version = '- postgresql_ext: { name: pgcrypto, db: postgres, schema: public, version: latest }'
  expect((await thrice('sql', version, become)).map(each => each.changed)).toEqual([0, 0, 0])
  expect((await thrice('sql', extensions('absent'), become)).map(each => each.changed)).toEqual([1, 1, 0])
  const variables = await thrice(
    'sql',
    `
- mysql_variables: { variable: max_connections, value: 123 }
- community.mysql.mysql_variables: { variable: max_connections }
  register: told
- assert: { that: told.msg == '123' }
  when: not ansible_check_mode
`,
  )
  expect(variables.map(each => each.changed)).toEqual([1, 1, 0])
})

test('statements of PostgreSQL are run, rolled back in a check, and give their rows', async () => {
  const told = await thrice(
    'sql',
    `
- community.postgresql.postgresql_query:
    query:
      - CREATE TEMP TABLE model (name text, version int, live bool) -- a comment
      - INSERT INTO model VALUES (%(name)s, 3, true), ('other', 4, NULL);
      - UPDATE model SET live = false WHERE version = 99
      - SELECT * FROM model ORDER BY version -- all
    named_args: { name: "{{ name }}" }
  register: told
- assert:
    that:
      - told.query_result | map(attribute='name') | list == [name, 'other']
      - told.query_result | map(attribute='version') | list == [3, 4]
      - told.query_result[0].live is true and told.query_result[1].live is none
      - told.rowcount == 4
      - told.statusmessage == 'SELECT 2'
      - told.query_all_results | length == 4
- postgresql_query: { query: "SELECT %s::int AS n, %s AS list", positional_args: [7, [1, 2]] }
  register: one
- assert:
    that:
      - one.query_result[0].n == 7 and one.query_result[0].list == [1, 2]
      - not one.changed
- postgresql_query: { query: SELEC 1 }
  register: wrong
  ignore_errors: true
- assert: { that: "'syntax error' in wrong.msg" }
`,
    `  become: true
  become_user: postgres
  vars: { name: "it's \\\\ \\"x\\" $HOME % ü" }
`,
  )
  expect(told.map(each => each.changed)).toEqual([1, 1, 1])
})
