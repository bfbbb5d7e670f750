import type { ModelInfo } from '../../jobs.ts'
import type { ModelName } from '../../settings.ts'
import { type Feature, features } from '../features.ts'
import { type Html, html } from './html.ts'
import { page } from './layout.ts'

interface Answer {
  readonly probability: number
  readonly model: ModelInfo
}

/** Rows of the table to begin with: one with diabetes, one without. */
const examples = [
  [6, 148, 72, 35, 0, 33.6, 0.627, 50],
  [1, 85, 66, 29, 0, 26.6, 0.351, 31],
] as const

/** The form for one row of the table, with the answer to it. */
export function rowPage({
  models,
  values,
  problems = new Map(),
  answer,
}: {
  models: readonly ModelName[]
  values: ReadonlyMap<string, string>
  problems?: ReadonlyMap<string, string>
  answer?: Answer
}): string {
  const links = examples.map((row, number) => {
    const query = features.map(({ name }, column) => `${name}=${row[column]}`).join('&')
    return html`${number > 0 ? ', ' : ''}<a href="/predict?${query}">row ${number + 1} of the table</a>`
  })
  return page({
    models,
    path: '/predict',
    title: 'One row',
    body: html`<h1>${answer ? (answer.probability > 0.5 ? 'Diabetes within five years: likely' : 'Diabetes within five years: unlikely') : 'One row'}</h1>
${answer ? result('Probability of diabetes', answer) : html`<p>Eight measurements of one person; the model says how likely diabetes is. A 0 stands for a value that is not known. To begin with: ${links}.</p>`}
${problems.size > 0 ? html`<p class="problem" role="alert">The model was not asked. Please correct: ${wrongFields(problems)}.</p>` : undefined}
<form action="/predict" method="POST" class="card">
<div class="fields">${features.map(feature => numberField(feature, values.get(feature.name) ?? '', problems.get(feature.name)))}</div>
<p><input type="submit" value="Ask the model"/></p></form>`,
  })
}

/** Links to the fields that have to be corrected. */
function wrongFields(problems: ReadonlyMap<string, string>): Html[] {
  return features
    .filter(({ name }) => problems.has(name))
    .map(({ name, label }, at) => html`${at > 0 ? ', ' : ''}<a href="#${name}">${label}</a>`)
}

function numberField({ name, label, unit, most, step }: Feature, value: string, problem: string | undefined): Html {
  return html`<p><label for="${name}">${label}</label>
<input id="${name}" name="${name}" type="number" min="0" max="${most}" step="${step}" value="${value}" required="required" ${described(name, problem)}/>
${note(name, problem, unit)}</p>
`
}

/** Ties a field to the note below it. */
function described(name: string, problem: string | undefined): Html {
  return html`aria-describedby="${name}-note"${problem === undefined ? undefined : html` aria-invalid="true"`}`
}

function note(name: string, problem: string | undefined, otherwise: string): Html {
  return problem === undefined
    ? html`<small id="${name}-note">${otherwise}</small>`
    : html`<small id="${name}-note" class="problem">${problem}</small>`
}

/** The form for one text, with the answer to it. */
export function textPage({
  models,
  text,
  problem,
  answer,
}: {
  models: readonly ModelName[]
  text: string
  problem?: string
  answer?: Answer
}): string {
  return page({
    models,
    path: '/american',
    title: 'American or not',
    body: html`<h1>${answer ? (answer.probability > 0.5 ? 'American' : 'Not American') : 'American or not'}</h1>
${answer ? result('Probability that the author is American', answer) : html`<p>A short text, such as a tweet; the model says from its words whether the author is American.</p>`}
<form action="/american" method="POST" class="card">
<p><label for="text">Text</label>
<textarea id="text" name="text" rows="4" maxlength="10000" required="required" ${described('text', problem)}>
${text}</textarea>
${note('text', problem, '')}</p>
<p><input type="submit" value="Ask the model"/></p></form>`,
  })
}

function result(label: string, { probability, model }: Answer): Html {
  const percent = (probability * 100).toFixed(1)
  const fact = (name: string, value: string) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`
  return html`<section class="card" role="status"><p><label for="sure">${label}: <strong>${percent} %</strong></label></p>
<meter id="sure" min="0" max="100" value="${percent}">${percent} %</meter>
<dl class="facts">${[fact('Model', model.id), fact('Trained', `${model.date.slice(0, 16).replace('T', ' ')} UTC`), fact('Right on unseen rows', model.accuracy === null ? 'not known' : `${model.accuracy.toFixed(1)} %`)]}</dl></section>`
}
