#!/bin/sh
# What bin/demo and bin/test share: a Node that is new enough, the npm packages, the built program.
# Source it: . scripts/prepare.sh   (with the working directory at the project's root)

# say TEXT: a headline; took: the seconds since the last one.
say() {
  printf '\n== %s\n' "$*"
  step_started=$(date +%s)
}
took() { printf '   done in %s s\n' "$(($(date +%s) - step_started))"; }
fail() {
  printf 'error: %s\nhint: %s\n' "$1" "$2" >&2
  exit 1
}

node_is_new_enough() {
  command -v node >/dev/null 2>&1 && command -v npm >/dev/null 2>&1 &&
    node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)'
}

prepare_node() {
  node_is_new_enough && return 0
  if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null 2>&1; then
    say 'Node.js: apt-get install nodejs npm'
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends nodejs npm >/dev/null 2>&1 || true
    took
  fi
  node_is_new_enough ||
    fail "Node.js 20.19 or newer is needed (here: $(node --version 2>/dev/null || echo none))" \
      'install it from nodejs.org or with your package manager, then run this again'
}

# The packages of the lock file, once; `npm ci` also builds.
prepare_packages() {
  stamp=node_modules/.lock-digest
  digest=$(cksum <package-lock.json)
  if [ "$(cat "$stamp" 2>/dev/null || true)" = "$digest" ]; then
    if [ -n "$(find src app/src package.json scripts/build.mjs -newer dist/main.js -type f 2>/dev/null | head -n 1)" ] || [ ! -e dist/main.js ] || [ ! -e app/dist/main.js ]; then
      say 'Building (npm run build)'
      npm run --silent build
      took
    fi
    return 0
  fi
  say 'npm packages (npm ci)'
  npm ci --no-audit --no-fund --loglevel=error
  printf '%s\n' "$digest" >"$stamp"
  took
}
