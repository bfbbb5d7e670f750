import { acl } from './acl.ts'
import { addHost } from './add-host.ts'
import { alternatives } from './alternatives.ts'
import { apache2Module } from './apache2-module.ts'
import { apk } from './apk.ts'
import { apt } from './apt.ts'
import { aptKey } from './apt-key.ts'
import { aptRepository } from './apt-repository.ts'
import { archive } from './archive.ts'
import { assemble } from './assemble.ts'
import { assert } from './assert.ts'
import { asyncStatus } from './async-status.ts'
import { authorizedKey } from './authorized-key.ts'
import { blockinfile } from './blockinfile.ts'
import { capabilities } from './capabilities.ts'
import { command } from './command.ts'
import { copy } from './copy.ts'
import { cron } from './cron.ts'
import { deb822Repository } from './deb822-repository.ts'
import { debconf } from './debconf.ts'
import { debug } from './debug.ts'
import { dnf } from './dnf.ts'
import { dockerCompose } from './docker-compose.ts'
import { dockerContainer } from './docker-container.ts'
import { dockerContainerExec } from './docker-container-exec.ts'
import { dockerContainerInfo } from './docker-container-info.ts'
import { dockerHostInfo } from './docker-host-info.ts'
import { dockerImage } from './docker-image.ts'
import { dockerImageInfo } from './docker-image-info.ts'
import { dockerLogin } from './docker-login.ts'
import { dockerNetwork } from './docker-network.ts'
import { dockerNetworkInfo } from './docker-network-info.ts'
import { dockerNode } from './docker-node.ts'
import { dockerPrune } from './docker-prune.ts'
import { dockerStack } from './docker-stack.ts'
import { dockerSwarm } from './docker-swarm.ts'
import { dockerVolume } from './docker-volume.ts'
import { dockerVolumeInfo } from './docker-volume-info.ts'
import { dpkgSelections } from './dpkg-selections.ts'
import { expectModule } from './expect.ts'
import { fail } from './fail.ts'
import { fetch } from './fetch.ts'
import { file } from './file.ts'
import { find } from './find.ts'
import { firewalld } from './firewalld.ts'
import { getUrl } from './get-url.ts'
import { getent } from './getent.ts'
import { git } from './git.ts'
import { gitConfig } from './git-config.ts'
import { group } from './group.ts'
import { groupBy } from './group-by.ts'
import { hostname } from './hostname.ts'
import { htpasswd } from './htpasswd.ts'
import { includeVars } from './include-vars.ts'
import { iniFile } from './ini-file.ts'
import { iptables } from './iptables.ts'
import { k8s } from './k8s.ts'
import { knownHosts } from './known-hosts.ts'
import { lineinfile } from './lineinfile.ts'
import { localeGen } from './locale-gen.ts'
import { make } from './make.ts'
import { modprobe } from './modprobe.ts'
import type { Module, ModuleRegistry } from './module.ts'
import { mount } from './mount.ts'
import { mountFacts } from './mount-facts.ts'
import { mysqlDb } from './mysql-db.ts'
import { mysqlUser } from './mysql-user.ts'
import { mysqlVariables } from './mysql-variables.ts'
import { npm } from './npm.ts'
import { opensshKeypair } from './openssh-keypair.ts'
import { opensslCsr } from './openssl-csr.ts'
import { opensslDhparam } from './openssl-dhparam.ts'
import { opensslPrivatekey } from './openssl-privatekey.ts'
import { opensslPublickey } from './openssl-publickey.ts'
import { packageModule } from './package.ts'
import { packageFacts } from './package-facts.ts'
import { pamLimits } from './pam-limits.ts'
import { pamd } from './pamd.ts'
import { pause } from './pause.ts'
import { ping } from './ping.ts'
import { pip } from './pip.ts'
import { postgresqlDb } from './postgresql-db.ts'
import { postgresqlExt } from './postgresql-ext.ts'
import { postgresqlQuery } from './postgresql-query.ts'
import { postgresqlUser } from './postgresql-user.ts'
import { rabbitmqPlugin } from './rabbitmq-plugin.ts'
import { rabbitmqPolicy } from './rabbitmq-policy.ts'
import { rabbitmqQueue } from './rabbitmq-queue.ts'
import { rabbitmqUser } from './rabbitmq-user.ts'
import { rabbitmqVhost } from './rabbitmq-vhost.ts'
import { raw } from './raw.ts'
import { reboot } from './reboot.ts'
import { replace } from './replace.ts'
import { rpmKey } from './rpm-key.ts'
import { script } from './script.ts'
import { seboolean } from './seboolean.ts'
import { sefcontext } from './sefcontext.ts'
import { selinux } from './selinux.ts'
import { seport } from './seport.ts'
import { service } from './service.ts'
import { serviceFacts } from './service-facts.ts'
import { setFact } from './set-fact.ts'
import { setStats } from './set-stats.ts'
import { setup } from './setup.ts'
import { shell } from './shell.ts'
import { slurp } from './slurp.ts'
import { sshConfig } from './ssh-config.ts'
import { stat } from './stat.ts'
import { sudoers } from './sudoers.ts'
import { synchronize } from './synchronize.ts'
import { sysctl } from './sysctl.ts'
import { systemd } from './systemd.ts'
import { tempfile } from './tempfile.ts'
import { template } from './template.ts'
import { timezone } from './timezone.ts'
import { ufw } from './ufw.ts'
import { unarchive } from './unarchive.ts'
import { uri } from './uri.ts'
import { user } from './user.ts'
import { validateArgumentSpec } from './validate-argument-spec.ts'
import { waitFor } from './wait-for.ts'
import { waitForConnection } from './wait-for-connection.ts'
import { x509Certificate } from './x509-certificate.ts'
import { yumRepository } from './yum-repository.ts'

