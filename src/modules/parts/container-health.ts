import { quote } from '../../shell/sh.ts'
import type { Plain } from '../module.ts'
import type { Setting } from './container-setting.ts'
import { nanoseconds } from './container-values.ts'
import { numberAt, textsAt } from './json-path.ts'

/** The health check of a container. */
export const healthcheck: Setting = {
  kind: 'dict',
  want: ({ healthcheck }) => healthcheck && wantedHealth(healthcheck),
  is: healthOf,
  fromImage: healthOf,
  words: ({ healthcheck }) => (healthcheck ? healthWords(healthcheck) : []),
}

/** Of a container or an image, from `docker inspect`. */
function healthOf(inspected: unknown): Record<string, Plain> {
  const number = (key: string) => numberAt(inspected, `Config.Healthcheck.${key}`)
  return {
    test: healthText(textsAt(inspected, 'Config.Healthcheck.Test')),
    interval: number('Interval'),
    timeout: number('Timeout'),
    start_period: number('StartPeriod'),
    start_interval: number('StartInterval'),
    retries: number('Retries'),
  }
}

type Health = Readonly<Record<string, unknown>>

function wantedHealth(check: Health): Record<string, Plain> {
  if (check.test === undefined || check.test === null) return {}
  const test = healthText(healthTest(check.test))
  if (test === 'NONE') return { test }
  const times = ['interval', 'timeout', 'start_period', 'start_interval'].filter(key => given(check[key]))
  return {
    test,
    ...Object.fromEntries(times.map(key => [key, nanoseconds(String(check[key]))])),
    ...(given(check.retries) ? { retries: Number(check.retries) } : {}),
  }
}

function healthTest(test: unknown): readonly string[] {
  return Array.isArray(test) ? test.map(String) : ['CMD-SHELL', String(test)]
}

/** A health check as the shell text that docker's command line knows; `NONE` when it is switched off. */
function healthText([kind = '', ...words]: readonly string[]): string {
  if (kind === 'NONE' || kind === '') return kind
  return kind === 'CMD' ? words.map(quote).join(' ') : words.join(' ')
}

function healthWords(check: Health): string[] {
  if (!given(check.test)) return []
  const test = healthText(healthTest(check.test))
  if (test === 'NONE') return ['--no-healthcheck']
  const options = {
    interval: 'interval',
    timeout: 'timeout',
    start_period: 'start-period',
    start_interval: 'start-interval',
  }
  return [
    '--health-cmd',
    test,
    ...Object.entries(options).flatMap(([key, option]) =>
      given(check[key]) ? [`--health-${option}`, `${nanoseconds(String(check[key]))}ns`] : [],
    ),
    ...(given(check.retries) ? ['--health-retries', String(Number(check.retries))] : []),
  ]
}

function given(value: unknown): boolean {
  return value !== undefined && value !== null && value !== ''
}
