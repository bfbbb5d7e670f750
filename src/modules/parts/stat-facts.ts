import type { Result } from '../module.ts'

/** What a raw mode (of `stat -c %f`) says of the kind of a file, in Ansible’s keys. */
export function kindKeys(raw: number): Result {
  const type = raw & 0o170000
  return {
    isdir: type === 0o040000,
    ischr: type === 0o020000,
    isblk: type === 0o060000,
    isreg: type === 0o100000,
    isfifo: type === 0o010000,
    islnk: type === 0o120000,
    issock: type === 0o140000,
  }
}

const BITS = ['xoth', 'woth', 'roth', 'xgrp', 'wgrp', 'rgrp', 'xusr', 'wusr', 'rusr', '', 'isgid', 'isuid']

/** Permission bits, in Ansible’s keys. */
export function bitKeys(mode: number): Result {
  return Object.fromEntries(BITS.flatMap((name, i) => (name ? [[name, (mode & (1 << i)) !== 0]] : [])))
}
