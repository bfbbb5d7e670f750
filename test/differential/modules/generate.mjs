// Plays every task list through the real Ansible on a twin and writes its answers to data/. A development tool: it wants
// `ansible` of the distribution (the collections, too) and Docker. Usage: node test/differential/modules/generate.mjs [case …]
import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { build } from 'esbuild'

const here = import.meta.dirname
const work = mkdtempSync(join(tmpdir(), 'mlops-modules-'))
await build({
  stdin: {
    contents: "export * from './cases.ts'; export * from './answer.ts'; export * from '../../rig/twin.ts'",
    resolveDir: here,
  },
  bundle: true,
  platform: 'node',
  format: 'esm',
  outfile: join(work, 'rig.mjs'),
  define: { 'import.meta.dirname': JSON.stringify(here) },
  banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
})
const { cases, answerOf, stateScript, startTwin } = await import(join(work, 'rig.mjs'))
const only = process.argv.slice(2)
const twin = await startTwin(join(here, 'image'))
try {
  for (const one of cases().filter(({ name }) => only.length === 0 || only.includes(name))) await play(one)
} finally {
  twin.stop()
  rmSync(work, { recursive: true, force: true })
}

async function play(one) {
  const folder = join(work, one.name)
  const inventory = `twin ansible_host=${twin.address} ansible_user=ops ansible_ssh_private_key_file=${twin.directory}/key ansible_ssh_common_args="-o UserKnownHostsFile=/dev/null"\n`
  for (const [name, text] of Object.entries({ ...one.files, 'hosts.ini': inventory })) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), text, { mode: text.startsWith('#!') ? 0o755 : 0o644 })
  }
  const ran = await promisify(execFile)('ansible-playbook', ['-i', 'hosts.ini', 'site.yml'], {
    cwd: folder,
    maxBuffer: 1 << 28,
    env: {
      ...process.env,
      ANSIBLE_STDOUT_CALLBACK: 'json',
      ANSIBLE_JINJA2_NATIVE: 'true',
      ANSIBLE_HOST_KEY_CHECKING: 'False',
      ANSIBLE_PIPELINING: 'True',
      ANSIBLE_SSH_USETTY: 'False',
      ANSIBLE_NOCOLOR: '1',
      ANSIBLE_PYTHON_INTERPRETER: '/usr/bin/python3',
      ANSIBLE_DEPRECATION_WARNINGS: 'false',
      TZ: 'UTC',
    },
  }).catch(error => error)
  const start = ran.stdout.indexOf('{\n')
  if (start < 0) throw new Error(`${one.name}: ${ran.stdout}${ran.stderr}`)
  const told = JSON.parse(ran.stdout.slice(start))
  const last = told.plays.flatMap(({ tasks }) => tasks).at(-1)
  if (last.task.name !== 'answers') throw new Error(`${one.name}: ${JSON.stringify(last, null, 1)}`)
  const answer = answerOf(one, {
    runs: last.hosts.twin.msg,
    state: twin.sh(stateScript(one)),
    address: twin.address,
    folder,
  })
  const runs = Object.entries(answer.runs).map(([run, result]) => `  ${JSON.stringify(run)}: ${JSON.stringify(result)}`)
  const state = answer.state.map(line => `  ${JSON.stringify(line)}`)
  mkdirSync(join(here, 'data'), { recursive: true })
  writeFileSync(
    join(here, 'data', `${one.name}.json`),
    `{\n "runs": {\n${runs.join(',\n')}\n },\n "state": [\n${state.join(',\n')}\n ]\n}\n`,
  )
  console.log(`${one.name}: ${runs.length} results`)
}
