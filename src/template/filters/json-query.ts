import { type Filter, filter } from '../environment.ts'
import { compile } from '../jmespath/compile.ts'
import type { Query } from '../jmespath/functions.ts'
import { text } from './coerce.ts'

/** Queries of this run, which a loop asks again and again. */
const compiled = new Map<string, Query>()

/** What community.general's filter gives: a JMESPath query of data. */
const jsonQuery = filter(['expr'], (value, [expression]) => queryOf(text(expression))(value))

export const queryFilters: Readonly<Record<string, Filter>> = {
  json_query: jsonQuery,
  'community.general.json_query': jsonQuery,
}

function queryOf(expression: string): Query {
  const known = compiled.get(expression)
  if (known) return known
  const query = compile(expression)
  if (compiled.size > 1000) compiled.clear()
  compiled.set(expression, query)
  return query
}
