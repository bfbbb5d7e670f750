import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { root } from '../rig/mlops.ts'
import { type Servers, startServers } from '../rig/servers.ts'

// The engine of Debian 13, which has buildx. The program runs on that server, beside its engine.
let servers: Servers
let container = ''

const NAME = '127.0.0.1:5055/team/predictor'
const SCANNER = '127.0.0.1:5055/scanner:1'

/** A project whose image is one file for each processor and needs no base, and a scanner as BuildKit asks for one. */
const PROJECT = {
  'project/mlops.yml': `name: tweets\ntarget: kubernetes\nkubernetes: { image: ${NAME} }\n`,
  'project/.gitignore': '.mlops/\n',
  'project/app/Dockerfile': 'FROM scratch\nARG TARGETARCH\nCOPY $TARGETARCH /file\n',
  'project/app/amd64': 'one',
  'project/app/arm64': 'the other',
  'scanner/Dockerfile': 'FROM scratch\nCOPY sh /bin/sh\nCOPY --chmod=755 scan /\nENTRYPOINT ["/scan"]\n',
  'scanner/scan': `#!/bin/sh
echo '{"_type":"https://in-toto.io/Statement/v0.1","predicateType":"https://spdx.dev/Document","predicate":{"SPDXID":"SPDXRef-DOCUMENT"}}' \\
  >"$BUILDKIT_SCAN_DESTINATION/all.spdx.json"
`,
  // Podman's overlay needs more than a container has
  'storage.conf':
    '[storage]\ndriver = "vfs"\nrunroot = "/run/containers/storage"\ngraphroot = "/var/lib/containers/storage"\n',
  'registry.yml':
    'version: 0.1\nstorage: {filesystem: {rootdirectory: /srv/registry}}\nhttp: {addr: "127.0.0.1:5055"}\n',
}

beforeAll(async () => {
  servers = await startServers({ name: 'platforms', images: ['debian-13'] })
  container = `${servers.project.name}-prodserver`
  const files = join(servers.directory, 'files')
  for (const [name, text] of Object.entries(PROJECT)) {
    mkdirSync(dirname(join(files, name)), { recursive: true })
    writeFileSync(join(files, name), text)
  }
  for (const part of ['bin', 'dist', 'app/dist', 'package.json'])
    cpSync(join(root, part), join(files, 'mlops', part), { recursive: true })
  execFileSync('docker', ['cp', `${files}/.`, `${container}:/srv`])
  execFileSync('docker', ['cp', process.execPath, `${container}:/usr/local/bin/node`])
  onServer(`
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq
    apt-get install -y -qq --no-install-recommends docker.io docker-cli docker-registry git iptables busybox-static >/dev/null
    cp /bin/busybox /srv/scanner/sh
    systemd-run --quiet --unit=test-registry docker-registry serve /srv/registry.yml
    cd /srv/project
    git init -q
    git add .
    git -c user.name=Somebody -c user.email=somebody@example.org commit -qm one`)
})

afterAll(async () => {
  await servers?.stop()
})

function attempt(script: string) {
  return spawnSync('docker', ['exec', '--interactive', container, 'sh', '-e'], { input: script, encoding: 'utf8' })
}

function onServer(script: string): string {
  const { status, stdout, stderr } = attempt(script)
  if (status !== 0) throw new Error(`status ${status}: ${stdout}${stderr}`)
  return stdout
}

function image(args: string) {
  return attempt(`cd /srv/project && node /srv/mlops/bin/mlops image ${args}`)
}

const SEVERAL = '--platform linux/amd64,linux/arm64'

test('for several platforms docker needs buildx, and buildx a store that keeps them', () => {
  const classic = image(`build ${SEVERAL} --provenance`)
  expect(classic.status, classic.stderr).toBe(1)
  expect(classic.stderr).toContain('error: one image for several platforms: docker has no buildx here\n')
  expect(classic.stderr).toContain('error: provenance with the image: docker has no buildx here\n')
  onServer('DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends docker-buildx >/dev/null')
  const oldStore = image(`build ${SEVERAL}`)
  expect(oldStore.status, oldStore.stderr).toBe(1)
  expect(oldStore.stderr).toContain('error: one image for several platforms: the builder of the engine itself cannot\n')
  expect(image('build').stdout).toMatch(/^built \S+:[0-9a-f]{7} \(/)
})

test("with containerd's image store an image is for several platforms, with provenance and a list of its parts", () => {
  onServer(`
    echo '{"features": {"containerd-snapshotter": true}}' >/etc/docker/daemon.json
    systemctl restart docker
    docker buildx build --quiet --provenance=false --push --tag ${SCANNER} /srv/scanner`)
  const built = image(`build --push ${SEVERAL} --provenance --sbom ${SCANNER}`)
  expect(built.status, built.stderr).toBe(0)
  const shown = JSON.parse(image('inspect --json').stdout)
  expect(built.stdout).toContain(`digest ${shown.digest}\n`)
  expect(shown.variants.map(({ platform }: { platform: string }) => platform)).toEqual(['linux/amd64', 'linux/arm64'])
  expect(shown.attestations).toEqual(['provenance', 'sbom'])
  const again = image(`build --push ${SEVERAL} --provenance --sbom ${SCANNER} --json`)
  expect(JSON.parse(again.stdout)).toMatchObject({ outcome: 'unchanged', digest: shown.digest })
  expect(image('push --json').stdout).toContain('"outcome": "unchanged"')
})

test('where there is no docker, podman builds and pushes', () => {
  onServer(`
    mv /usr/bin/docker /usr/bin/docker.away
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends podman >/dev/null
    cp /srv/storage.conf /etc/containers/`)
  const refused = image(`build ${SEVERAL}`)
  expect(refused.stderr).toContain('error: one image for several platforms: that takes docker with buildx')
  const built = image('build --tag by-podman --push --json')
  expect(built.status, built.stderr).toBe(0)
  expect(JSON.parse(built.stdout)).toMatchObject({ outcome: 'pushed', reference: `${NAME}:by-podman` })
  const shown = JSON.parse(image('inspect --json').stdout)
  expect(shown).toMatchObject({ reference: `${NAME}:by-podman`, digest: JSON.parse(built.stdout).digest })
  expect(image('push').stdout).toContain('is in the registry already, the same image\n')
})
