import type { Project, ServerSpec } from '../../project/project.ts'
import { freeBytes, isInstalled } from '../controller.ts'
import type { Problem } from '../provider.ts'
import { containerName, inspect, networkName } from './containers.ts'
import { dockerLines, type EngineInfo, engineInfo, isLocal, tryDocker } from './engine.ts'
import * as label from './labels.ts'
import { inotifyInstances, readOnlyControlGroup } from './machine.ts'
import { findNetwork, freeSubnet, takenNetworks } from './network.ts'
import { addressAt, overlaps, parseSubnet } from './subnet.ts'

/** What is needed for images, and for what two servers install. */
const ROOM_BYTES = 8e9
const INOTIFY_INSTANCES = 1024

/** Whether the engine answers, and is of a kind that can run servers. */
export async function engineProblems(): Promise<Problem[]> {
  if (!isInstalled('docker')) {
    return [
      error(
        'docker.not-installed',
        'the command docker is not installed',
        'install it with the package manager, or run scripts/engine.sh up in the folder of mlops',
      ),
    ]
  }
  const info = await engineInfo()
  if ('unreachable' in info) return [unreachable(info.unreachable)]
  const problems: Problem[] = []
  if (info.OSType !== undefined && info.OSType !== 'linux') {
    problems.push(
      error('docker.not-linux', `this Docker Engine runs ${info.OSType} containers`, 'switch it to Linux containers'),
    )
  }
  if ((info.SecurityOptions ?? []).some(option => /name=(rootless|userns)/.test(option))) {
    problems.push(
      error(
        'docker.rootless',
        'a rootless Docker Engine cannot run servers',
        'use the engine of root: docker context use default',
      ),
    )
  }
  return problems
}

/** What stands in the way of making the missing servers on an engine that answers. */
export async function serverProblems(project: Project, missing: readonly ServerSpec[]): Promise<Problem[]> {
  if (missing.length === 0) return []
  const info = await engineInfo()
  if ('unreachable' in info) return [unreachable(info.unreachable)]
  return [
    ...machineProblems(info),
    ...(await toolProblems(project)),
    ...(await networkProblems(project, info)),
    ...addressProblems(project),
    ...(await nameProblems(project, missing)),
  ]
}

function unreachable(reason: string): Problem {
  if (/permission denied/i.test(reason)) {
    return error(
      'docker.permission',
      'the Docker Engine runs, but you may not use it',
      'sudo usermod -aG docker "$USER", then log in again',
    )
  }
  return error(
    'docker.no-engine',
    `no Docker Engine answers: ${reason}`,
    'sudo systemctl start docker, or scripts/engine.sh up in the folder of mlops',
  )
}

function machineProblems(info: EngineInfo): Problem[] {
  if (!isLocal(info)) return []
  const problems: Problem[] = []
  const instances = inotifyInstances(INOTIFY_INSTANCES)
  if (instances !== undefined && instances < INOTIFY_INSTANCES) {
    problems.push(
      warning(
        'docker.inotify',
        `this machine lets programs watch files ${instances} times; each server takes about 7, so some may not boot`,
        'sudo sysctl -w fs.inotify.max_user_instances=8192',
      ),
    )
  }
  const room = freeBytes(info.DockerRootDir ?? '/var/lib/docker')
  if (room !== undefined && room < ROOM_BYTES) {
    const free = (room / 1e9).toFixed(1)
    problems.push(
      error(
        'docker.disk',
        `the Docker Engine has ${free} GB of disk left, servers need 8 GB`,
        'docker system prune frees what is unused',
      ),
    )
  }
  const tree = readOnlyControlGroup()
  if (tree !== undefined) {
    problems.push(
      error(
        'docker.cgroup-read-only',
        `${tree} is mounted read-only, so servers cannot run systemd`,
        `sudo mount -o remount,bind,rw ${tree}`,
      ),
    )
  }
  return problems
}

async function toolProblems(project: Project): Promise<Problem[]> {
  if (project.docker.registryMirror.kind !== 'local' || isInstalled('openssl')) return []
  return [
    error(
      'docker.no-openssl',
      'openssl is not installed; the local registry needs a certificate',
      'sudo apt-get install openssl',
    ),
  ]
}

async function networkProblems(project: Project, info: EngineInfo): Promise<Problem[]> {
  const subnet = parseSubnet(project.docker.subnet)
  if (subnet === undefined) {
    return [error('docker.subnet', `${project.docker.subnet} is no IPv4 network`, 'write it as in 10.77.0.0/24')]
  }
  const name = networkName(project)
  const own = await findNetwork(name)
  if (own !== undefined) {
    const problems: Problem[] = []
    if (own.subnet !== project.docker.subnet) {
      problems.push(
        error(
          'docker.network-differs',
          `network ${name} is ${own.subnet}, mlops.yml says ${project.docker.subnet}`,
          'mlops destroy, then provision again',
        ),
      )
    }
    return problems
  }
  const taken = await takenNetworks({ isLocal: isLocal(info) })
  const free = freeSubnet(taken)
  for (const other of taken) {
    const theirs = parseSubnet(other.subnet)
    if (theirs !== undefined && overlaps(subnet, theirs)) {
      return [
        error(
          'docker.subnet-used',
          `${project.docker.subnet} is used by ${other.name} (${other.subnet})`,
          free === undefined ? 'give another `docker.subnet` in mlops.yml' : `${free} is free: say so in mlops.yml`,
        ),
      ]
    }
  }
  return []
}

/** That addresses lie in the subnet is known from reading mlops.yml. */
function addressProblems(project: Project): Problem[] {
  const subnet = parseSubnet(project.docker.subnet)
  const reserved = subnet === undefined ? [] : [addressAt(subnet, 1), addressAt(subnet, 2)]
  return project.servers
    .filter(({ provider, address }) => provider === 'docker' && address !== undefined && reserved.includes(address))
    .map(({ name, address }) =>
      error(
        'docker.address',
        `${name}: ${address} belongs to the network itself`,
        'the first two addresses are the gateway and the registry',
      ),
    )
}

/** Containers and projects of other folders that carry the names we would take. */
async function nameProblems(project: Project, missing: readonly ServerSpec[]): Promise<Problem[]> {
  const others = await dockerLines(['ps', '--all', '--quiet', '--filter', `label=${label.PROJECT}=${project.name}`])
  const own = label.ownLabels(project)[label.DIRECTORY]
  const foreign = (await inspect(others)).find(({ labels }) => labels[label.DIRECTORY] !== own)
  if (foreign !== undefined) {
    return [
      error(
        'docker.other-folder',
        `a project ${project.name} of another folder, ${foreign.labels[label.DIRECTORY]}, has servers here`,
        'give this one another `name` and `docker.subnet` in mlops.yml, or run mlops destroy there',
      ),
    ]
  }
  const problems: Problem[] = []
  for (const { name } of missing) {
    const container = containerName(project, name)
    const found = await tryDocker([
      'inspect',
      '--type',
      'container',
      '--format',
      `{{index .Config.Labels "${label.PROJECT}"}}`,
      container,
    ])
    if (found.status !== 0 || found.stdout.trim() === project.name) continue
    problems.push(
      error(
        'docker.name-taken',
        `a container ${container} exists that mlops did not make`,
        `rename it: docker rename ${container} …`,
      ),
    )
  }
  return problems
}

function error(code: string, message: string, hint: string): Problem {
  return { code, severity: 'error', message, hint }
}

function warning(code: string, message: string, hint: string): Problem {
  return { code, severity: 'warning', message, hint }
}
