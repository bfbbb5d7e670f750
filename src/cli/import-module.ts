/**
 * Reads a module that is no part of the program, by its URL or a package's name. The build leaves it beside the program: code that
 * V8 kept from an earlier run cannot import.
 */
export async function importModule(specifier: string): Promise<object> {
  return import(specifier)
}
