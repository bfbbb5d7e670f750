// What is measured, and what is asked of it. `cpu` is the processor time of the controller and the hosts together.

/** Numbers of tasks of one kind, for the growth of the cost with them. */
export const steps = [100, 400, 1600]

/** Workloads that reach hosts. `hosts` and `rtt`: where they make sense at all; slow peers stop at `slow` hosts. */
export const remote = {
  converged: { about: 'fifty converged tasks', slow: 10 },
  first: { about: 'the same fifty tasks on fresh hosts', hosts: [1, 10], slow: 10, fresh: true, rtt: [0, 50] },
  roles: {
    about: 'ten roles, three hundred tasks, converged',
    hosts: [1, 10],
    slow: 1,
    rtt: [0],
    peers: ['mlops', 'tuned', 'mitogen'],
  },
  ...Object.fromEntries(
    steps.map(count => [
      `steps-${count}`,
      { about: `${count} converged tasks of one kind`, hosts: [1], slow: 1, rtt: [0], peers: ['mlops'] },
    ]),
  ),
  facts: { about: 'facts', slow: 10, hosts: [1, 10, 50] },
  ping: { about: 'one ad-hoc ping', slow: 50, hosts: [1, 10, 50] },
  tree: {
    about: 'a tree of 500 files, first time',
    hosts: [1],
    slow: 1,
    rtt: [0],
    undo: 'rm -rf /opt/tree',
    peers: ['floor', 'mlops', 'tuned', 'mitogen'],
  },
  'tree-again': {
    about: 'the same tree, unchanged',
    hosts: [1],
    slow: 1,
    rtt: [0],
    peers: ['floor', 'mlops', 'tuned', 'mitogen'],
  },
  large: { about: 'one file of 100 MiB', hosts: [1], slow: 1, rtt: [0], undo: 'rm -f /tmp/large' },
}

/** Workloads of the controller alone. */
export const local = {
  version: { about: '--version' },
  syntax: { about: '--syntax-check of fifty tasks' },
  skipped: { about: '1,000 skipped tasks' },
  tasks: { about: '1,000 tasks without a host' },
  loop: { about: 'a loop of 1,000 turns' },
  contexts: { about: 'a template over the names of 1,000 hosts, for ten' },
  hosts: { about: 'an inventory of 10,000 hosts, loaded' },
  list: { about: 'the same, listed' },
}

/** What this project holds itself to, as ratios within one run (`most`), or as seconds beyond Node's own start. */
export const targets = [
  ...[1, 10, 50].flatMap(hosts =>
    ['wall', 'cpu'].map(what => ({ workload: 'converged', hosts, what, to: 'floor', most: 3 })),
  ),
  { workload: 'converged', hosts: 10, rtt: 10, what: 'roundTrips', most: 8 },
  ...[1, 10].flatMap(hosts => ['wall', 'cpu'].map(what => ({ workload: 'first', hosts, what, to: 'floor', most: 4 }))),
  ...['facts', 'ping'].flatMap(workload =>
    ['wall', 'cpu'].map(what => ({ workload, hosts: 50, what, to: 'floor', most: 2 })),
  ),
  { workload: 'converged', hosts: 100, what: 'memory', most: 150 + 100 },
  { workload: 'tree', hosts: 1, what: 'wall', to: 'tuned', most: 1 / 30 },
  { workload: 'tree-again', hosts: 1, what: 'roundTrips', most: 3 },
  { workload: 'large', hosts: 1, what: 'wall', to: 'floor', most: 1.2 },
  { workload: 'skipped', what: 'beyondNode', most: 0.15 },
  { workload: 'tasks', what: 'beyondNode', most: 0.5 },
  { workload: 'loop', what: 'beyondNode', most: 0.15 },
  { workload: 'hosts', what: 'beyondNode', most: 0.6 },
  { workload: 'version', what: 'beyondNode', most: 0.06 },
  { workload: 'syntax', what: 'beyondNode', most: 0.15 },
]
