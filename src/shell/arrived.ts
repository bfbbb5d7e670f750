import { type Script, script, sh } from './sh.ts'

/** The variable in which a look finds what was hashed on its way to the host: for each file a space, its identity, `=`, its SHA-1. */
export const ARRIVED = 'MLOPS_ARRIVED'

/** What `stat -c` says of a file that changes with its content: device, inode, size, time of the last change. A move keeps it. */
export const IDENTITY = '%d:%i:%s:%y'

/** Shell command that is true, and puts a SHA-1 into `d`, when the file "$1" was hashed on its way. */
export const hasArrived: Script = sh`[ -n "$MLOPS_ARRIVED" ] && i=$(stat -c ${IDENTITY} -- "$1") && d=${script(`\${MLOPS_ARRIVED#*" $i="}`)} && [ "$d" != "$MLOPS_ARRIVED" ]`
