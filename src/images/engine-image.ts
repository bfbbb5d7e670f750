import { type Engine, runEngine } from './engine.ts'

/** An image as the engine has it. */
export interface EngineImage {
  /** Of its configuration, or with containerd's image store of its manifest or index. */
  readonly id: string
  readonly sizeBytes: number
  readonly platform: string
  readonly labels: Readonly<Record<string, string>>
}

/** The image that the engine has under a name; undefined: none. */
export async function engineImage(engine: Engine, reference: string): Promise<EngineImage | undefined> {
  const said = await runEngine(engine, ['image', 'inspect', '--format', '{{json .}}', '--', reference])
  if (said.status !== 0) return undefined
  // the Docker Engine's API, ImageInspect; Podman has the same
  const image = JSON.parse(said.stdout) as {
    Id: string
    Size: number
    Os: string
    Architecture: string
    Variant?: string
    Config?: { Labels?: Record<string, string> | null }
  }
  return {
    // Podman leaves the algorithm out
    id: image.Id.includes(':') ? image.Id : `sha256:${image.Id}`,
    sizeBytes: image.Size,
    platform: [image.Os, image.Architecture, ...(image.Variant ? [image.Variant] : [])].join('/'),
    labels: image.Config?.Labels ?? {},
  }
}
