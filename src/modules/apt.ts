import { defineState } from './module.ts'
import { aptArgs } from './parts/apt-commands.ts'
import { aptSteps } from './parts/apt-steps.ts'

export const apt = defineState({
  summary: 'Installs, upgrades and removes packages on Debian, Ubuntu and their kin.',
  details:
    'Waits for cloud-init and for whoever holds the locks of dpkg and apt, and says who that is. `update_cache` alone is reported as changed when a list was new.',
  args: aptArgs,
  examples: `
- name: Bring the host up to date
  become: true
  apt: update_cache=yes upgrade=dist
- ansible.builtin.apt:
    name: [curl, nginx=1.22*]
    cache_valid_time: 3600
- apt:
    name: nginx
    state: absent
    purge: true
`,
  returnDocs: {
    cache_updated: 'Whether the package lists were fetched.',
    cache_update_time: 'When they were fetched last, in seconds since 1970.',
    stdout: 'What apt said.',
    stderr: 'What apt complained of.',
  },
  ...aptSteps,
})
