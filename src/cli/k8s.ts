import { type Command, InvalidArgumentError } from 'commander'
import type { K8sFlags } from './k8s-plan.ts'
import { addVaultFlags } from './reach-flags.ts'

/** `mlops k8s`: the application on a Kubernetes cluster. */
export function register(program: Command): void {
  const k8s = program
    .command('k8s')
    .summary('Run the application on Kubernetes')
    .description(
      'Makes manifests of the project, and brings a cluster to what they say. All settings: docs/guide/kubernetes.md',
    )
  renderCommand(k8s)
}

function renderCommand(k8s: Command): void {
  planned(k8s.command('render'))
    .summary('Write the manifests')
    .description(
      'Writes the manifests to standard output, or as files to a folder, also as a Helm chart or as a Kustomize base with overlays.\n' +
        'Passwords are written to files alone. The same project gives the same bytes.',
    )
    .option('-o, --output <dir>', 'a folder for the files; those of an earlier rendering are replaced')
    .option('--format <format>', 'manifests, helm or kustomize', 'manifests')
    .action(async (flags: K8sFlags & { output?: string; format: string }) => {
      const { renderTo } = await import('./k8s-render.ts')
      await renderTo(flags)
    })
}

/** The flags of commands that make manifests. */
function planned(command: Command): Command {
  return addVaultFlags(command)
    .option('--project <file>', 'the mlops.yml (default: found upwards from here)')
    .option('--solution <number>', '1: all in one pod, 2: web, worker and broker apart', solution)
    .option('--image <image>', 'this image in place of the one in mlops.yml')
}

function solution(text: string): 1 | 2 {
  if (text === '1') return 1
  if (text === '2') return 2
  throw new InvalidArgumentError('It must be 1 or 2.')
}
