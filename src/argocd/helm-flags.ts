import { readFileSync } from 'node:fs'
import { MlopsError } from '../errors.ts'
import { type Fields, listOf, pair, putNamed, within } from './spec.ts'
import type { SpecFlag } from './spec-flags.ts'

const helm = (spec: Fields) => within(spec, 'source.helm')

/** Flags about a source that is a Helm chart. */
export const helmFlags: readonly SpecFlag[] = [
  {
    name: 'helm-chart',
    takes: 'text',
    value: '<name>',
    about: 'the chart in a Helm repository',
    set: (spec, value) => {
      within(spec, 'source')['chart'] = value
    },
  },
  {
    name: 'values',
    takes: 'texts',
    value: '<file>',
    about: 'a file of values in the repository; may be given again',
    set: (spec, values) => {
      helm(spec)['valueFiles'] = [...values]
    },
  },
  text('release-name', '<name>', 'the name of the release', 'releaseName'),
  {
    name: 'values-literal-file',
    takes: 'text',
    value: '<file>',
    about: 'a file of this machine whose values become part of the Application',
    set: (spec, file) => {
      helm(spec)['values'] = readValues(file)
    },
  },
  toggle('ignore-missing-value-files', 'go on where a file of values is not there', 'ignoreMissingValueFiles'),
  parameters('helm-set', 'a value; may be given again', false),
  parameters('helm-set-string', 'a value that stays a text; may be given again', true),
  {
    name: 'helm-set-file',
    takes: 'texts',
    value: '<key=path>',
    about: 'a value that is a file of the repository; may be given again',
    set: (spec, texts) => {
      const list = listOf(helm(spec), 'fileParameters')
      for (const [name, path] of texts.map(each => pair('helm-set-file', each))) putNamed(list, { name, path })
    },
  },
  // Argo CD's other name of --helm-set, short enough to be used
  { ...parameters('parameter', 'a value of the chart, as --helm-set; may be given again', false), short: 'p' },
  text('helm-version', '<version>', 'the version of Helm', 'version'),
  text('helm-namespace', '<name>', 'the namespace for `helm template`', 'namespace'),
  text('helm-kube-version', '<version>', 'the version of Kubernetes for `helm template`', 'kubeVersion'),
  {
    name: 'helm-api-versions',
    takes: 'texts',
    value: '<version>',
    about: 'a kind that the cluster has, [GROUP/]VERSION/KIND; may be given again',
    set: (spec, values) => {
      helm(spec)['apiVersions'] = [...values]
    },
  },
  toggle('helm-pass-credentials', 'pass credentials to all domains', 'passCredentials'),
  toggle('helm-skip-crds', "leave the chart's CRDs out", 'skipCrds'),
  toggle('helm-skip-tests', "leave the chart's tests out", 'skipTests'),
  toggle('helm-skip-schema-validation', 'do not check values against the schema', 'skipSchemaValidation'),
]

function text(name: string, value: string, about: string, field: string): SpecFlag {
  const set = (spec: Fields, given: string) => {
    helm(spec)[field] = given
  }
  return { name, takes: 'text', value, about, set }
}

function toggle(name: string, about: string, field: string): SpecFlag {
  const set = (spec: Fields, given: boolean) => {
    helm(spec)[field] = given
  }
  return { name, takes: 'switch', about, set }
}

function parameters(name: string, about: string, forceString: boolean): SpecFlag {
  const set = (spec: Fields, texts: readonly string[]) => {
    const list = listOf(helm(spec), 'parameters')
    for (const [key, value] of texts.map(each => pair(name, each)))
      putNamed(list, { name: key, value, ...(forceString && { forceString }) })
  }
  return { name, takes: 'texts', value: '<key=value>', about, set }
}

function readValues(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    throw new MlopsError('argocd.file', `--values-literal-file ${file} cannot be read`, { cause })
  }
}
