import { lines, type Script, sh } from '../../shell/sh.ts'
import type { ComposeArgs } from './compose-args.ts'

/** What brings the project to where it is wanted. Needs `composeReady` and `runDocker` before it. */
export function bring(args: ComposeArgs): Script {
  const { services } = args
  const timeout = args.timeout === undefined ? [] : ['--timeout', String(args.timeout)]
  switch (args.state) {
    case 'absent':
      return services.length > 0
        ? sh`run compose rm --stop --force ${args.remove_volumes ? ['-v'] : []} ${services}`
        : sh`run compose down ${timeout} ${args.remove_orphans ? ['--remove-orphans'] : []} ${args.remove_volumes ? ['--volumes'] : []} ${args.remove_images === undefined ? [] : ['--rmi', args.remove_images]}`
    case 'stopped':
      return sh`run compose up --no-start ${upOptions(args)} ${services}
run compose stop ${timeout} ${services}`
    case 'restarted':
      return lines(up(args), sh`run compose restart ${timeout} ${services}`, args.wait && waitScript(args))
    default:
      return lines(up(args), args.wait && waitScript(args))
  }
}

function up(args: ComposeArgs): Script {
  const pull = args.pull === 'policy' ? [] : ['--pull', args.pull]
  return lines(
    // Version 1 has no --pull.
    args.pull === 'always' && sh`[ "$version" = 2 ] || run compose pull ${args.services}`,
    pull.length === 0 ? undefined : sh`if [ "$version" = 2 ]; then set -- ${pull}; else set --; fi`,
    sh`run compose up -d ${pull.length === 0 ? [] : sh`"$@"`} ${upOptions(args)} ${args.services}`,
  )
}

function upOptions(args: ComposeArgs): readonly string[] {
  return [
    ...(args.build === 'always' || args.build === 'True' ? ['--build'] : []),
    ...(args.build === 'never' || args.build === 'False' ? ['--no-build'] : []),
    ...(args.recreate === 'always' ? ['--force-recreate'] : []),
    ...(args.recreate === 'never' ? ['--no-recreate'] : []),
    ...(args.dependencies ? [] : ['--no-deps']),
    ...(args.remove_orphans ? ['--remove-orphans'] : []),
    ...(args.timeout === undefined || args.state === 'stopped' ? [] : ['--timeout', String(args.timeout)]),
    ...Object.entries(args.scale).flatMap(([name, number]) => ['--scale', `${name}=${String(number)}`]),
  ]
}

/** `up --wait` is missing in version 1 and gives up on containers that ended well, so the health is asked for here. */
export function waitScript({ services, wait_timeout: limit }: ComposeArgs): Script {
  return sh`
waited=0
while :; do
  unready=$(docker inspect --type container --format '{{.Name}} {{.State.Status}}/{{with index .State "Health"}}{{.Status}}{{end}}/{{.State.ExitCode}}' $(compose ps -a -q ${services} 2>/dev/null) |
    grep -v -E -e ' running/(healthy)?/' -e ' exited/[a-z]*/0$' | tr '\n' ' ')
  [ -n "$unready" ] || break
  case $unready in *' exited/'*|*' dead/'*)
    printf 'a container ended: %s\n' "$unready" >&2
    compose logs --no-color --tail 20 ${services} >&2
    exit 1 ;;
  esac
  if [ "$waited" -ge ${limit} ]; then
    printf 'still not ready after %s s: %s\n' "$waited" "$unready" >&2
    exit 1
  fi
  [ $((waited % 10)) -ne 9 ] || printf 'waiting for %s\n' "$unready"
  sleep 1; waited=$((waited + 1))
done`
}
