import { type Filter, filter } from '../environment.ts'
import { formatSeconds, parseDatetime } from '../python/datetime.ts'
import { truth } from '../python/iterate.ts'
import { text } from './coerce.ts'

/** Ansible's filters of time. */
export const timeFilters: Readonly<Record<string, Filter>> = {
  strftime: filter(['second', 'utc'], (value, [second, utc = false]) => formatSeconds(text(value), second, truth(utc))),
  to_datetime: filter(['format'], (value, [format = '%Y-%m-%d %H:%M:%S']) => parseDatetime(text(value), text(format))),
}
