import { Composer, type Document, Lexer, Parser, parseAllDocuments } from 'yaml'

const options = { schema: 'failsafe', uniqueKeys: false, prettyErrors: false, logLevel: 'silent' } as const

/**
 * The documents of a text. The library asks of each line inside quotes and brackets that it is indented deeper than what is around
 * it, as the standard does; PyYAML does not, and people write so. Where that is all that is wrong, it is let pass.
 */
export function parseLoosely(text: string): readonly Document.Parsed[] {
  const strict = parseAllDocuments(text, options)
  const documents: readonly Document.Parsed[] = 'empty' in strict ? [] : strict
  if (documents.every(({ errors }) => errors.length === 0)) return documents
  const loose = [...new Composer(options).compose(tokens(text))]
  return loose.every(({ errors }) => errors.length === 0) ? loose : documents
}

function* tokens(text: string) {
  const parser = new Parser()
  for (const lexeme of looseLexer().lex(text)) yield* parser.next(lexeme)
  yield* parser.end()
}

/** The steps of the lexer that look at the indentation of the next line, which the library's types keep to themselves. */
interface Steps {
  indentNext: number
  parseQuotedScalar(): Generator<string, unknown>
  parseFlowCollection(): Generator<string, unknown>
}

function looseLexer(): Lexer {
  const lexer = new Lexer()
  const steps = lexer as unknown as Steps // see above: these members are private to the compiler alone
  for (const name of ['parseQuotedScalar', 'parseFlowCollection'] as const) {
    const step = steps[name]
    steps[name] = function* () {
      const wanted = steps.indentNext
      steps.indentNext = 0
      const result = yield* step.call(lexer)
      steps.indentNext = wanted
      return result
    }
  }
  return lexer
}