/** Every module by its bare name. */
const modules: Readonly<Record<string, Module>> = {
  acl,
  add_host: addHost,
  alternatives,
  apache2_module: apache2Module,
  apk,
  apt,
  apt_key: aptKey,
  apt_repository: aptRepository,
  archive,
  assemble,
  assert,
  async_status: asyncStatus,
  authorized_key: authorizedKey,
  blockinfile,
  capabilities,
  command,
  copy,
  cron,
  deb822_repository: deb822Repository,
  debconf,
  debug,
  dnf,
  docker_compose: dockerCompose,
  docker_container: dockerContainer,
  docker_container_exec: dockerContainerExec,
  docker_container_info: dockerContainerInfo,
  docker_host_info: dockerHostInfo,
  docker_image: dockerImage,
  docker_image_info: dockerImageInfo,
  docker_login: dockerLogin,
  docker_network: dockerNetwork,
  docker_network_info: dockerNetworkInfo,
  docker_node: dockerNode,
  docker_prune: dockerPrune,
  docker_stack: dockerStack,
  docker_swarm: dockerSwarm,
  docker_volume: dockerVolume,
  docker_volume_info: dockerVolumeInfo,
  dpkg_selections: dpkgSelections,
  expect: expectModule,
  fail,
  fetch,
  file,
  find,
  firewalld,
  get_url: getUrl,
  getent,
  git,
  git_config: gitConfig,
  group,
  group_by: groupBy,
  hostname,
  htpasswd,
  include_vars: includeVars,
  ini_file: iniFile,
  iptables,
  k8s,
  known_hosts: knownHosts,
  lineinfile,
  locale_gen: localeGen,
  make,
  modprobe,
  mount,
  mount_facts: mountFacts,
  mysql_db: mysqlDb,
  mysql_user: mysqlUser,
  mysql_variables: mysqlVariables,
  npm,
  openssh_keypair: opensshKeypair,
  openssl_csr: opensslCsr,
  openssl_dhparam: opensslDhparam,
  openssl_privatekey: opensslPrivatekey,
  openssl_publickey: opensslPublickey,
  package: packageModule,
  package_facts: packageFacts,
  pam_limits: pamLimits,
  pamd,
  pause,
  ping,
  pip,
  postgresql_db: postgresqlDb,
  postgresql_ext: postgresqlExt,
  postgresql_query: postgresqlQuery,
  postgresql_user: postgresqlUser,
  rabbitmq_plugin: rabbitmqPlugin,
  rabbitmq_policy: rabbitmqPolicy,
  rabbitmq_queue: rabbitmqQueue,
  rabbitmq_user: rabbitmqUser,
  rabbitmq_vhost: rabbitmqVhost,
  raw,
  reboot,
  replace,
  rpm_key: rpmKey,
  script,
  seboolean,
  sefcontext,
  selinux,
  seport,
  service,
  service_facts: serviceFacts,
  set_fact: setFact,
  set_stats: setStats,
  setup,
  shell,
  slurp,
  ssh_config: sshConfig,
  stat,
  sudoers,
  synchronize,
  sysctl,
  systemd,
  tempfile,
  template,
  timezone,
  ufw,
  unarchive,
  uri,
  user,
  validate_argument_spec: validateArgumentSpec,
  wait_for: waitFor,
  wait_for_connection: waitForConnection,
  x509_certificate: x509Certificate,
  yum_repository: yumRepository,
}

