import { type Filter, filter } from '../environment.ts'
import { valueFailure } from '../python/fail.ts'
import { truth } from '../python/iterate.ts'
import { asInt } from '../python/numbers.ts'
import { escapeRegex, expand, group, regex } from '../python/regex.ts'
import { tuple } from '../python/values.ts'
import { text } from './coerce.ts'

/** Ansible's filters of regular expressions. */
export const regexFilters: Readonly<Record<string, Filter>> = {
  regex_replace: filter(
    ['pattern', 'replacement', 'ignorecase', 'multiline', 'count', 'mandatory_count'],
    (value, [pattern = '', replacement = '', ignoreCase = false, multiline = false, count = 0]) => {
      const find = regex(text(pattern), { ignoreCase: truth(ignoreCase), multiline: truth(multiline) })
      const most = asInt(count) || Number.POSITIVE_INFINITY
      const [source, by] = [text(value), text(replacement)]
      let result = ''
      let from = 0
      let times = 0
      for (const match of source.matchAll(find)) {
        if (times++ >= most) break
        result += source.slice(from, match.index) + expand(by, match)
        from = match.index + match[0].length
      }
      return result + source.slice(from)
    },
  ),
  regex_search: {
    run: (value, [pattern, ...groups], { kwargs }) => {
      const match = regex(text(pattern), flagsOf(kwargs)).exec(text(value))
      if (!match) return null
      if (groups.length === 0) return match[0]
      return groups.map(one => {
        const name = /^\\(?:g<(\S+)>|(\d+))$/.exec(text(one))
        if (!name) throw valueFailure('Unknown argument')
        return group(match, name[1] ?? name[2] ?? '')
      })
    },
  },
  regex_findall: filter(
    ['regex', 'multiline', 'ignorecase'],
    (value, [pattern, multiline = false, ignoreCase = false]) => {
      const find = regex(text(pattern), { ignoreCase: truth(ignoreCase), multiline: truth(multiline) })
      return [...text(value).matchAll(find)].map(match => {
        if (match.length === 1) return match[0]
        const groups = match.slice(1).map(one => one ?? '')
        return groups.length === 1 ? groups[0] : tuple(groups)
      })
    },
  ),
  regex_escape: filter(['re_type'], (value, [kind = 'python']) => {
    if (kind === 'python') return escapeRegex(text(value))
    if (kind === 'posix_basic') return text(value).replace(/[$*.[\\\]^]/g, '\\$&')
    throw valueFailure(`regex_escape knows the types python and posix_basic, not ${text(kind)}`)
  }),
}

function flagsOf(kwargs: Readonly<Record<string, unknown>>): { ignoreCase: boolean; multiline: boolean } {
  return { ignoreCase: truth(kwargs.ignorecase ?? false), multiline: truth(kwargs.multiline ?? false) }
}
