import { defineConfig } from 'vitest/config'

// Real daemons on a busy machine: what fails once runs again, and bin/test names it at the end.
const retry = 1

/** Tests with containers of their own that measure nothing: two files at a time. */
const inPairs = [
  'bare-host',
  'browser',
  'busybox-host',
  'containers',
  'databases',
  'engine',
  'image-platforms',
  'images',
  'modules-*',
  'qemu',
  'server-modules',
  'tweet-brief',
].map(name => `test/e2e/${name}.test.ts`)
const withServers = { testTimeout: 600_000, hookTimeout: 900_000, retry }

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: [
            'src/**/*.test.ts',
            'app/src/**/*.test.ts',
            'test/*.test.ts',
            'test/cli/**/*.test.ts',
            'test/differential/*.test.ts',
            'test/openstack/*.test.ts',
          ],
          testTimeout: 60_000,
          retry,
          maxWorkers: '100%',
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          exclude: inPairs,
          ...withServers,
          fileParallelism: false,
          // first: it makes the images that the others find
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: 'e2e-pairs',
          include: inPairs,
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
