import { MlopsError } from '../errors.ts'
import { pinned } from '../images/record.ts'
import { parseReference } from '../images/reference.ts'
import type { Blueprint } from '../kubernetes/blueprint.ts'
import { plan } from '../kubernetes/plan.ts'
import type { Solution } from '../project/kubernetes.ts'
import { requireProject } from '../project/load.ts'
import type { Project } from '../project/project.ts'
import { readReplicas } from '../project/state.ts'
import { hasTemplate } from '../template/has-template.ts'
import { openVault } from '../vault/keyring.ts'
import { revealed } from '../vault/revealed.ts'
import { vaultText } from '../vault/value.ts'

/** Flags of commands that make manifests. */
export interface K8sFlags {
  readonly project?: string
  readonly solution?: Solution
  readonly image?: string
}

/** The project, and what it makes of itself on Kubernetes. */
export function readPlan(flags: K8sFlags): { readonly project: Project; readonly blueprint: Blueprint } {
  const project = requireProject(process.cwd(), flags.project)
  const { solution } = flags
  const image = flags.image ?? pinned(project.kubernetes.image, project)
  if (image !== undefined) parseReference(image)
  const blueprint = plan(project, { solution, image, remembered: readReplicas(project), open })
  return { project, blueprint }
}

/** The text of a value of `mlops.yml`: encrypted ones are opened, and hidden from then on. */
function open(value: string): string {
  const encrypted = vaultText(value)
  if (encrypted !== undefined) {
    const plain = openVault(encrypted, 'a value of mlops.yml').toString('utf8').trim()
    revealed.add(plain)
    return plain
  }
  if (!hasTemplate(value)) return value
  throw new MlopsError('k8s.template', `templates are not opened here: ${value}`, {
    hint: 'write the text itself, or encrypt it: mlops vault encrypt_string',
  })
}
