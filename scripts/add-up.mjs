// Adds up the tallies of test runs (test/rig/tally.ts), and says at the end what must not be overlooked.
//   node scripts/add-up.mjs FOLDER [--all]     --all: a skipped test is an error
import { readdirSync, readFileSync } from 'node:fs'

const [folder, all] = process.argv.slice(2)
const tallies = readdirSync(folder).map(name => JSON.parse(readFileSync(`${folder}/${name}`, 'utf8')))
const of = key => tallies.flatMap(tally => tally[key])
const [failed, skipped, flaky] = [of('failed'), of('skipped'), of('flaky')]

for (const name of flaky) console.log(`passed only when it ran again: ${name}`)
for (const name of skipped) console.log(`skipped: ${name}`)
for (const said of failed) console.log(`\nfailed: ${said}`)
const passed = tallies.reduce((sum, tally) => sum + tally.passed, 0)
console.log(`\n${passed} passed, ${failed.length} failed, ${skipped.length} skipped`)
// as root and with an engine there is no reason to leave a test out
if (all && skipped.length > 0 && process.getuid() === 0) {
  console.error('error: tests were skipped although this machine can run all of them')
  process.exitCode = 1
}
