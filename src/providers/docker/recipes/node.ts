import { readFileSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { MlopsError } from '../../../errors.ts'
import { machineAuthorities } from '../../authorities.ts'
import { lastLines, run } from '../../command.ts'
import { settle } from '../../concurrency.ts'
import type { TarEntry } from '../../tar.ts'
import type { Recipe } from '../recipe.ts'

/** What `node:20-bookworm-slim` is to those who build on it: Node.js and npm below /usr/local, a user `node` (1000). */
export function nodeRecipe(): Recipe {
  return {
    name: 'node',
    version: '20-bookworm-slim',
    suite: 'bookworm',
    dockerfile: `
COPY ca/ /usr/local/share/ca-certificates/
RUN update-ca-certificates >/dev/null 2>&1; groupadd -g 1000 node && useradd -u 1000 -g node -s /bin/bash -m node
ADD node.tar /usr/local/
COPY docker-entrypoint.sh /usr/local/bin/
RUN node --version && npm --version
ENV NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt
ENTRYPOINT ["docker-entrypoint.sh"]
CMD ["node"]
`,
    files: [
      { path: 'docker-entrypoint.sh', content: ENTRYPOINT, mode: 0o755 },
      { path: 'ca/.keep', content: '' },
      ...machineAuthorities(),
    ],
    fetch: fetchNode,
  }
}

const ENTRYPOINT = `#!/bin/sh
set -e
# Arguments that are no program of this image are meant for node.
case $1 in
  -*) set -- node "$@" ;;
  *) if ! command -v "$1" >/dev/null || { [ -f "$1" ] && [ ! -x "$1" ]; }; then set -- node "$@"; fi ;;
esac
exec "$@"
`

const LAYOUT = `
mkdir -p root/bin root/lib/node_modules/npm
tar -xzf node.tgz -C root/bin --strip-components=2 package/bin/node
tar -xzf npm.tgz -C root/lib/node_modules/npm --strip-components=1
cd root/bin
ln -s node nodejs
for name in npm npx; do ln -s ../lib/node_modules/npm/bin/$name-cli.js $name; done
chmod 755 node ../lib/node_modules/npm/bin/*-cli.js
tar -C .. --owner=0 --group=0 --mode=a+rX,go-w -cf ../../node.tar .`

/** Node.js for Linux comes as an npm package of its own, so that npm's registry is the only thing that must be reached. */
async function fetchNode(directory: string, architecture: string): Promise<TarEntry[]> {
  const platform = architecture === 'arm64' ? 'arm64' : 'x64'
  const packages = { 'node.tgz': `node-linux-${platform}@20`, 'npm.tgz': 'npm@10' }
  await settle(Object.entries(packages).map(([file, name]) => fetchPackage(name, directory, file)))
  const laidOut = await run('sh', ['-ec', LAYOUT], { directory })
  if (laidOut.status !== 0) {
    throw new MlopsError('image.fetch', `Node.js could not be unpacked: ${lastLines(laidOut.stderr, 3)}`)
  }
  return [{ path: 'node.tar', content: readFileSync(join(directory, 'node.tar')) }]
}

async function fetchPackage(name: string, directory: string, file: string): Promise<void> {
  const packed = await run('npm', ['pack', '--silent', '--pack-destination', directory, name])
  const made = lastLines(packed.stdout, 1).trim()
  if (packed.status === 0 && made !== '') return renameSync(join(directory, made), join(directory, file))
  throw new MlopsError('image.fetch', `npm could not fetch ${name}: ${lastLines(packed.stderr, 3)}`, {
    hint: 'check that npm reaches its registry: npm ping',
  })
}
