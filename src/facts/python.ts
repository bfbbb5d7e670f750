import { lines, sh } from '../shell/sh.ts'
import type { Fact } from './fact.ts'

/** What roles would have where no Python is: the one that the oldest supported Debian brings. */
const assumed = [3, 11, 0]

/**
 * The Python of the host. Nothing here needs one, but roles ask for its version to name packages (`python3-…`), so there is
 * an answer also where none is; `executable` is empty then.
 */
export const python: Fact = {
  subset: 'min',
  topics: ['python'],
  look: lines(
    sh`python=$(command -v python3 || command -v python)`,
    sh`[ -n "$python" ] && printf '%s\n' "$python" && "$python" -V 2>&1 </dev/null`,
  ),
  read({ stdout }) {
    const [executable = '', said = ''] = stdout.split('\n')
    const found = /^Python (\d+)\.(\d+)\.(\d+)/.exec(said)
    const numbers = found ? found.slice(1).map(Number) : assumed
    const [major, minor, micro] = numbers
    return {
      python_version: numbers.join('.'),
      python: {
        executable: found ? executable : '',
        type: found ? 'cpython' : null,
        has_sslcontext: true,
        version: { major, minor, micro, releaselevel: 'final', serial: 0 },
        version_info: [...numbers, 'final', 0],
      },
    }
  },
}
