// Plays every case through the real Ansible and writes its answers to data/. A development tool:
// it wants ansible-core and python3-jinja2 of the distribution. Usage: node test/differential/generate.mjs [part of a name]
import { execFileSync, spawn } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'esbuild'

const python = '/usr/bin/python3'
const here = import.meta.dirname
const [only = ''] = process.argv.slice(2)
const { outputFiles } = await build({
  entryPoints: [join(here, 'cases.ts')],
  bundle: true,
  platform: 'node',
  format: 'esm',
  write: false,
  define: { 'import.meta.dirname': JSON.stringify(here) },
})
const { cases } = await import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].text).toString('base64')}`)
const chosen = cases().filter(one => one.name.includes(only))
const file = join(here, 'data/playbooks.json')
const halves = [0, 1].map(half => chosen.filter((_, i) => i % 2 === half))
const answers = (await Promise.all(halves.map(play))).flat()
const known = only === '' ? {} : JSON.parse(readFileSync(file, 'utf8'))
for (const line of answers) {
  const { name, ...answer } = JSON.parse(line)
  known[name] = answer
}
const lines = Object.keys(known)
  .sort()
  .map(name => `${JSON.stringify(name)}: ${JSON.stringify(known[name])}`)
writeFileSync(file, `{\n${lines.join(',\n')}\n}\n`)
if (only === '' || only === 'arguments') {
  const env = { ...process.env, PYTHONHASHSEED: '0' }
  const asked = execFileSync(python, [join(here, 'expressions.py'), 'arguments'], { maxBuffer: 1 << 26, env })
  writeFileSync(join(here, 'data/arguments.json'), asked)
}
if (only === '') {
  const asked = execFileSync(python, [join(here, 'expressions.py')], {
    maxBuffer: 1 << 26,
    env: { ...process.env, PYTHONHASHSEED: '0' },
  })
  writeFileSync(join(here, 'data/expressions.json'), asked)
}
console.log(`${answers.length} of ${chosen.length} playbooks were played`)

function play(cases) {
  return new Promise((done, fail) => {
    const child = spawn(python, [join(here, 'recorder.py')], { stdio: ['pipe', 'pipe', 'inherit'] })
    let text = ''
    child.stdout.on('data', chunk => {
      text += chunk
    })
    child.on('error', fail)
    child.on('close', () => done(text.split('\n').filter(line => line.startsWith('{'))))
    child.stdin.end(JSON.stringify(cases))
  })
}
