import type { AppStatus, ModelStatus } from '../services/status.ts'

/** What the application says of itself, for people. */
export function appText(app: AppStatus): string {
  const models = Object.entries(app.models ?? { model: app.model ?? null })
  const parts = [
    `${app.url}  ${app.ready ? `ready in ${app.latencyMs} ms` : `NOT READY (${app.problem ?? 'no reason given'})`}`,
    ...(app.queue ? [`queue: ${app.queue.messages} waiting, ${app.queue.consumers} consumers`] : []),
    ...(app.dead ? [`put aside: ${app.dead} ${app.dead === 1 ? 'job' : 'jobs'} that nobody could answer`] : []),
    ...models.flatMap(([name, model]) =>
      model ? [`${name === 'model' ? 'model' : `model ${name}`}: ${modelText(model)}`] : [],
    ),
    ...(app.version ? [`version: ${app.version}`] : []),
  ]
  return `${parts.join('\n  ')}\n`
}

function modelText({ id, accuracy, date }: ModelStatus): string {
  return `${id}${typeof accuracy === 'number' ? `, accuracy ${accuracy}` : ''}${date ? `, of ${date}` : ''}`
}
