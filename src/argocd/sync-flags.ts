import { MlopsError } from '../errors.ts'
import { didYouMean } from '../near.ts'
import { type Fields, isFields, within } from './spec.ts'
import type { SpecFlag } from './spec-flags.ts'

const policies = ['none', 'manual', 'auto', 'automated', 'automatic']

/** Flags about when and how Argo CD syncs by itself. */
export const syncFlags: readonly SpecFlag[] = [
  {
    name: 'sync-policy',
    takes: 'text',
    value: '<policy>',
    about: 'none (also manual), or auto (also automated, automatic)',
    set: setPolicy,
  },
  automated('auto-prune', 'remove what the repository no longer has', 'prune'),
  automated('self-heal', 'undo what somebody changes in the cluster', 'selfHeal'),
  automated('allow-empty', 'even where nothing would be left', 'allowEmpty'),
  {
    name: 'sync-option',
    takes: 'texts',
    value: '<option=value>',
    about: 'such as CreateNamespace=true; !OPTION=VALUE takes one away; may be given again',
    set: setOptions,
  },
  {
    name: 'sync-retry-limit',
    takes: 'number',
    value: '<number>',
    about: 'how often a sync that failed is tried again',
    set: (spec, limit) => {
      if (limit === 0) delete within(spec, 'syncPolicy')['retry']
      else within(spec, 'syncPolicy')['retry'] = { limit, backoff: { duration: '5s', factor: 2, maxDuration: '3m0s' } }
      dropEmpty(spec)
    },
  },
  backoff('sync-retry-backoff-duration', '<duration>', 'the first pause (default: 5s)', 'duration'),
  backoff('sync-retry-backoff-max-duration', '<duration>', 'the longest pause (default: 3m0s)', 'maxDuration'),
  {
    name: 'sync-retry-backoff-factor',
    takes: 'number',
    value: '<number>',
    about: 'how much longer each pause is (default: 2)',
    set: (spec, value) => {
      backoffOf(spec, 'sync-retry-backoff-factor')['factor'] = value
    },
  },
]

/** Whether a text is a duration as Go writes it: `90s`, `2m30s`. */
export function isDuration(text: string): boolean {
  return /^(\d+(\.\d+)?(ns|us|\u00b5s|ms|s|m|h))+$/.test(text)
}

function setPolicy(spec: Fields, policy: string): void {
  if (!policies.includes(policy)) {
    throw new MlopsError('argocd.flag', `--sync-policy ${policy} is unknown`, {
      hint: didYouMean(policy, policies) ?? `it is one of ${policies.join(', ')}`,
    })
  }
  if (policy === 'none' || policy === 'manual') {
    if (isFields(spec['syncPolicy'])) delete spec['syncPolicy']['automated']
    dropEmpty(spec)
  } else within(spec, 'syncPolicy.automated')
}

function automated(name: string, about: string, field: string): SpecFlag {
  const set = (spec: Fields, value: boolean) => {
    const policy = spec['syncPolicy']
    if (!isFields(policy) || !isFields(policy['automated'])) {
      throw new MlopsError('argocd.flag', `--${name} is about applications that sync by themselves`, {
        hint: 'add --sync-policy auto',
      })
    }
    policy['automated'][field] = value
  }
  return { name, takes: 'switch', about: `${about} (with --sync-policy auto)`, set }
}

function setOptions(spec: Fields, options: readonly string[]): void {
  const policy = within(spec, 'syncPolicy')
  let list = Array.isArray(policy['syncOptions']) ? policy['syncOptions'].map(String) : []
  for (const option of options) {
    const name = option.replace(/^!/, '')
    if (!/^[^=]+=./.test(name)) throw new MlopsError('argocd.flag', `--sync-option ${option} is not OPTION=VALUE`)
    list = option.startsWith('!')
      ? list.filter(each => each !== name)
      : [...list.filter(each => each.split('=')[0] !== name.split('=')[0]), name]
  }
  policy['syncOptions'] = list
  if (list.length === 0) delete policy['syncOptions']
  dropEmpty(spec)
}

function backoff(name: string, value: string, about: string, field: string): SpecFlag {
  const set = (spec: Fields, text: string) => {
    if (!isDuration(text))
      throw new MlopsError('argocd.flag', `--${name} ${text} is not a duration`, { hint: 'such as 2m' })
    backoffOf(spec, name)[field] = text
  }
  return { name, takes: 'text', value, about, set }
}

function backoffOf(spec: Fields, flag: string): Fields {
  const policy = spec['syncPolicy']
  if (isFields(policy) && isFields(policy['retry'])) return within(policy, 'retry.backoff')
  throw new MlopsError('argocd.flag', `--${flag} is about syncs that are tried again`, {
    hint: 'add --sync-retry-limit NUMBER',
  })
}

function dropEmpty(spec: Fields): void {
  if (isFields(spec['syncPolicy']) && Object.keys(spec['syncPolicy']).length === 0) delete spec['syncPolicy']
}
