/** What containers of a pod under the Pod Security Standard `restricted` may mount (kubernetes.io, Pod Security Standards, Restricted). */
const volumeTypes = new Set([
  'configMap',
  'csi',
  'downwardAPI',
  'emptyDir',
  'ephemeral',
  'persistentVolumeClaim',
  'projected',
  'secret',
])

/** What the Pod Security Standard `restricted` has against a pod's `spec`: baseline's rules and those of its own. */
export function restrictedProblems(spec: unknown): string[] {
  const pod = Object(spec)
  const problems: string[] = []
  const ask = (isRight: boolean, problem: string) => isRight || problems.push(problem)
  for (const field of ['hostNetwork', 'hostPID', 'hostIPC']) ask(!pod[field], field)
  for (const volume of pod.volumes ?? []) {
    const types = Object.keys(volume).filter(key => key !== 'name')
    ask(types.length === 1 && types.every(type => volumeTypes.has(type)), `volume ${volume.name}: ${types}`)
  }
  const whole = Object(pod.securityContext)
  ask((whole.sysctls ?? []).length === 0, 'sysctls')
  const containers = [...(pod.initContainers ?? []), ...(pod.containers ?? []), ...(pod.ephemeralContainers ?? [])]
  for (const { name, ports, securityContext } of containers) {
    const own = Object(securityContext)
    ask(own.privileged !== true, `${name}: privileged`)
    ask(own.allowPrivilegeEscalation === false, `${name}: allowPrivilegeEscalation`)
    ask((own.runAsNonRoot ?? whole.runAsNonRoot) === true, `${name}: runAsNonRoot`)
    ask((own.runAsUser ?? whole.runAsUser) !== 0, `${name}: runAsUser`)
    const seccomp = own.seccompProfile ?? whole.seccompProfile
    ask(['RuntimeDefault', 'Localhost'].includes(seccomp?.type), `${name}: seccompProfile`)
    const { drop = [], add = [] } = Object(own.capabilities)
    ask(drop.includes('ALL'), `${name}: capabilities are not dropped`)
    ask(
      add.every((capability: string) => capability === 'NET_BIND_SERVICE'),
      `${name}: capabilities ${add}`,
    )
    ask(
      (ports ?? []).every(({ hostPort = 0 }: { hostPort?: number }) => hostPort === 0),
      `${name}: hostPort`,
    )
    ask((own.procMount ?? 'Default') === 'Default', `${name}: procMount`)
    for (const options of [own.seLinuxOptions, whole.seLinuxOptions]) ask(options === undefined, `${name}: seLinux`)
  }
  return problems
}
