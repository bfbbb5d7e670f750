import type { TextMethod } from './text-method.ts'

/** Methods about the kind and case of characters. */
export const caseMethods: Readonly<Record<string, TextMethod>> = {
  upper: text => text.toUpperCase(),
  lower: text => text.toLowerCase(),
  casefold: text => text.toLowerCase().replaceAll('ß', 'ss'),
  capitalize: text => capitalize(text),
  title: text => text.replace(/\p{L}+/gu, capitalize),
  swapcase: text => Array.from(text, c => (c === c.toUpperCase() ? c.toLowerCase() : c.toUpperCase())).join(''),
  isdigit: text => /^[\p{Nd}\u00b2\u00b3\u00b9\u2070\u2074-\u2079\u2080-\u2089]+$/u.test(text),
  isdecimal: text => /^\p{Nd}+$/u.test(text),
  isnumeric: text => /^\p{N}+$/u.test(text),
  isalpha: text => /^\p{L}+$/u.test(text),
  isalnum: text => /^[\p{L}\p{N}]+$/u.test(text),
  isspace: text => /^\s+$/u.test(text),
  isascii: text => /^[\0-\x7f]*$/.test(text),
  isidentifier: text => /^[\p{L}_][\p{L}\p{N}_]*$/u.test(text),
  isprintable: text => !/[\p{C}\p{Zl}\p{Zp}]|(?! )\p{Zs}/u.test(text),
  isupper: text => text !== text.toLowerCase() && text === text.toUpperCase(),
  islower: text => text !== text.toUpperCase() && text === text.toLowerCase(),
  istitle: text => /\p{L}/u.test(text) && text === text.replace(/\p{L}+/gu, capitalize),
}

/** First character upper, the others lower. */
export function capitalize(text: string): string {
  const [first = ''] = Array.from(text)
  return first.toUpperCase() + text.slice(first.length).toLowerCase()
}
