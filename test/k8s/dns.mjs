// The names of a test cluster's Services, for its pods: node dns.mjs ADDRESS KUBECONFIG. Other names do not exist.
import { createSocket } from 'node:dgram'
import { CoreV1Api, KubeConfig } from '@kubernetes/client-node'

const [, , address = '', kubeconfig = ''] = process.argv
const config = new KubeConfig()
config.loadFromFile(kubeconfig)
const api = config.makeApiClient(CoreV1Api)
const socket = createSocket('udp4')
const found = 0x8180
const unknown = 0x8183

socket.on('message', async (question, { address: from, port }) => {
  const { name, type, end } = readQuestion(question)
  const [service, namespace, ...rest] = name.split('.')
  let ip
  if (rest.join('.') === 'svc.cluster.local') {
    ip = await api
      .readNamespacedService({ name: service ?? '', namespace: namespace ?? '' })
      .then(({ spec }) => spec?.clusterIP)
      .catch(() => undefined)
  }
  const address = type === 1 && ip && ip !== 'None' ? ip.split('.').map(Number) : undefined
  const answer = address ? [0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 5, 0, 4, ...address] : []
  const head = Buffer.alloc(12)
  question.copy(head, 0, 0, 2)
  head.writeUInt16BE(ip ? found : unknown, 2)
  head.writeUInt16BE(1, 4)
  head.writeUInt16BE(address ? 1 : 0, 6)
  socket.send(Buffer.concat([head, question.subarray(12, end), Buffer.from(answer)]), port, from)
})
socket.bind(53, address)

function readQuestion(message) {
  const labels = []
  let at = 12
  for (let length = message[at] ?? 0; length > 0; length = message[at] ?? 0) {
    labels.push(message.toString('ascii', at + 1, at + 1 + length))
    at += length + 1
  }
  return { name: labels.join('.').toLowerCase(), type: message.readUInt16BE(at + 1), end: at + 5 }
}