/** Other bare names that modules answer to. */
const otherNames: Readonly<Record<string, string>> = {
  docker_compose_v2: 'docker_compose',
  gather_facts: 'setup',
  systemd_service: 'systemd',
  yum: 'dnf',
  dnf5: 'dnf',
}

/** Collections whose modules are known by their bare names here. */
const collections: Readonly<Record<string, readonly string[] | 'all'>> = {
  'ansible.builtin': 'all',
  'ansible.legacy': 'all',
  'ansible.posix': ['acl', 'authorized_key', 'firewalld', 'mount', 'seboolean', 'selinux', 'synchronize', 'sysctl'],
  'community.mysql': ['mysql_db', 'mysql_user', 'mysql_variables'],
  'community.postgresql': ['postgresql_db', 'postgresql_ext', 'postgresql_query', 'postgresql_user'],
  'community.rabbitmq': ['rabbitmq_plugin', 'rabbitmq_policy', 'rabbitmq_queue', 'rabbitmq_user', 'rabbitmq_vhost'],
  'kubernetes.core': ['k8s'],
  'community.docker': [
    'docker_compose',
    'docker_compose_v2',
    'docker_container',
    'docker_container_exec',
    'docker_container_info',
    'docker_host_info',
    'docker_image',
    'docker_image_info',
    'docker_login',
    'docker_network',
    'docker_network_info',
    'docker_node',
    'docker_prune',
    'docker_stack',
    'docker_swarm',
    'docker_volume',
    'docker_volume_info',
  ],
  'community.general': [
    'alternatives',
    'apache2_module',
    'apk',
    'archive',
    'capabilities',
    'git_config',
    'htpasswd',
    'ini_file',
    'locale_gen',
    'make',
    'modprobe',
    'npm',
    'pam_limits',
    'pamd',
    'sefcontext',
    'seport',
    'ssh_config',
    'sudoers',
    'timezone',
    'ufw',
  ],
  'community.crypto': [
    'openssh_keypair',
    'openssl_csr',
    'openssl_dhparam',
    'openssl_privatekey',
    'openssl_publickey',
    'x509_certificate',
  ],
}

/** The modules of this program. */
export const registry: ModuleRegistry = registryOf(modules)

/** The modules of this program and people's own, which win under their bare names. */
export function withLibrary(own: Readonly<Record<string, Module>>): ModuleRegistry {
  const all = registryOf({ ...modules, ...own })
  return {
    names: all.names,
    find(name) {
      const bare = name.replace(/^ansible\.legacy\./, '')
      if (Object.hasOwn(own, bare)) return own[bare]
      return name.includes('.') ? registry.find(name) : all.find(name)
    },
  }
}

function registryOf(known: Readonly<Record<string, Module>>): ModuleRegistry {
  return {
    find(name) {
      const bare = bareName(name)
      if (bare === undefined) return undefined
      const found = otherNames[bare] ?? bare
      return Object.hasOwn(known, found) ? known[found] : undefined
    },
    names: () => Object.keys(known).sort(),
  }
}

function bareName(name: string): string | undefined {
  const cut = name.lastIndexOf('.')
  if (cut === -1) return name
  const bare = name.slice(cut + 1)
  const members = collections[name.slice(0, cut)]
  return members === 'all' || members?.includes(bare) ? bare : undefined
}
