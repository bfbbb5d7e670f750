import { execFileSync } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { script, sh } from '../shell/sh.ts'
import type { Connection, ScriptRequest } from './connection.ts'
import { localConnection } from './local.ts'
import { alive, until } from './sshd.rig.ts'

const scratch = mkdtempSync(join(tmpdir(), 'mlops-local-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

/** A PATH with nothing but BusyBox, so that no program of GNU helps out. */
function busyboxOnly(): string {
  const folder = join(scratch, 'busybox')
  mkdirSync(folder)
  const busybox = execFileSync('sh', ['-c', 'command -v busybox'], { encoding: 'utf8' }).trim()
  for (const name of execFileSync(busybox, ['--list'], { encoding: 'utf8' }).trim().split('\n')) {
    symlinkSync(busybox, join(folder, name))
  }
  return folder
}

const SHELLS: Record<string, () => Connection> = { dash: () => localConnection({ shell: '/bin/dash' }) }
if (existsSync('/bin/bash')) SHELLS['bash'] = () => localConnection({ shell: '/bin/bash' })
if (existsSync('/bin/busybox')) {
  const path = busyboxOnly()
  SHELLS['busybox'] = () => localConnection({ shell: join(path, 'sh'), path })
}

const run = (text: string, more: Partial<ScriptRequest> = {}): ScriptRequest => ({ script: script(text), ...more })
const ok = (stdout: string) => ({ status: 0, stdout, stderr: '' })

describe.each(Object.entries(SHELLS))('frames on %s', (_, open) => {
  /** Runs `act` on a connection and sees that the next frame is answered as if nothing had been. */
  async function using<T>(act: (host: Connection) => Promise<T>): Promise<T> {
    const host = open()
    try {
      const result = await act(host)
      expect(await host.run([run('echo next; echo err >&2; exit 5')])).toEqual([
        { status: 5, stdout: 'next\n', stderr: 'err\n' },
      ])
      return result
    } finally {
      await host.close()
    }
  }

  test('scripts are answered in order with status, stdout and stderr, in one round trip', () =>
    using(async host => {
      const requests = Array.from({ length: 40 }, (_, i) =>
        run(`printf ${i}; printf e${i} >&2; exit ${i}`, { look: i % 2 === 0 }),
      )
      const results = await host.run(requests)
      expect(results).toEqual(requests.map((_, i) => ({ status: i, stdout: `${i}`, stderr: `e${i}` })))
      expect(host.stats.roundTrips).toBe(1)
    }))

  test.each([true, false])('whatever a script does, the ones behind it are answered (look: %s)', look =>
    using(async host => {
      const texts = [
        'exit 3',
        'exec echo replaced',
        'echo "unclosed',
        'if then fi',
        ')',
        '}; done; exit 9',
        'cd /; umask 0; set -e; trap "echo bye" EXIT; false; echo never',
        'set -u; echo $NOT_THERE',
        'kill -9 $$',
        'kill -TERM $$',
        'exec <&- >&- 2>&-',
        'cat',
        'b() { :; }; e() { :; }; z() { :; }; l() { :; }; N=1; echo defined',
        'break; continue; return 4',
        '',
        '# only a comment',
        'cat <<X\nhere\nX',
        'echo end \\',
      ]
      const requests = texts.flatMap(text => [run(text, { look }), run('pwd; umask; echo fine', { look: true })])
      const results = await host.run(requests)
      const between = results.filter((_, i) => i % 2 === 1)
      expect(new Set(between.map(r => r.stdout)).size).toBe(1)
      expect(between.every(r => r.status === 0 && r.stderr === '')).toBe(true)
      const status = (text: string) => results[2 * texts.indexOf(text)]?.status
      const stdout = (text: string) => results[2 * texts.indexOf(text)]?.stdout
      expect(status('exit 3')).toBe(3)
      expect(stdout('exec echo replaced')).toBe('replaced\n')
      expect(status('echo "unclosed')).not.toBe(0)
      expect(results[4]?.stderr).toMatch(/nterminated|unexpected EOF|quote/)
      expect(status('kill -9 $$')).toBe(137)
      expect(status('kill -TERM $$')).toBe(143)
      expect(stdout('cd /; umask 0; set -e; trap "echo bye" EXIT; false; echo never')).toBe('bye\n')
      expect(stdout('cat <<X\nhere\nX')).toBe('here\n')
      expect(stdout('cat')).toBe('')
    }))

  test('every byte but NUL passes through a script, and every byte through its stdin', () =>
    using(async host => {
      const text = Array.from({ length: 0x2ff }, (_, i) => String.fromCodePoint(i + 1))
        .join('')
        .concat(`'"'$HOME\`\\\\😀`)
      const stdin = `\0${text}\0\0%s\\n\\0`
      const [a, b, c, d] = await host.run([
        { script: sh`printf %s ${text}` },
        { script: sh`printf %s ${text}`, look: true },
        run('cat', { stdin }),
        run('cat', { stdin, look: true }),
      ])
      expect(a).toEqual(ok(text))
      expect(b).toEqual(ok(text))
      expect(c).toEqual(ok(stdin))
      expect(d).toEqual(ok(stdin))
    }))

  test('a script and a stdin of a megabyte arrive', () =>
    using(async host => {
      const big = "it's a line of text\n".repeat(52_000)
      const results = await host.run([
        run(`: <<'X'\n${big}X\nwc -c`, { stdin: big }),
        run(`: <<'X'\n${big}X\necho look`, { look: true }),
        run(`: <<'X'\n${big}X\necho own`),
        run('wc -c', { stdin: big }),
      ])
      expect(results.map(r => r.stdout.trim())).toEqual([String(big.length), 'look', 'own', String(big.length)])
    }))

  test('output of fifty megabytes, without a last newline, comes whole', () =>
    using(async host => {
      const size = 50 * 2 ** 20
      const [result] = await host.run([run(`head -c ${size} /dev/zero | tr '\\0' x`)])
      expect(result?.stdout.length).toBe(size)
      expect(result?.stdout.endsWith('x')).toBe(true)
    }))

  test('output that looks like a mark is output', () =>
    using(async host => {
      const lookalike = '\\036 E 1 0 0\\n\\036abcdef S 2\\n\\036'
      const [a, b] = await host.run([run(`printf '${lookalike}'`), run(`printf '${lookalike}' >&2; printf '\\036'`)])
      expect(a?.stdout).toBe('\x1e E 1 0 0\n\x1eabcdef S 2\n\x1e')
      expect(b).toEqual({ status: 0, stdout: '\x1e', stderr: '\x1e E 1 0 0\n\x1eabcdef S 2\n\x1e' })
    }))

  test('a script sees neither the marks nor the descriptors of the shell', () =>
    using(async host => {
      const [look, own] = await host.run([
        run('set; echo "$#"; echo x >&8 || echo closed', { look: true }),
        run('set; env; echo "$#"; echo x >&8 || echo closed'),
      ])
      for (const result of [look, own]) {
        expect(result?.stdout.replace(/^(BASH|_=).*$/gm, '')).not.toMatch(/[0-9a-f]{32}|MLOPS_SCRIPT/)
        expect(result?.stdout.endsWith('0\nclosed\n')).toBe(true)
      }
    }))

  test('the environment is that of the one script', () =>
    using(async host => {
      const environment = { MOOD: `it's "$HOME"\n`, EMPTY: '' }
      // biome-ignore lint/suspicious/noTemplateCurlyInString: shell text
      const show = 'printf "%s|%s" "$MOOD" "${EMPTY-unset}"; sh -c \'printf "|%s" "$MOOD"\''
      const results = await host.run([run(show, { environment }), run(show, { environment, look: true }), run(show)])
      expect(results.map(r => r.stdout)).toEqual([
        `it's "$HOME"\n||it's "$HOME"\n`,
        `it's "$HOME"\n||it's "$HOME"\n`,
        '|unset|',
      ])
    }))

  test('signals are not ignored in a script', () =>
    using(async host => {
      const results = await host.run([
        run('sh -c "kill -INT \\$\\$"; echo $?'),
        run('trap "echo caught" QUIT; kill -QUIT $$'),
      ])
      expect(results.map(r => r.stdout)).toEqual(['130\n', 'caught\n'])
    }))

  test('what a script leaves running lives on and cannot write into later answers', () =>
    using(async host => {
      const [first, second] = await host.run([
        run('while :; do echo noise; echo noise >&2; done & echo $!'),
        run('echo clean', { look: true }),
      ])
      expect(second).toEqual(ok('clean\n'))
      const [, pid] = /(\d+)/.exec(first?.stdout ?? '') ?? []
      const [quiet] = await host.run([run('sleep 1000 >/dev/null 2>&1 & echo $!')])
      expect(await host.run([run('echo clean')])).toEqual([ok('clean\n')])
      expect(alive(Number(quiet?.stdout))).toBe(true)
      process.kill(Number(quiet?.stdout))
      await until(() => !alive(Number(pid)))
    }))

  test('a script that takes too long is ended with all its processes, and the next ones run', () =>
    using(async host => {
      const deaf = 'trap "" TERM; sleep 1000 & echo $!; wait'
      const [polite, stubborn, after] = await host.run([
        run('sleep 1000 & echo $!; wait', { timeoutMs: 300 }),
        run(deaf, { timeoutMs: 300 }),
        run('echo after'),
      ])
      expect(polite).toMatchObject({ status: 124, timedOut: true })
      expect(stubborn).toMatchObject({ status: 124, timedOut: true })
      expect(after).toEqual(ok('after\n'))
      // on a busy machine the far side may still be at it
      await until(() => !alive(Number(polite?.stdout)) && !alive(Number(stubborn?.stdout)))
    }))

  test('an interruption ends what runs and rejects', () =>
    using(async host => {
      const stop = new AbortController()
      let pid = 0
      const onOutput = (chunk: string) => {
        pid = Number(chunk)
        stop.abort()
      }
      const work = host.run([run('sleep 1000 & echo $!; wait', { onOutput }), run('echo never')], stop.signal)
      await expect(work).rejects.toMatchObject({ kind: 'interrupted' })
      await until(() => !alive(pid))
      await expect(host.run([run('echo never')], stop.signal)).rejects.toMatchObject({ kind: 'interrupted' })
    }))

  test('closing ends what runs, and never rejects', async () => {
    const host = open()
    const started = new Promise<number>(resolve => {
      host.run([run('sleep 1000 & echo $!; wait', { onOutput: chunk => resolve(Number(chunk)) })]).catch(() => {})
    })
    const pid = await started
    await host.close()
    await host.close()
    expect(alive(pid)).toBe(false)
    await expect(host.run([run('echo')])).rejects.toMatchObject({ kind: 'lost' })
  })

  test('small files are placed with their bytes and mode, and nothing at their place is followed', () =>
    using(async host => {
      const folder = mkdtempSync(join(scratch, 'put-'))
      const victim = join(folder, 'victim')
      writeFileSync(victim, 'untouched')
      symlinkSync(victim, join(folder, 'link'))
      const bytes = Buffer.from(Array.from({ length: 1024 }, (_, i) => i % 256))
      const name = join(folder, `it's\n"$HOME" -x*`)
      await host.put([
        { to: name, mode: 0o640, content: bytes },
        { to: join(folder, 'link'), mode: 0o755, content: Buffer.from('%s\\n') },
        { to: join(folder, 'empty'), mode: 0o600, content: Buffer.alloc(0) },
        { to: join(folder, 'from-disk'), mode: 0o600, content: { file: victim, sizeBytes: 9 } },
      ])
      expect(host.stats.roundTrips).toBe(1)
      expect(readFileSync(name).equals(bytes)).toBe(true)
      expect(statSync(name).mode & 0o7777).toBe(0o640)
      expect(readFileSync(join(folder, 'link'), 'utf8')).toBe('%s\\n')
      expect(statSync(join(folder, 'link')).mode & 0o7777).toBe(0o755)
      expect(readFileSync(victim, 'utf8')).toBe('untouched')
      expect(readFileSync(join(folder, 'empty'), 'utf8')).toBe('')
      expect(readFileSync(join(folder, 'from-disk'), 'utf8')).toBe('untouched')
      expect(Buffer.from(await host.get(name)).equals(bytes)).toBe(true)
    }))

  test('files ride along with the script that needs them, which does not run when they cannot be placed', () =>
    using(async host => {
      const folder = mkdtempSync(join(scratch, 'ride-'))
      const upload = (name: string, size: number) => ({
        to: join(folder, 'own', name),
        mode: 0o640,
        content: Buffer.alloc(size, name),
      })
      const prepare = sh`mkdir -- ${join(folder, 'own')}`
      const needy = { ...run(`cd '${folder}/own' && wc -c <a`), prepare }
      expect(await host.run([run('echo before'), { ...needy, uploads: [upload('a', 5)] }, run('exit 3')])).toEqual([
        ok('before\n'),
        ok('5\n'),
        { status: 3, stdout: '', stderr: '' },
      ])
      expect(host.stats.roundTrips).toBe(1)
      expect(statSync(join(folder, 'own/a')).mode & 0o777).toBe(0o640)
      const again = { ...run(`touch '${folder}/ran'`), prepare, uploads: [upload('b', 5)] }
      await expect(host.run([again, run('echo behind')])).rejects.toThrow(/cannot write on localhost.*own/)
      rmSync(join(folder, 'own'), { recursive: true })
      const large = { ...needy, uploads: [upload('a', 3), upload('large', 300_000)] }
      expect(await host.run([large, { ...run(`ls '${folder}/own'`), light: true }])).toEqual([
        ok('3\n'),
        ok('a\nlarge\n'),
      ])
      const refused = { ...run(`touch '${folder}/ran'`), uploads: [{ ...upload('x', 1), to: join(folder, 'none/x') }] }
      await expect(host.run([refused])).rejects.toMatchObject({ kind: 'no-file' })
      expect(existsSync(join(folder, 'ran'))).toBe(false)
    }))

  test('a script with files is not run when the shell ended while they were placed', () =>
    using(async host => {
      const folder = mkdtempSync(join(scratch, 'ended-'))
      const uploads = [{ to: join(folder, 'x'), mode: 0o600, content: Buffer.from('x') }]
      const request = {
        ...run(`touch '${folder}/ran'`),
        prepare: script('kill -KILL $$'),
        uploads,
      }
      await host.run([request]).catch(() => {})
      expect(existsSync(join(folder, 'ran'))).toBe(false)
    }))

  test('a light script that is ended cleans up behind itself', () =>
    using(async host => {
      const file = join(scratch, 'light')
      const text = `trap 'rm -f ${file}' EXIT; trap 'exit 143' TERM; : >${file}; sleep 1239`
      expect(await host.run([{ ...run(text), light: true, timeoutMs: 300 }])).toMatchObject([{ timedOut: true }])
      await until(() => !existsSync(file))
    }))

  test('large files are placed whole, or not at all', () =>
    using(async host => {
      const folder = mkdtempSync(join(scratch, 'put-'))
      const big = randomBytes(3_000_001)
      const source = join(folder, 'source')
      writeFileSync(source, big)
      const name = join(folder, `big\nit's`)
      await host.put([
        { to: join(folder, 'exact'), mode: 0o600, content: big.subarray(0, 4 * 65_536) },
        { to: name, mode: 0o750, content: { file: source, sizeBytes: big.length } },
        { to: join(folder, 'third'), mode: 0o600, content: big },
      ])
      expect(readFileSync(join(folder, 'exact')).equals(big.subarray(0, 4 * 65_536))).toBe(true)
      expect(readFileSync(name).equals(big)).toBe(true)
      expect(statSync(name).mode & 0o7777).toBe(0o750)
      expect(readFileSync(join(folder, 'third')).equals(big)).toBe(true)
      expect(Buffer.from(await host.get(name)).equals(big)).toBe(true)
      const nowhere = [
        { to: join(folder, 'none/file'), mode: 0o600, content: big },
        { to: join(folder, 'after'), mode: 0o600, content: big },
      ]
      await expect(host.put(nowhere)).rejects.toThrow(/cannot write on localhost/)
      await expect(host.put([{ ...nowhere[0], to: folder, mode: 0o600, content: big }])).rejects.toThrow(
        /is a directory/,
      )
      await expect(
        host.put([{ to: join(folder, 'none/f'), mode: 0o600, content: big.subarray(0, 9) }]),
      ).rejects.toThrow(/none/)
      expect(existsSync(join(folder, 'after'))).toBe(false)
      const [left] = await host.run([{ script: sh`ls -A ${folder}` }])
      expect(left?.stdout.replace(/big[\n?]it's/, 'big')).toBe('big\nexact\nsource\nthird\n')
    }))

  test.each([131_073, 5 * 65_536, 3_000_001])('%i bytes are hashed on their way', size =>
    using(async host => {
      const folder = mkdtempSync(join(scratch, 'put-'))
      const [file, to] = [join(folder, `it's\nhere`), join(folder, 'there')]
      const bytes = randomBytes(size)
      writeFileSync(file, bytes)
      const sha1 = createHash('sha1').update(bytes).digest('hex')
      const uploads = [{ to, mode: 0o600, content: { file, sizeBytes: size, sha1 } }]
      const ask = sh`printf %s "$MLOPS_ARRIVED"; stat -c ' %d:%i:%s:%y' -- ${to}`
      const [, look, own] = await host.run([
        { ...run(':'), uploads },
        { script: ask, look: true },
        run(`printf %s "$MLOPS_ARRIVED"`),
      ])
      const { ino, size: now } = statSync(to)
      const [, identity] = /^(.*)=([0-9a-f]{40})/.exec(look?.stdout ?? '') ?? []
      expect(look?.stdout).toBe(`${identity}=${sha1}${identity}\n`)
      expect(identity).toContain(`:${ino}:${now}:`)
      expect(own).toEqual(ok(''))
      expect(readFileSync(to).equals(bytes)).toBe(true)
    }))

  test('a file that changed on its way is not placed, and what is behind it, neither', () =>
    using(async host => {
      const folder = mkdtempSync(join(scratch, 'put-'))
      const file = join(scratch, `it's changed`)
      const uploadsOf = (sizeBytes: number) =>
        ['first', 'second'].map(name => ({
          to: join(folder, name),
          mode: 0o600,
          content: { file, sizeBytes, sha1: '0'.repeat(40) },
        }))
      writeFileSync(file, 'small')
      await expect(host.put(uploadsOf(5))).rejects.toThrow(`${file} changed while it was sent`)
      const uploads = uploadsOf(9_000_000)
      writeFileSync(file, randomBytes(9_000_000))
      await expect(host.put(uploads)).rejects.toMatchObject({
        kind: 'no-file',
        message: `${file} changed while it was sent`,
      })
      writeFileSync(file, randomBytes(300_000))
      await expect(host.put(uploads)).rejects.toThrow(`${file} changed while it was sent`)
      rmSync(file)
      await expect(host.put(uploads)).rejects.toThrow(`cannot send ${file}: ENOENT`)
      await expect(host.put(uploadsOf(5))).rejects.toThrow(`cannot send ${file}: ENOENT`)
      await until(() => readdirSync(folder).length === 0)
    }))

  test('a file that was sent in part leaves nothing behind', () =>
    using(async host => {
      const folder = mkdtempSync(join(scratch, 'put-'))
      const file = join(scratch, 'part')
      writeFileSync(file, '')
      truncateSync(file, 2 ** 36)
      const stop = new AbortController()
      const content = { file, sizeBytes: 2 ** 36, sha1: '0'.repeat(40) }
      const sent = host.put([{ to: join(folder, 'there'), mode: 0o600, content }], undefined, stop.signal)
      await until(() => readdirSync(folder).length > 0)
      stop.abort()
      await expect(sent).rejects.toMatchObject({ kind: 'interrupted' })
      await until(() => readdirSync(folder).length === 0)
    }))

  test('a file that cannot be read is named', () =>
    using(async host => {
      await expect(host.get('/no/such/file')).rejects.toMatchObject({ kind: 'no-file' })
    }))

  test('a name that no environment can hold is refused before anything runs', () =>
    using(async host => {
      await expect(host.run([run('echo', { environment: { 'a b': 'x' } })])).rejects.toThrow(
        '`a b` cannot be a variable',
      )
    }))
})

test('a script that prints without end is ended, and says so', async () => {
  const host = localConnection()
  const [result, next] = await host.run([run('yes'), run('echo next')])
  expect(result?.status).toBe(125)
  expect(result?.stdout.length).toBe(64 * 2 ** 20)
  expect(result?.stderr).toMatch(/printed more than 64 MiB/)
  expect(next).toEqual(ok('next\n'))
  await host.close()
})

test('output is shown while it comes', async () => {
  const host = localConnection()
  const fifo = join(scratch, 'fifo')
  execFileSync('mkfifo', [fifo])
  let seen = ''
  const onOutput = (chunk: string) => {
    seen += chunk
    if (seen === 'ä one\n') writeFileSync(fifo, 'two\n')
  }
  const [result] = await host.run([run(`printf '\\303'; printf '\\244 one\\n'; cat ${fifo}`, { onOutput })])
  expect(result?.stdout).toBe('ä one\ntwo\n')
  expect(seen).toBe('ä one\ntwo\n')
  await host.close()
})
