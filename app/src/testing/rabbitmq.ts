import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

const server = '/usr/lib/rabbitmq/bin/rabbitmq-server'

/** A RabbitMQ of the test's own: from the distribution's package, on ports and paths of its own, never as root. */
export interface Rabbit {
  readonly url: string
  /** Ends it as a machine's shutdown does. */
  stop(): Promise<void>
  start(): Promise<void>
  /** Ends it, and removes all that it wrote. */
  remove(): Promise<void>
}

export async function startRabbit(): Promise<Rabbit> {
  if (!existsSync(server)) throw new Error('RabbitMQ is not installed: apt-get install rabbitmq-server')
  const owner = process.getuid?.() === 0 ? { uid: idOf('-u'), gid: idOf('-g') } : undefined
  const home = mkdtempSync(join(tmpdir(), 'app-rabbit-'))
  if (owner) chownSync(home, owner.uid, owner.gid)
  const [port, distPort, epmdPort] = [await freePort(), await freePort(), await freePort()]
  writeFileSync(
    join(home, 'rabbitmq.conf'),
    `listeners.tcp.local = 127.0.0.1:${port}\nlog.console = true\nlog.console.level = info\ndisk_free_limit.absolute = 50MB\nvm_memory_high_watermark.absolute = 1GB\n`,
  )
  writeFileSync(join(home, 'enabled_plugins'), '[].\n')
  const env = {
    PATH: process.env.PATH,
    LANG: 'C.UTF-8',
    HOME: home,
    RABBITMQ_NODENAME: `test${port}@localhost`,
    RABBITMQ_CONFIG_FILE: join(home, 'rabbitmq'),
    RABBITMQ_CONF_ENV_FILE: '/dev/null',
    RABBITMQ_MNESIA_BASE: join(home, 'mnesia'),
    RABBITMQ_LOG_BASE: join(home, 'log'),
    RABBITMQ_LOGS: '-',
    RABBITMQ_ENABLED_PLUGINS_FILE: join(home, 'enabled_plugins'),
    RABBITMQ_DIST_PORT: String(distPort),
    // A port mapper of its own as well: the machine's may belong to another broker.
    ERL_EPMD_PORT: String(epmdPort),
    ERL_EPMD_ADDRESS: '127.0.0.1',
    // No busy waiting: the tests share few processors.
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS:
      '-kernel inet_dist_use_interface {127,0,0,1} +sbwt none +sbwtdcpu none +sbwtdio none +S 1',
    // The script then becomes the broker, so that our signals reach it.
    RUNNING_UNDER_SYSTEMD: 'true',
  }
  let running: ChildProcess | undefined

  const rabbit: Rabbit = {
    url: `amqp://guest:guest@127.0.0.1:${port}/`,
    async start() {
      const broker = spawn(server, { env, stdio: ['ignore', 'pipe', 'pipe'], ...owner })
      running = broker
      await startupOf(broker)
    },
    async stop() {
      const broker = running
      running = undefined
      if (broker === undefined || broker.exitCode !== null || broker.signalCode !== null) return
      const ended = once(broker, 'exit')
      broker.kill('SIGTERM')
      await ended
    },
    async remove() {
      await rabbit.stop()
      try {
        execFileSync('epmd', ['-kill'], { env, stdio: 'ignore' })
      } catch {
        // It ends by itself with its last node on some releases.
      }
      rmSync(home, { recursive: true, force: true })
    },
  }
  await rabbit.start()
  return rabbit
}

function startupOf(broker: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    const said: string[] = []
    for (const stream of [broker.stdout, broker.stderr]) {
      if (!stream) continue
      createInterface({ input: stream }).on('line', line => {
        said.push(line)
        if (line.includes('Server startup complete')) resolve()
      })
    }
    broker.on('error', reject)
    broker.on('exit', code => reject(new Error(`RabbitMQ ended with ${code}:\n${said.slice(-20).join('\n')}`)))
  })
}

function idOf(flag: '-u' | '-g'): number {
  return Number(execFileSync('id', [flag, 'rabbitmq'], { encoding: 'utf8' }))
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const address = probe.address()
  probe.close()
  await once(probe, 'close')
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}
