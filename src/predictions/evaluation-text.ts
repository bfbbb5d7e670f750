import type { Evaluation } from './evaluate.ts'

/** An evaluation as two tables: the confusion matrix with its titles, and facts by their names. */
export function evaluationText(
  model: string,
  result: Evaluation,
): { confusion: string[][]; facts: [string, string][] } {
  const names = model === 'american' ? ['not American', 'American'] : ['no diabetes', 'diabetes']
  const { accuracy, latency, releases, failed, failures, seconds, answered } = result
  const confusion = [
    ['', ...names.map(name => `predicted: ${name}`)],
    ...result.confusion.map((row, label) => [`true: ${names[label]}`, ...row.map(String)]),
  ]
  const share =
    accuracy.percent === undefined ? '-' : `${accuracy.percent.toFixed(2)} % (${accuracy.right} of ${accuracy.rows})`
  return {
    confusion,
    facts: [
      ['accuracy', share],
      ['rows', String(result.rows)],
      ['failed', String(failed)],
      ...Object.entries(failures).map(([reason, { count, says }]): [string, string] => [
        `  ${reason}`,
        `${count}${says === undefined ? '' : `: ${says}`}`,
      ]),
      ...(['p50', 'p90', 'p99', 'max'] as const).map((name): [string, string] => [
        name,
        `${latency[name].toFixed(1)} ms`,
      ]),
      ['took', `${seconds.toFixed(2)} s, ${(answered / Math.max(seconds, 0.001)).toFixed(0)} answers a second`],
      ...releases.map(({ version, modelId, modelDate, answers }): [string, string] => [
        `model ${modelId ?? ''}`.trim(),
        `of ${modelDate}, version ${version}: ${answers} answers`,
      ]),
    ],
  }
}
