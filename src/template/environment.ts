import type { Position } from '../errors.ts'
import type { Marks } from './language/marks.ts'
import type { Keywords } from './python/values.ts'

/**
 * Names that a template can read. Values are data: null, boolean, number (int when integral, else float), bigint (large ints),
 * string, arrays, plain objects (dict with string keys), Map (dict with other keys), and the classes of `python/values.ts`
 * (Float for floats with an integral value, Tuple).
 */
export interface Scope {
  /** The value, and whether strings in it are templates to be opened when read (true for what people wrote, false for what hosts said). Undefined: no such name. */
  get(name: string): { readonly value: unknown; readonly open: boolean; readonly at?: Position | undefined } | undefined
  /** All names, for near names in errors and for `vars`. */
  names(): Iterable<string>
}

/** How a text is read, where it stands, and what it may reach. */
export interface TemplateOptions {
  /** Takes the line break after a block away. Default true, as in Ansible. */
  readonly trimBlocks?: boolean | undefined
  /** Takes the white space before a block away. Default false. */
  readonly lstripBlocks?: boolean | undefined
  /** Default: as in Ansible, where a template has at least as many line breaks at its end as its source, and what it includes one fewer. */
  readonly keepTrailingNewline?: boolean | undefined
  /** What a line break of the text becomes. Default a line feed. */
  readonly newline?: string | undefined
  /** What opens and closes the parts of a template; templates in variables always have the usual marks. */
  readonly marks?: Marks | undefined
  /**
   * `kept`: a backslash in a text within `{{ }}` stands for itself (`'\1'`, `'\b'`), as Ansible has it in what people write in YAML;
   * conditions and files of templates have the escapes of Jinja2. Templates in variables are always read so.
   */
  readonly backslashes?: 'kept' | undefined
  /** Settings by the names that the lookup `config` is asked for. */
  readonly config?: Readonly<Record<string, unknown>> | undefined
  /** `ansible_managed` of ansible.cfg. */
  readonly managed?: string | undefined
  /** Where the text stands: errors point there. */
  readonly at?: Position | undefined
  /** Folders where `include`, `import`, `extends` and lookups of files search. */
  readonly searchPath?: readonly string[] | undefined
  readonly plugins?:
    | {
        readonly lookups?: Readonly<Record<string, Lookup>> | undefined
        readonly globals?: Readonly<Record<string, unknown>> | undefined
      }
    | undefined
  /** An undefined result is given back as `Undefined` instead of thrown. */
  readonly allowUndefined?: boolean | undefined
  readonly onWarning?: ((message: string) => void) | undefined
}

/** What filters, tests and lookups may ask of the running template. */
export interface Environment {
  readonly options: TemplateOptions
  /** A variable or global, opened; JavaScript's undefined when there is none. */
  read(name: string): unknown
  /** All variables' names. */
  names(): Iterable<string>
  /** A filter applied by name (`map('upper')`). */
  filter(name: string, value: unknown, args: readonly unknown[], kwargs: Keywords): unknown
  /** A test applied by name (`select('odd')`). */
  test(name: string, value: unknown, args: readonly unknown[], kwargs: Keywords): boolean
  hasFilter(name: string): boolean
  hasTest(name: string): boolean
  lookup(name: string, terms: readonly unknown[], kwargs: Keywords): readonly unknown[]
  /** The same without variables, for imports without context. */
  bare(): Environment
  /** The text of a template, with this template's variables and some more. */
  renderText(text: string, extra: Keywords, options: TemplateOptions): string
}

/** What a filter or a test gets beside its value and arguments. */
export interface Call {
  readonly kwargs: Keywords
  readonly environment: Environment
}

/** A filter: with `params`, arguments come in that order however they were given (JavaScript's undefined: not given). */
export interface Filter {
  readonly params?: readonly string[]
  readonly run: (value: unknown, args: readonly unknown[], call: Call) => unknown
}

/** A test, as `Filter`, but its answer is yes or no. */
export interface Test {
  readonly params?: readonly string[]
  readonly run: (value: unknown, args: readonly unknown[], call: Call) => boolean
}

/** A lookup: gives a list, whatever it finds. */
export type Lookup = (terms: readonly unknown[], call: Call) => readonly unknown[]

/** A filter with named parameters. */
export function filter(params: readonly string[], run: Filter['run']): Filter {
  return { params, run }
}

/** A test with named parameters. */
export function test(params: readonly string[], run: Test['run']): Test {
  return { params, run }
}
