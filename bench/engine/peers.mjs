// Who is measured: for each workload, the command and its environment; undefined where a peer does not do it.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { state } from './fleet.mjs'
import { steps } from './workloads.mjs'

const here = new URL('.', import.meta.url).pathname
const mlopsProgram = new URL('../../bin/mlops', import.meta.url).pathname
const book = name => new URL(`../playbooks/${name}.yml`, import.meta.url).pathname
const made = name => join(state, `${name}.yml`)

/** What to play, and on which inventory. */
const PLAYS = {
  converged: [book('converged')],
  first: [book('converged')],
  roles: [made('roles')],
  ...Object.fromEntries(steps.map(count => [`steps-${count}`, [made(`steps-${count}`)]])),
  tree: [book('tree')],
  'tree-again': [book('tree')],
  large: [book('large')],
  facts: [book('facts')],
  loop: [book('loop'), 'localhost,'],
  tasks: [made('tasks'), 'localhost,'],
  skipped: [made('skipped'), 'localhost,'],
  contexts: [book('contexts'), made('hosts-1000')],
  syntax: [book('converged'), 'localhost,'],
}

const FLOORS = ['converged', 'first', 'facts', 'ping', 'tree', 'tree-again', 'large']

const TUNED = {
  ANSIBLE_PIPELINING: 'True',
  ANSIBLE_FORKS: '50',
  ANSIBLE_SSH_ARGS: '-o ControlMaster=auto -o ControlPersist=300s -o PreferredAuthentications=publickey',
}

/** `most`: with more hosts it would take too long; `slow`: it is measured less often, and over a long line with one host only. */
export const peers = {
  floor: {
    about: 'one script of POSIX sh for each host, through one plain ssh connection each, all at once',
    command: (workload, fleet) =>
      FLOORS.includes(workload) ? { argv: [join(here, 'floor/run.sh'), workload, fleet, state] } : undefined,
  },
  mlops: {
    about: 'this project',
    command: (workload, fleet) => {
      const run = args => ({ argv: [process.execPath, mlopsProgram, ...args] })
      if (workload === 'version') return run(['--version'])
      if (workload === 'hosts') return run(['play', made('skipped'), '-i', made('hosts-10000'), '--list-hosts'])
      if (workload === 'list') return run(['inventory', '-i', made('hosts-10000'), '--list'])
      if (workload === 'ping') return run(['run', 'all', '-i', `${fleet}.ini`, '-m', 'ping', '--json'])
      const [playbook, inventory = `${fleet}.ini`] = PLAYS[workload] ?? []
      if (!playbook) return undefined
      const rest = workload === 'syntax' ? ['--syntax-check'] : ['--output', 'json']
      return run(['play', playbook, '-i', inventory, '-e', `state=${state}`, ...rest])
    },
  },
  ansible: { about: 'ansible-core as it comes', slow: true, most: 1, command: ansible({}) },
  tuned: {
    about: 'ansible-core with pipelining, 50 forks and lasting connections',
    slow: true,
    most: 50,
    command: ansible(TUNED),
  },
  mitogen: {
    about: 'ansible-core with the Mitogen strategy',
    slow: true,
    most: 50,
    command: ansible({ ...TUNED, ANSIBLE_STRATEGY: 'mitogen_linear', ANSIBLE_STRATEGY_PLUGINS: mitogenFolder() }),
  },
}

/** Which of the peers are installed here. */
export function present(name) {
  if (name === 'mitogen') return mitogenFolder() !== '' && present('tuned')
  if (name !== 'ansible' && name !== 'tuned') return true
  return spawnSync('ansible-playbook', ['--version']).status === 0
}

function ansible(settings) {
  return (workload, fleet) => {
    const env = { ...settings, ANSIBLE_HOST_KEY_CHECKING: 'False', ANSIBLE_LOCALHOST_WARNING: 'False' }
    if (workload === 'version') return { argv: ['ansible-playbook', '--version'], env }
    if (workload === 'hosts')
      return { argv: ['ansible-playbook', made('skipped'), '-i', made('hosts-10000'), '--list-hosts'], env }
    if (workload === 'list') return { argv: ['ansible-inventory', '-i', made('hosts-10000'), '--list'], env }
    if (workload === 'ping') return { argv: ['ansible', 'all', '-i', `${fleet}.ini`, '-m', 'ping'], env }
    const [playbook, inventory = `${fleet}.ini`] = PLAYS[workload] ?? []
    if (!playbook) return undefined
    const rest = workload === 'syntax' ? ['--syntax-check'] : []
    return { argv: ['ansible-playbook', playbook, '-i', inventory, '-e', `state=${state}`, ...rest], env }
  }
}

function mitogenFolder() {
  const asked = spawnSync('python3', ['-c', 'import ansible_mitogen; print(ansible_mitogen.__path__[0])'], {
    encoding: 'utf8',
    env: { ...process.env, PATH: `/usr/bin:${process.env.PATH}` },
  })
  return asked.status === 0 ? join(asked.stdout.trim(), 'plugins/strategy') : ''
}
