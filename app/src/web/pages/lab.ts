import type { Scores } from '../../jobs.ts'
import { pythonFloat } from '../../numbers.ts'
import type { ModelName } from '../../settings.ts'
import { matrixChart, spreadChart } from './charts.ts'
import { type Html, html } from './html.ts'
import { page } from './layout.ts'

/** The pages of the lab's own application. Their headings, and the table, are read by existing clients: byte for byte. */

type Served = readonly ModelName[]

export function homePage(models: Served): string {
  const card = (to: string, heading: string, text: string) =>
    html`<section class="card"><h2><a href="${to}">${heading}</a></h2><p>${text}</p></section>\n`
  const cards = {
    diabetes: [
      card('/predictions', 'Predictions', 'Every row of the served table: what is true, and what the model says.'),
      card('/accuracy', 'Accuracy', 'How many of these rows the model gets right.'),
      card('/predict', 'One row', 'Eight measurements of your own: how likely is diabetes?'),
    ],
    american: [card('/american', 'American or not', 'A text of your own: is its author American?')],
  }
  const what = [
    ...(models.includes('diabetes')
      ? ['A small neural network says from eight measurements whether somebody has diabetes.']
      : []),
    ...(models.includes('american') ? ['Another model says of a short text whether its author is American.'] : []),
  ]
  return page({
    models,
    path: '/',
    body: html`<h1>Welcome to the Machine Learning Course.</h1>
<p>${what.join(' ').replace(/^Another/, 'A')} The questions go through a queue to workers, which hold the ${models.length > 1 ? 'models' : 'model'}; these pages ask them, and so can <a href="/docs">programs</a>.</p>
<div class="grid">
${models.flatMap(model => cards[model])}</div>`,
  })
}

export function formPage(path: '/accuracy' | '/predictions', models: Served): string {
  const [heading, text, submit] =
    path === '/accuracy'
      ? ['Accuracy', 'A worker runs the model over the served table and counts the right answers.', 'Get the accuracy']
      : [
          'Predictions',
          'A worker runs the model over the served table; you see each row with its true and its predicted label.',
          'Get the predictions',
        ]
  return page({
    models,
    path,
    body: html`<h1>${heading}</h1>
<p>${text}</p>
<form action="${path}" method="POST"><input type="submit" value="${submit}"/></form>`,
  })
}

export function accuracyPage(scores: Scores, models: Served): string {
  return page({
    models,
    path: '/accuracy',
    body: html`<h1>The accuracy is ${pythonFloat(scores.accuracy)}</h1>\n${facts(scores)}`,
  })
}

export function predictionsPage(scores: Scores, models: Served): string {
  return page({
    models,
    path: '/predictions',
    body: html`<h1>Accuracy is ${pythonFloat(scores.accuracy)}</h1>
${facts(scores)}
<div class="grid">
<section class="card"><h2>True against predicted</h2>${matrixChart(scores)}</section>
<section class="card"><h2>How sure the model is</h2>${spreadChart(scores)}</section>
</div>
<section class="card"><h2 id="rows">All rows</h2>
<p class="quiet">1 is diabetes, 0 is none. Rows that the model gets wrong are marked with ≠.</p>
<div class="rows" role="region" aria-labelledby="rows" tabindex="0">
<table border="1">
<tr><th>True</th><th>Predicted</th></tr>
${scores.y.map((truth, i) => row(truth, scores.predicted[i]))}</table>
</div></section>`,
  })
}

function row(truth: number, predicted: number | undefined): Html {
  const cells = html`<td>${truth}</td><td>${predicted}</td>`
  return truth === predicted ? html`<tr>${cells}</tr>\n` : html`<tr class="wrong">${cells}</tr>\n`
}

function facts({ y, predicted, model }: Scores): Html {
  const right = y.filter((truth, i) => truth === predicted[i]).length
  const fact = (name: string, value: string) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`
  return html`<section class="card"><dl class="facts">${[
    fact('Rows', String(y.length)),
    fact('Right', String(right)),
    fact('Wrong', String(y.length - right)),
    fact('Model', model.id),
    fact('Trained', `${model.date.slice(0, 16).replace('T', ' ')} UTC`),
    fact('Engine', model.engine),
  ]}</dl></section>`
}
