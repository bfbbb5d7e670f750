import { eraseJob, isJobId, lookAtJob, readJob } from '../shell/job.ts'
import { defineAction, type Result } from './module.ts'

export const asyncStatus = defineAction({
  summary: 'Says how far a task with `async` has come, and what became of it.',
  details:
    'A task with `async` and `poll: 0` goes on while the play does; what it registers names its job. Ask as the user that the task ran as. In the run that began the job its result is the whole result of the task; in another run it is what the task’s script gave: `rc`, `stdout` and `stderr`.',
  args: {
    jid: { type: 'str', required: true, doc: 'The job: `ansible_job_id` of the task’s result.' },
    mode: {
      type: 'str',
      choices: ['status', 'cleanup'],
      default: 'status',
      doc: '`cleanup` forgets the job and its result; it does not end it.',
    },
  },
  check: ({ jid }) =>
    jid === undefined || jid === '' || isJobId(jid) || /\{[{%]/.test(jid) ? [] : ['`jid` is not the name of a job'],
  examples: `
- apt: { name: docker.io, state: present }
  async: 1000
  poll: 0
  register: installing
- name: Wait until it is there
  async_status:
    jid: "{{ installing.ansible_job_id }}"
  register: job
  until: job.finished
  retries: 100
  delay: 10
- async_status:
    jid: "{{ installing.ansible_job_id }}"
    mode: cleanup
`,
  returnDocs: {
    ansible_job_id: 'The job.',
    started: '1.',
    finished: 'Whether it has ended: 1 or 0.',
    results_file: 'The folder on the host that holds the job and its output.',
    erased: 'The folder that was removed.',
  },
  readOnly: ({ mode }) => mode !== 'cleanup',
  asksJob: ({ jid, mode }) => (mode === 'cleanup' ? undefined : jid),
  act: ({ jid, mode }) => ({ script: mode === 'cleanup' ? eraseJob(jid) : lookAtJob(jid) }),
  read({ stdout, stderr, status }, { jid, mode }): Result {
    if (status !== 0) return { failed: true, msg: stderr.trim() || `exit status ${status}` }
    const { state, folder, ...job } = readJob(stdout)
    if (state === 'none')
      return {
        failed: true,
        msg: 'could not find job',
        ansible_job_id: jid,
        started: 1,
        finished: 1,
        erased: folder,
        ...noOutput,
      }
    if (mode === 'cleanup') return { ansible_job_id: jid, erased: folder, started: 0, finished: 0, ...noOutput }
    const base = { ansible_job_id: jid, started: 1, finished: state === 'running' ? 0 : 1, results_file: folder }
    switch (state) {
      case 'running':
        return { ...base, changed: false, ...noOutput }
      case 'late':
        return { ...base, failed: true, msg: 'Timeout exceeded', ...noOutput }
      case 'dead':
        return { ...base, failed: true, msg: 'the job is gone, and left no result', ...noOutput }
      case 'done': {
        const failed = job.status !== 0
        return {
          ...base,
          changed: true,
          ...(failed ? { failed, msg: 'non-zero return code' } : {}),
          rc: job.status,
          stdout: job.stdout.replace(/[\r\n]+$/, ''),
          stderr: stderr.replace(/[\r\n]+$/, ''),
        }
      }
      default:
        return state satisfies never
    }
  },
})

const noOutput = { stdout: '', stderr: '' }
