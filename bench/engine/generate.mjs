// Files that workloads need: written once, the same each time.
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { steps } from './workloads.mjs'

/** Makes what is missing in the folder. */
export function generate(state) {
  const tree = join(state, 'tree')
  if (!existsSync(join(state, `steps-${steps.at(-1)}.yml`))) {
    for (let i = 0; i < 500; i++) {
      const folder = join(tree, `part-${i % 25}`)
      mkdirSync(folder, { recursive: true })
      writeFileSync(
        join(folder, `file-${i}.conf`),
        `# ${i}\n${`setting_${i} = ${'x'.repeat(i % 90)}\n`.repeat(1 + (i % 40))}`,
      )
    }
    writeFileSync(join(state, 'large'), large())
    writeFileSync(
      join(state, 'tasks.yml'),
      plays(1000, i => `set_fact: { n${i}: "{{ ${i} + 1 }}" }`),
    )
    writeFileSync(
      join(state, 'skipped.yml'),
      plays(1000, () => 'command: /bin/false\n      when: false'),
    )
    writeFileSync(join(state, 'hosts-1000.yml'), inventory(10, 100))
    writeFileSync(join(state, 'hosts-10000.yml'), inventory(100, 100))
    roles(state)
    for (const count of steps) writeFileSync(join(state, `steps-${count}.yml`), settings(count))
  }
}

/** Small files of a host, one task each. */
function settings(count) {
  const tasks = Array.from(
    { length: count },
    (_, i) =>
      `    - { name: setting ${i}, copy: { content: "value {{ base + ${i} }}\\n", dest: /opt/steps-${i}, mode: "0644" } }\n`,
  )
  return `- hosts: all\n  become: true\n  gather_facts: false\n  vars: { base: 40 }\n  tasks:\n${tasks.join('')}`
}

function plays(count, task) {
  const tasks = Array.from({ length: count }, (_, i) => `    - name: task ${i}\n      ${task(i)}\n`)
  return `- hosts: localhost\n  connection: local\n  gather_facts: false\n  tasks:\n${tasks.join('')}`
}

function inventory(groups, hosts) {
  const text = ['all:', '  children:']
  for (let g = 0; g < groups; g++) {
    text.push(`    group${g}:`, `      vars: { rack: r${g}, domain: "g{{ rack }}.internal" }`, '      hosts:')
    for (let h = 0; h < hosts; h++) {
      const n = g * hosts + h
      const address = `10.${n >> 16}.${(n >> 8) & 255}.${n & 255}`
      text.push(`        h${String(n).padStart(5, '0')}: { ansible_host: ${address}, v1: a${n}, v2: ${n} }`)
    }
  }
  return `${text.join('\n')}\n`
}

/** Ten roles of thirty tasks: folders, files, templates, conditions, loops, and what only the controller does. */
function roles(state) {
  const names = Array.from({ length: 10 }, (_, i) => `part${i}`)
  for (const [r, name] of names.entries()) {
    const role = join(state, 'roles', name)
    for (const folder of ['tasks', 'defaults', 'templates', 'handlers'])
      mkdirSync(join(role, folder), { recursive: true })
    const home = `/opt/roles/${name}`
    const tasks = [`- { name: folder, file: { path: ${home}, state: directory, mode: "0755" } }`]
    for (let i = 0; i < 8; i++) {
      tasks.push(
        `- { name: file ${i}, copy: { content: "{{ ${name}_greeting }} ${i}\\n", dest: ${home}/file${i}, mode: "0644" }, notify: tell ${name} }`,
      )
      tasks.push(`- { name: template ${i}, template: { src: conf.j2, dest: ${home}/conf${i}, mode: "0640" } }`)
    }
    for (let i = 0; i < 6; i++)
      tasks.push(`- { name: skipped ${i}, command: /bin/false, when: ${name}_wanted > ${100 + i} }`)
    for (let i = 0; i < 4; i++)
      tasks.push(`- { name: fact ${i}, set_fact: { ${name}_n${i}: "{{ ${name}_wanted * ${i} }}" } }`)
    tasks.push(
      `- { name: links, file: { src: ${home}/file0, dest: "${home}/{{ item }}", state: link }, loop: [a, b, c] }`,
    )
    tasks.push(`- { name: seen, stat: { path: ${home}/file1 }, register: ${name}_seen }`)
    tasks.push(`- { name: sure, assert: { that: ${name}_seen.stat.exists, quiet: true } }`)
    writeFileSync(join(role, 'tasks/main.yml'), `${tasks.join('\n')}\n`)
    writeFileSync(join(role, 'defaults/main.yml'), `${name}_greeting: hello from ${name}\n${name}_wanted: ${r}\n`)
    writeFileSync(
      join(role, 'templates/conf.j2'),
      `{% for n in range(20) %}\nkey_{{ n }} = {{ ${name}_wanted + n }}\n{% endfor %}\n`,
    )
    writeFileSync(join(role, 'handlers/main.yml'), `- { name: tell ${name}, debug: { msg: told } }\n`)
  }
  writeFileSync(
    join(state, 'roles.yml'),
    `- hosts: all\n  become: true\n  gather_facts: false\n  roles: [${names.join(', ')}]\n`,
  )
}

/** A hundred megabytes that do not compress. */
function large() {
  const bytes = new Uint32Array(25 * 2 ** 20)
  let x = 2463534242
  for (let i = 0; i < bytes.length; i++) {
    x ^= x << 13
    x ^= x >>> 17
    x ^= x << 5
    bytes[i] = x
  }
  return Buffer.from(bytes.buffer)
}
