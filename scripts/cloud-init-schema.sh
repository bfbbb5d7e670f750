#!/bin/sh
# Renews cloud-init's own schema of user data (src/cloud-init/schema-cloud-config-v1.json) from Debian's package.
#   scripts/cloud-init-schema.sh              the package that apt offers here
#   scripts/cloud-init-schema.sh FILE.deb     a package that was fetched before
set -eu
cd "$(dirname "$0")/.."
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT INT TERM
package=${1:-}
if [ -z "$package" ]; then
  chmod 755 "$folder"
  (cd "$folder" && apt-get download -qq cloud-init)
  package=$(ls "$folder"/cloud-init_*.deb)
fi
dpkg-deb --fsys-tarfile "$package" |
  tar -xO --wildcards './usr/lib/python3/dist-packages/cloudinit/config/schemas/schema-cloud-config-v1.json' >"$folder/schema.json"
node -e 'JSON.parse(require("node:fs").readFileSync(process.argv[1], "utf8"))' "$folder/schema.json"
cp "$folder/schema.json" src/cloud-init/schema-cloud-config-v1.json
version=$(dpkg-deb --field "$package" Version)
sed -i "s/^Version: .*/Version: $version/" src/cloud-init/schema-cloud-config-v1.LICENSE
printf 'cloud-init %s\n' "$version"
