/** Expressions. `offset` is where the node begins in the text (for an attribute: where its name stands). */
export type Expression = { readonly offset: number } & (
  | { readonly kind: 'constant'; readonly value: unknown }
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'tuple' | 'list'; readonly items: readonly Expression[] }
  | { readonly kind: 'dict'; readonly pairs: readonly (readonly [Expression, Expression])[] }
  | {
      readonly kind: 'condition'
      readonly test: Expression
      readonly yes: Expression
      readonly no: Expression | undefined
    }
  | { readonly kind: 'and' | 'or'; readonly left: Expression; readonly right: Expression }
  | { readonly kind: 'not' | 'negative' | 'positive'; readonly operand: Expression }
  | { readonly kind: 'compare'; readonly first: Expression; readonly rest: readonly Comparison[] }
  | {
      readonly kind: 'binary'
      readonly operator: '+' | '-' | '*' | '/' | '//' | '%' | '**'
      readonly left: Expression
      readonly right: Expression
    }
  | { readonly kind: 'concat'; readonly parts: readonly Expression[] }
  | { readonly kind: 'attribute'; readonly of: Expression; readonly name: string }
  | { readonly kind: 'item'; readonly of: Expression; readonly key: Expression }
  | {
      readonly kind: 'slice'
      readonly of: Expression
      readonly start: Expression | undefined
      readonly stop: Expression | undefined
      readonly step: Expression | undefined
    }
  | { readonly kind: 'call'; readonly of: Expression; readonly args: Arguments }
  | { readonly kind: 'filter'; readonly of: Expression; readonly name: string; readonly args: Arguments }
  | { readonly kind: 'test'; readonly of: Expression; readonly name: string; readonly args: Arguments }
)

export interface Comparison {
  readonly operator: '==' | '!=' | '<' | '<=' | '>' | '>=' | 'in' | 'not in'
  readonly operand: Expression
}

/** Arguments of a call, a filter or a test. */
export interface Arguments {
  readonly positional: readonly Expression[]
  readonly named: readonly (readonly [string, Expression])[]
  /** `*list` */
  readonly rest: Expression | undefined
  /** `**dict` */
  readonly restNamed: Expression | undefined
}

/** What an assignment fills: a name, `namespace.name`, or several. */
export type Target =
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'member'; readonly of: string; readonly name: string; readonly offset: number }
  | { readonly kind: 'several'; readonly targets: readonly Target[] }

export interface Parameter {
  readonly name: string
  readonly fallback: Expression | undefined
}

export interface FilterCall {
  readonly name: string
  readonly args: Arguments
  readonly offset: number
}

export type Statement = { readonly offset: number } & (
  | { readonly kind: 'data'; readonly text: string }
  | { readonly kind: 'output'; readonly expression: Expression }
  | {
      readonly kind: 'for'
      readonly target: Target
      readonly over: Expression
      readonly filter: Expression | undefined
      readonly recursive: boolean
      readonly body: readonly Statement[]
      readonly otherwise: readonly Statement[]
    }
  | {
      readonly kind: 'if'
      readonly branches: readonly { readonly test: Expression; readonly body: readonly Statement[] }[]
      readonly otherwise: readonly Statement[]
    }
  | { readonly kind: 'set'; readonly target: Target; readonly value: Expression }
  | {
      readonly kind: 'set-block'
      readonly target: Target
      readonly filters: readonly FilterCall[]
      readonly body: readonly Statement[]
    }
  | {
      readonly kind: 'with'
      readonly assignments: readonly (readonly [Target, Expression])[]
      readonly body: readonly Statement[]
    }
  | {
      readonly kind: 'macro'
      readonly name: string
      readonly parameters: readonly Parameter[]
      readonly body: readonly Statement[]
    }
  | {
      readonly kind: 'call-block'
      readonly call: Expression
      readonly parameters: readonly Parameter[]
      readonly body: readonly Statement[]
    }
  | { readonly kind: 'filter-block'; readonly filters: readonly FilterCall[]; readonly body: readonly Statement[] }
  | {
      readonly kind: 'block'
      readonly name: string
      readonly scoped: boolean
      readonly required: boolean
      readonly body: readonly Statement[]
    }
  | { readonly kind: 'extends'; readonly template: Expression }
  | {
      readonly kind: 'include'
      readonly template: Expression
      readonly ignoreMissing: boolean
      readonly withContext: boolean
    }
  | { readonly kind: 'import'; readonly template: Expression; readonly as: string; readonly withContext: boolean }
  | {
      readonly kind: 'from-import'
      readonly template: Expression
      readonly names: readonly { readonly name: string; readonly as: string }[]
      readonly withContext: boolean
    }
  | { readonly kind: 'do'; readonly expression: Expression }
  | { readonly kind: 'break' | 'continue' }
)
