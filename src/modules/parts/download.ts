import { lines, type Script, sh } from '../../shell/sh.ts'

/** What a download needs beside its address. Secrets among it reach the tool through a file that only its user can read. */
export interface Download {
  readonly url: string
  readonly headers?: Readonly<Record<string, unknown>> | undefined
  readonly user?: string | undefined
  readonly password?: string | undefined
  readonly timeout: number
  readonly validateCerts: boolean
  readonly agent?: string | undefined
  readonly useProxy?: boolean
}

/**
 * Fetches to the file that the shell word `to` names, with curl or wget, whichever the host has; ends the script with a
 * text that says why when that fails. Runs before anything else that sets an EXIT trap.
 */
export function download(what: Download, to: Script): Script {
  const local = /^file:\/\/(?:localhost)?(\/.*)$/.exec(what.url)?.[1]
  if (local !== undefined) return copyLocal(local, to)
  const simple = what.user === undefined && Object.keys(what.headers ?? {}).length === 0
  return lines(
    sh`
settings=$(umask 077; mktemp) || exit
said=$(mktemp) || exit
if command -v curl >/dev/null; then
  printf '%s' ${curlSettings(what)} >"$settings"
  curl -K "$settings" -o ${to} 2>"$said"; status=$?
elif wget --version 2>/dev/null | grep -q GNU; then
  printf '%s' ${wgetSettings(what)} >"$settings"
  WGETRC=$settings wget -nv -O ${to} -- ${what.url} 2>"$said"; status=$?`,
    simple
      ? // No -T: with it, BusyBox 1.35 of Debian 12 crashes.
        sh`elif command -v wget >/dev/null; then
  wget -q ${what.validateCerts ? [] : ['--no-check-certificate']} -O ${to} ${what.url} 2>"$said"; status=$?`
      : sh`elif command -v wget >/dev/null; then
  echo 'the wget of BusyBox sends no headers and no password without showing them to everyone: curl is needed on this host' >"$said"; status=127`,
    sh`else
  echo 'neither curl nor wget is on this host' >"$said"; status=127
fi
rm -f -- "$settings"
if [ "$status" -ne 0 ]; then
  printf 'Request failed: %s\n' "$(tr '\n' ' ' <"$said")" >&2
  rm -f -- "$said" ${to}
  exit "$status"
fi
rm -f -- "$said"`,
  )
}

/** wget knows no addresses of files. */
function copyLocal(path: string, to: Script): Script {
  return sh`
said=$(mktemp) || exit
cp -- ${unescaped(path)} ${to} 2>"$said" || {
  printf 'Request failed: %s\n' "$(tr '\n' ' ' <"$said")" >&2
  rm -f -- "$said" ${to}
  exit 1
}
rm -f -- "$said"`
}

function unescaped(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}

/** Settings in the words of `curl -K`: one option a line, values in quotes. */
export function curlSettings(what: Download): string {
  const lines = [
    `url = ${quoted(what.url)}`,
    'silent',
    'show-error',
    'fail',
    'location',
    'globoff',
    `connect-timeout = ${what.timeout}`,
    // Time without a byte, as Ansible's: a long download is no error.
    'speed-limit = 1',
    `speed-time = ${what.timeout}`,
    ...(what.validateCerts ? [] : ['insecure']),
    ...(what.agent === undefined ? [] : [`user-agent = ${quoted(what.agent)}`]),
    ...(what.user === undefined ? [] : [`user = ${quoted(`${what.user}:${what.password ?? ''}`)}`]),
    ...(what.useProxy === false ? ['noproxy = "*"'] : []),
    ...Object.entries(what.headers ?? {}).map(([name, value]) => `header = ${quoted(`${name}: ${String(value)}`)}`),
  ]
  return `${lines.join('\n')}\n`
}

function wgetSettings(what: Download): string {
  const lines = [
    `timeout = ${what.timeout}`,
    'tries = 1',
    ...(what.validateCerts ? [] : ['check_certificate = off']),
    ...(what.agent === undefined ? [] : [`user_agent = ${oneLine(what.agent)}`]),
    ...(what.user === undefined
      ? []
      : [`user = ${oneLine(what.user)}`, `password = ${oneLine(what.password ?? '')}`, 'auth_no_challenge = on']),
    ...(what.useProxy === false ? ['use_proxy = off'] : []),
    ...Object.entries(what.headers ?? {}).map(([name, value]) => `header = ${oneLine(`${name}: ${String(value)}`)}`),
  ]
  return `${lines.join('\n')}\n`
}

/** A value of a curl settings file: backslash, quote and line ends escaped. */
export function quoted(text: string): string {
  const escaped = text.replace(/[\\"]/g, '\\$&').replaceAll('\n', '\\n').replaceAll('\r', '\\r').replaceAll('\t', '\\t')
  return `"${escaped}"`
}

function oneLine(text: string): string {
  return text.replace(/[\r\n]/g, ' ')
}
