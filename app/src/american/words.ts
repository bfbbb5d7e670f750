import { stopWords } from './stop-words.ts'

/**
 * The words of a text that count: lower case, two characters or more, no stop words. These are the tokens of scikit-learn's
 * `CountVectorizer(stop_words='english')`: what Python's regular expressions call `\w` is a letter, a number or `_`.
 */
export function wordsOf(text: string): string[] {
  return (text.toLowerCase().match(/[\p{L}\p{N}_]{2,}/gu) ?? []).filter(word => !stopWords.has(word))
}
