import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** What tests leave in the folder for temporary files goes with the run. */
export default function setUp(): () => void {
  const outer = tmpdir()
  const own = mkdtempSync(join(outer, 'mlops-'))
  // other users are tested, too: theirs as much as the outer one
  chmodSync(own, 0o1777)
  process.env['TMPDIR'] = own
  return () => {
    process.env['TMPDIR'] = outer
    rmSync(own, { recursive: true, force: true })
  }
}
