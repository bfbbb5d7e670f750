import { defineConfig } from 'vitest/config'

// Real daemons on a busy machine: what fails once runs again, and bin/test names it at the end.
const retry = 1

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
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          testTimeout: 600_000,
          retry,
          hookTimeout: 900_000,
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
