import { sh } from '../shell/sh.ts'
import type { Fact } from './fact.ts'

/** The host's clock, as text in its own zone. */
export const dateTime: Fact = {
  subset: 'min',
  topics: ['date_time'],
  look: sh`date '+%Y|%m|%d|%H|%M|%S|%A|%w|%W|%s|%Z|%z|%N'`,
  read({ stdout }) {
    const parts = stdout.trim().split('|')
    const [year, month, day, hour, minute, second, weekday, number, week, epoch, zone, offset, nanos] = parts
    if (epoch === undefined || !/^\d+$/.test(epoch)) return {}
    const utc = new Date(Number(epoch) * 1000).toISOString().slice(0, 19)
    const micros = /^\d{9}$/.test(nanos ?? '') ? (nanos ?? '').slice(0, 6) : '000000'
    const short = `${year}${month}${day}T${hour}${minute}${second}`
    return {
      date_time: {
        year,
        month,
        day,
        hour,
        minute,
        second,
        weekday,
        weekday_number: number,
        weeknumber: week,
        date: `${year}-${month}-${day}`,
        time: `${hour}:${minute}:${second}`,
        epoch,
        epoch_int: epoch,
        iso8601: `${utc}Z`,
        iso8601_micro: `${utc}.${micros}Z`,
        iso8601_basic: `${short}${micros}`,
        iso8601_basic_short: short,
        tz: zone,
        tz_dst: zone,
        tz_offset: offset,
      },
    }
  },
}
