import { createHash } from 'node:crypto'
import { section } from '../shell/sections.ts'
import { lines, sh } from '../shell/sh.ts'
import { pathWord } from '../shell/words.ts'
import { defineAction, type Inputs, ModuleFailure, type Result } from './module.ts'
import { setAttributes, statFormat, wantedAttributes } from './parts/attributes.ts'
import { answer } from './parts/uri-answer.ts'
import { type UriArgs, uriArgs } from './parts/uri-args.ts'
import { curlRequest, isPlainGet } from './parts/uri-request.ts'

export const uri = defineAction({
  summary: 'Sends a request over HTTP from the host, and checks the status of the answer.',
  details:
    'Needs curl on the host; secrets reach it on its standard input. A plain GET is done with wget where there is no curl.',
  args: uriArgs,
  examples: `
- name: The predictor answers
  ansible.builtin.uri:
    url: http://localhost:5100/healthz
    return_content: true
- uri:
    url: http://localhost:5100/predictions
    method: POST
    body: { glucose: 148 }
    body_format: json
    status_code: [200, 201]
`,
  returnDocs: {
    status: 'The status of the answer.',
    url: 'The address that answered.',
    content: 'The answer, as text.',
    json: 'The answer, when it is JSON.',
    msg: 'The size, or what went wrong.',
    cookies: 'Cookies that the answer sets: name → value.',
    cookies_string: 'The same, as a header has them.',
    elapsed: 'How many seconds it took.',
    location: 'Where a redirect leads.',
    body: 'The answer, when its status is 300 or more.',
    redirected: 'Whether another address answered.',
    path: 'The file of the answer.',
  },
  check: ({ method, body, src }) => [
    ...(method !== undefined && !/^[A-Z]+$/i.test(method) ? ['`method` is a word'] : []),
    ...(body !== undefined && src !== undefined ? ['`body` and `src` exclude each other'] : []),
  ],
  needs: ({ src, remote_src }) => (src === undefined || remote_src ? {} : { files: { src, searchIn: 'files' } }),
  guard({ creates, removes }) {
    if (creates === undefined && removes === undefined) return undefined
    return {
      look: lines(
        creates !== undefined && sh`[ ! -e ${pathWord(creates)} ] || echo created`,
        removes !== undefined && sh`[ -e ${pathWord(removes)} ] || echo removed`,
      ),
      skip({ stdout }) {
        if (stdout.includes('created')) return passed(`'${creates}' exists`)
        if (stdout.includes('removed')) return passed(`'${removes}' does not exist`)
        return undefined
      },
    }
  },
  act(args, inputs) {
    const sent = sentFile(args, inputs)
    return {
      stdin: curlRequest(args, sent?.to ?? args.src),
      ...(sent === undefined ? {} : { uploads: [{ ...sent, mode: 0o600 }] }),
      timeoutMs: (args.timeout + 30) * 1000,
      script: lines(
        sh`
folder=$(umask 077; mktemp -d) || exit
sent=${sent?.to ?? ''} part=
trap 'rm -rf -- "$folder" \${sent:+"$sent"} \${part:+"$part"}' EXIT
if command -v curl >/dev/null; then
  curl -K - -D "$folder/headers" -o "$folder/body" -w '%{http_code} %{time_total} %{url_effective}\n' >"$folder/status" 2>"$folder/said"
  failed=$?`,
        isPlainGet(args)
          ? sh`
elif command -v wget >/dev/null; then
  # Not its own -T: with it, BusyBox 1.35 of Debian 12 crashes.
  timeout ${args.timeout} wget -q -S ${args.validate_certs ? [] : ['--no-check-certificate']} -O "$folder/body" ${args.url} 2>"$folder/said"
  failed=0
  sed -n 's/^  *\(HTTP.*\)/\1/p; s/^  *\([A-Za-z-]*: .*\)/\1/p' "$folder/said" >"$folder/headers"
  status=$(sed -n 's/^HTTP[^ ]* \([0-9]*\).*/\1/p' "$folder/headers" | tail -n 1)
  if [ -n "$status" ]; then printf '%s 0 %s\n' "$status" ${args.url} >"$folder/status"; else failed=1; fi`
          : undefined,
        sh`
else
  echo ${isPlainGet(args) ? 'neither curl nor wget is on this host' : 'curl is not on this host; wget can do no more than a plain GET'} >&2
  exit 127
fi
if [ "$failed" -ne 0 ]; then cat "$folder/said" >&2; exit "$failed"; fi
touch "$folder/headers" "$folder/body"`,
        section('status'),
        sh`cat "$folder/status"`,
        section('headers'),
        sh`cat "$folder/headers"`,
        args.dest !== undefined && place(args, args.dest),
        section('body'),
        sh`cat "$folder/body"`,
      ),
    }
  },
  read(output, args): Result {
    if (output.status !== 0) {
      const said = output.stderr.trim()
      return {
        failed: true,
        status: -1,
        url: args.url,
        redirected: false,
        elapsed: 0,
        ...(args.return_content ? { content: '' } : {}),
        msg:
          said === ''
            ? 'Status code was -1: the request failed'
            : `Status code was -1 and not ${args.status_code.join(', ')}: ${said}`,
      }
    }
    return answer(args, output.stdout)
  },
})

/** The file of the controller that is sent, on its way. */
function sentFile({ src, remote_src: remote }: UriArgs, { files, host }: Inputs) {
  if (src === undefined || remote) return undefined
  const [entry] = files?.entries ?? []
  if (entry === undefined || files?.root === 'directory') throw new ModuleFailure(`${src} is not a file`)
  const name = createHash('sha1').update(`${host.name} ${entry.sha1} ${src}`).digest('hex')
  return { to: `/tmp/.mlops-${name}.tmp`, content: entry.read() }
}

function passed(since: string): Result {
  return { stdout: `skipped, since ${since}`, msg: `skipped, since ${since}`, changed: false }
}

/** Moves the answer to its file, when it differs. */
function place(args: UriArgs, dest: string) {
  const wanted = wantedAttributes(args, { mode: 0o644, isDirectory: false, umask: 0o022 })
  return sh`
dest=${pathWord(dest)}
[ ! -d "$dest" ] || dest=$dest/${args.url.replace(/[?#].*$/, '').replace(/.*\//, '') || 'index.html'}
part=\${dest%/*}/.\${dest##*/}.mlops-part
case $dest in */*) ;; *) part=.$dest.mlops-part ;; esac
change=same
if ! cmp -s "$folder/body" "$dest"; then
  cp -- "$folder/body" "$part" && chmod ${wanted.mode ?? '0644'} -- "$part" && mv -f -- "$part" "$dest" || exit
  change=changed
fi
${setAttributes(sh`"$dest"`, wanted) ?? sh`:`} || exit
${section('dest')}
echo "$change"; stat -L -c ${statFormat} -- "$dest"`
}
