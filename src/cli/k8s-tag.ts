import { MlopsError } from '../errors.ts'
import { splitImage } from '../kubernetes/image.ts'
import { requireProject } from '../project/load.ts'
import type { K8sFlags } from './k8s-plan.ts'

/** The flags with the image that `--tag` means. Throws `k8s.tag`. */
export function withTag<Flags extends K8sFlags & { readonly tag?: string }>(flags: Flags): Flags {
  const { image, tag, project } = flags
  if (tag === undefined) return flags
  if (image !== undefined) throw new MlopsError('k8s.tag', `${image} and tag ${tag} both say what shall run`)
  if (!/^\w[\w.-]{0,127}$/.test(tag)) {
    throw new MlopsError('k8s.tag', `${tag} cannot be a tag`, { hint: 'letters, digits, `_`, `.` and `-`' })
  }
  const known = requireProject(process.cwd(), project).kubernetes.image
  if (known !== undefined) return { ...flags, image: `${splitImage(known).name}:${tag}` }
  throw new MlopsError('k8s.tag', `of which image is ${tag} a tag?`, {
    hint: 'kubernetes: { image: REGISTRY/NAME } in mlops.yml, or --image REGISTRY/NAME:TAG',
  })
}
