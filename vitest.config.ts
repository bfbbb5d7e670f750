import { availableParallelism } from 'node:os'
import { resolve } from 'node:path'
import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

// Real daemons on a busy machine: what fails once runs again, and bin/test names it at the end.
const retry = 1

/** Tests with containers of their own that measure nothing: two files at a time, those that take longest first. */
const together = [
  'swarm',
  'qemu',
  'server-modules',
  'two-servers',
  'delivery',
  'main-job',
  'roles',
  'databases',
  'busybox-host',
  'modules-as-ansible',
  'bake',
  'cloud-init',
  'bare-host',
  'tweet-brief',
  'image-platforms',
  'modules-tools',
  'reboot',
  'images',
  'browser',
  'containers',
  'provider',
  'engine',
  'modules-image',
  'modules-docker-info',
].map(name => `test/e2e/${name}.test.ts`)

/** Without look-ahead, too. Files of minutes are not among them: they play both ways themselves. */
const plain = {
  cli: ['async', 'debugger', 'fact-cache', 'foreseen', 'library', 'plan', 'prompts', 'resume', 'roles', 'run'],
  e2e: ['databases', 'busybox-host', 'modules-*', 'containers', 'engine', 'bake', 'cloud-init', 'reboot'],
}

/** A file of minutes that begins last would run alone. A file that is played without look-ahead, too, finds its images. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const ranks = new Map(together.map((name, i) => [resolve(import.meta.dirname, name), i]))
    const rank = ({ moduleId, project }: TestSpecification) =>
      (ranks.get(moduleId) ?? together.length) + (project.name === 'e2e-plain' ? together.length : 0)
    return (await super.sort(files)).sort((a, b) => rank(a) - rank(b))
  }
}

const withoutServers = {
  globalSetup: 'test/rig/own-tmp.setup.ts',
  testTimeout: 60_000,
  retry,
  // tests wait for programs and daemons: with a worker for each core, nobody computes a sixth of the time
  maxWorkers: Math.ceil(availableParallelism() * 1.5),
}
const withServers = { testTimeout: 600_000, hookTimeout: 900_000, retry }

export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        test: {
          name: 'unit',
          ...withoutServers,
          include: [
            'src/**/*.test.ts',
            'app/src/**/*.test.ts',
            'test/*.test.ts',
            'test/cli/**/*.test.ts',
            'test/differential/*.test.ts',
            'test/openstack/*.test.ts',
          ],
        },
      },
      {
        test: {
          name: 'unit-plain',
          ...withoutServers,
          include: plain.cli.map(name => `test/cli/${name}.test.ts`),
          env: { MLOPS_LOOK_AHEAD: 'off' },
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          exclude: together,
          ...withServers,
          fileParallelism: false,
          // first: it makes the images that the others find
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: 'e2e-together',
          include: together,
          ...withServers,
          maxWorkers: 2,
          sequence: { groupOrder: 2 },
        },
      },
      {
        test: {
          name: 'e2e-plain',
          include: plain.e2e.map(name => `test/e2e/${name}.test.ts`),
          env: { MLOPS_LOOK_AHEAD: 'off' },
          ...withServers,
          maxWorkers: 2,
          sequence: { groupOrder: 2 },
        },
      },
      {
        test: {
          name: 'k8s',
          include: ['test/k8s/*.test.ts'],
          testTimeout: 600_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          name: 'openstack',
          include: ['test/openstack/real/*.test.ts'],
          globalSetup: 'test/openstack/real/cloud.setup.ts',
          testTimeout: 1_200_000,
          hookTimeout: 1_200_000,
          fileParallelism: false,
        },
      },
    ],
  },
})
