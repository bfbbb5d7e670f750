import { type Command, InvalidArgumentError } from 'commander'
import { collect } from './reach-flags.ts'

/** Flags of all commands about images. */
export interface ImageFlags {
  readonly project?: string
  readonly image?: string
  readonly tag?: string
  readonly insecure?: boolean
  readonly json?: boolean
}

export interface BuildFlags extends ImageFlags {
  readonly platform?: readonly string[]
  readonly push?: boolean
  readonly force?: boolean
  readonly builder?: string
  readonly label: readonly string[]
  readonly buildArg: readonly string[]
  readonly sbom?: boolean | string
  readonly provenance?: boolean
  readonly cache: boolean
}

export interface PushFlags extends ImageFlags {
  readonly force?: boolean
}

/** `mlops image`: the predictor's image, and what a registry has of it. */
export function register(program: Command): void {
  const image = program
    .command('image')
    .summary('Build the image of the application, and push it to a registry')
    .description(
      'Builds the image of the application, tagged with the commit that it is made of, and pushes it to any OCI registry.\n' +
        'Logins are those of `docker login`.',
    )
  buildCommand(image)
  pushCommand(image)
  listCommand(image)
  inspectCommand(image)
}

function buildCommand(image: Command): void {
  named(image.command('build'))
    .summary('Build it')
    .description(
      'Builds the image of the application with docker. Its tag is the short id of the commit, with -dirty when files differ\n' +
        'from it. Models are not in it. Exit status: 0 built, 1 not, 4 the registry cannot be reached.',
    )
    .option('--platform <list>', 'for these, such as linux/amd64,linux/arm64 (default: that of the engine)', list)
    .option('--push', 'push it afterwards')
    .option('--force', 'build and push also what the registry has, and move a tag that names another image')
    .option('--builder <name>', 'a builder of buildx (default: the one in force)')
    .option('--label <name=value>', 'one more label; may be given again', label)
    .option('--build-arg <name=value>', 'for the Dockerfile; NAME alone takes it from the environment', collect)
    .option('--sbom [scanner]', 'with the list of its parts that the builder makes; its scanner is an image')
    .option('--provenance', 'with what the builder says of how it was made')
    .option('--no-cache', 'build every layer again')
    .action(async (flags: Partial<BuildFlags> & Pick<BuildFlags, 'cache'>) => {
      const { buildImage } = await import('./image-build.ts')
      process.exitCode = await buildImage({ label: [], buildArg: [], ...flags })
    })
}

function pushCommand(image: Command): void {
  named(image.command('push'))
    .summary('Push what was built last')
    .description(
      'Pushes the image that was built last, or the one that is named, and says its digest. What the registry has already is\n' +
        'not sent, and a tag that names another image is not moved. Exit status: 0 it is there, 1 not, 4 the registry cannot be reached.',
    )
    .option('--force', 'move the tag also when it names another image')
    .action(async (flags: PushFlags) => {
      const { pushImage } = await import('./image-push.ts')
      process.exitCode = await pushImage(flags)
    })
}

function listCommand(image: Command): void {
  projected(image.command('list'))
    .summary('Show the tags that the registry has')
    .description(
      "Shows the tags that the registry has of the project's image, and says which of them was built here last.\n" +
        'Exit status: 0 shown, 1 it is refused, 4 the registry cannot be reached.',
    )
    .option('--image <name>', 'this one in place of the one in mlops.yml')
    .action(async (flags: ImageFlags) => {
      const { listTags } = await import('./image-list.ts')
      await listTags(flags)
    })
}

function inspectCommand(image: Command): void {
  projected(image.command('inspect [reference]'))
    .summary('Show what the registry has under a name (default: what was built last)')
    .description(
      'Shows digest, commit, platforms and their sizes of an image in a registry, such as registry.example.org/team/predictor:3f2a9c1;\n' +
        'without a name, of the one that was built here last. Exit status: 0 shown, 1 it is not there, 4 the registry cannot be reached.',
    )
    .action(async (reference: string | undefined, flags: ImageFlags) => {
      const { showImage } = await import('./image-inspect.ts')
      await showImage(reference, flags)
    })
}

function projected(command: Command): Command {
  return command
    .option('--project <file>', 'the mlops.yml (default: found upwards from here)')
    .option('--insecure', 'the registry may do without TLS, or with a certificate that nobody vouches for')
    .option('--json', 'as JSON')
}

function named(command: Command): Command {
  return projected(command)
    .option('--image <name>', 'its name in place of the one in mlops.yml, such as registry.example.org/team/predictor')
    .option('-t, --tag <tag>', 'its tag in place of the commit')
}

function label(value: string, before: readonly string[] = []): string[] {
  if (value.indexOf('=') > 0) return [...before, value]
  throw new InvalidArgumentError('It must be NAME=VALUE.')
}

function list(text: string): string[] {
  return text.split(',').map(part => part.trim())
}
