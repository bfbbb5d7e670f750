import { MlopsError } from '../errors.ts'
import { lastLines } from '../providers/command.ts'

/** What a builder says when it does not get an image that the Dockerfile begins with. */
const NOT_PULLED =
  /pull access denied|failed to resolve source metadata|no such host|manifest unknown|manifest for \S+ not found|\bGet "?https?:\/\/\S+\/v2\/|toomanyrequests|invalid reference format|pinging container registry/i
/** A command of the Dockerfile ran, and failed: it may have looked for hosts itself. */
const COMMAND_FAILED = /returned a non-zero code|did not complete successfully/

/** The error of a build that failed, of all that the builder said. */
export function buildFailure(reference: string, output: string): MlopsError {
  const lines = output.split('\n').filter(line => !isDeprecation(line))
  const said = lastLines(lines.join('\n'), 6)
  const notPulled = COMMAND_FAILED.test(said) ? undefined : lines.findLast(line => NOT_PULLED.test(line))
  return new MlopsError('image.build', `${reference} could not be built: ${notPulled?.trim() ?? said}`, {
    hint: hintFor(said, notPulled !== undefined),
  })
}

/** What newer versions of the CLI say before each build without buildx: it is said again by who needs what only buildx can do. */
export function isDeprecation(line: string): boolean {
  return /^DEPRECATED: The legacy builder|^ {12}|^\s*$/.test(line)
}

function hintFor(said: string, notPulled: boolean): string | undefined {
  if (said.includes('buildkit-syft-scanner'))
    return 'the scanner of buildx comes from Docker Hub; --sbom IMAGE names another one'
  if (/\bdist\b.*(?:not found|does not exist|no such file)/.test(said) || /not found.*\bdist\b/.test(said))
    return 'the predictor is not built there: npm run build'
  if (notPulled) return 'vars: { base_image: …, system_image: … } in mlops.yml name images that the builder can pull'
  return undefined
}
