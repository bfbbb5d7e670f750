import { MlopsError } from '../errors.ts'
import { type Fields, listOf, pair, pairs, putNamed, within } from './spec.ts'
import type { SpecFlag } from './spec-flags.ts'

const kustomize = (spec: Fields) => within(spec, 'source.kustomize')

/** Flags about a source that Kustomize builds. */
export const kustomizeFlags: readonly SpecFlag[] = [
  text('nameprefix', '<text>', 'before the name of everything', 'namePrefix'),
  text('namesuffix', '<text>', 'behind the name of everything', 'nameSuffix'),
  text('kustomize-version', '<version>', 'the version of Kustomize', 'version'),
  text('kustomize-namespace', '<name>', 'the namespace of everything', 'namespace'),
  text('kustomize-kube-version', '<version>', 'the version of Kubernetes for charts', 'kubeVersion'),
  {
    name: 'kustomize-api-versions',
    takes: 'texts',
    value: '<version>',
    about: 'a kind that the cluster has, for charts; may be given again',
    set: (spec, values) => {
      kustomize(spec)['apiVersions'] = [...values]
    },
  },
  {
    name: 'kustomize-image',
    takes: 'texts',
    value: '<image>',
    about: 'another image: NAME:TAG or OLD=NEW:TAG; may be given again',
    set: (spec, images) => {
      const found = kustomize(spec)['images']
      const others = (Array.isArray(found) ? found.map(String) : []).filter(
        image => !images.some(each => replaced(each) === replaced(image)),
      )
      kustomize(spec)['images'] = [...others, ...images]
    },
  },
  {
    name: 'kustomize-replica',
    takes: 'texts',
    value: '<name=number>',
    about: 'how many of a workload; may be given again',
    set: (spec, texts) => {
      const list = listOf(kustomize(spec), 'replicas')
      for (const [name, count] of texts.map(each => pair('kustomize-replica', each))) {
        if (!/^\d+$/.test(count))
          throw new MlopsError('argocd.flag', `--kustomize-replica ${name}=${count}: not a number`)
        putNamed(list, { name, count: Number(count) })
      }
    },
  },
  mapping('kustomize-common-label', 'a label of everything; may be given again', 'commonLabels'),
  mapping('kustomize-common-annotation', 'an annotation of everything; may be given again', 'commonAnnotations'),
  toggle('kustomize-force-common-label', 'also where there is such a label', 'forceCommonLabels'),
  toggle('kustomize-force-common-annotation', 'also where there is such an annotation', 'forceCommonAnnotations'),
  toggle('kustomize-label-without-selector', 'labels, but not in selectors', 'labelWithoutSelector'),
]

/** The image that `OLD=NEW:TAG`, `NAME:TAG` or `NAME@DIGEST` puts something in the place of. */
function replaced(image: string): string {
  const [old] = image.split('=')
  return (image.includes('=') ? old : image.replace(/@.*$/, '').replace(/:[^/]*$/, '')) ?? image
}

function text(name: string, value: string, about: string, field: string): SpecFlag {
  const set = (spec: Fields, given: string) => {
    kustomize(spec)[field] = given
  }
  return { name, takes: 'text', value, about, set }
}

function toggle(name: string, about: string, field: string): SpecFlag {
  const set = (spec: Fields, given: boolean) => {
    kustomize(spec)[field] = given
  }
  return { name, takes: 'switch', about, set }
}

function mapping(name: string, about: string, field: string): SpecFlag {
  const set = (spec: Fields, texts: readonly string[]) => {
    kustomize(spec)[field] = pairs(name, texts)
  }
  return { name, takes: 'texts', value: '<key=value>', about, set }
}
