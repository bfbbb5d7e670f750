import type { Files } from '../model/format.ts'
import { loadModel } from '../model/model.ts'
import { parseTable } from '../model/table.ts'
import type { Engine } from '../model/tensorflow.ts'
import type { Evaluation, Judged } from './gate.ts'
import { rowText } from './leakage.ts'

/** Rows of eight measurements, and how models of them are judged. Throws `data.…`. */
export function judgedByTable(data: { readonly text: string; readonly name: string }, engine: Engine) {
  const { features, labels } = parseTable(data.text, data.name)
  const width = features[0]?.length ?? 0
  const evaluation: Evaluation = {
    name: data.name,
    takes: takes(width),
    labels,
    rows: features.map((row, index) => rowText(row, labels[index] ?? 0)),
  }
  const open = async (files: Files): Promise<Judged> => {
    const model = await loadModel(files, engine)
    return {
      id: model.id,
      format: model.format,
      files: model.files,
      takes: takes(model.width),
      label: () => [...model.probabilities(features)].map(p => Number(p > 0.5)),
      smoke: () => void model.probabilities(edges(features)),
      dispose: () => model.dispose(),
    }
  }
  return { evaluation, open }
}

/** Rows at the edge of what was measured: nothing at all, the least, the most, and a hundred times the most. */
function edges(features: readonly (readonly number[])[]): number[][] {
  const columns = (features[0] ?? []).map((_, column) => features.map(row => row[column] ?? 0))
  const least = columns.map(values => Math.min(...values))
  const most = columns.map(values => Math.max(...values))
  return [columns.map(() => 0), least, most, most.map(value => value * 100)]
}

function takes(width: number): string {
  return `rows of ${width} numbers`
}
