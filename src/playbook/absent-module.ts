import { modulesOfAnsible } from './modules-of-ansible.ts'

/** A module that Ansible's users have and that is not here. */
export interface AbsentModule {
  /** `ansible.posix`; undefined for a collection of somebody else's. */
  readonly collection: string
  /** What to use in its place. */
  readonly instead: string
}

/** What a name that no module here answers to is in Ansible, or undefined. */
export function absentModule(name: string, known: (name: string) => boolean): AbsentModule | undefined {
  const cut = name.lastIndexOf('.')
  const bare = name.slice(cut + 1)
  const collection = cut === -1 ? collectionOf(bare) : name.slice(0, cut)
  if (collection === undefined) return undefined
  const names = modulesOfAnsible[collection]
  // a wrong name in a collection that is known whole is a slip
  if (names !== undefined && !names.includes(bare)) return undefined
  const family = families.find(([pattern]) => pattern.test(bare) || pattern.test(`${collection}.`))
  if (cut !== -1 && names === undefined && family === undefined && known(bare)) {
    return { collection, instead: `\`${bare}\` is here, for the collections that Ansible has it in` }
  }
  return { collection, instead: family?.[1] ?? 'use `command` or `shell`, or put a module of your own into `library/`' }
}

function collectionOf(bare: string): string | undefined {
  const found = Object.entries(modulesOfAnsible).find(([, names]) => names.includes(bare))?.[0]
  return found ?? elsewhere.find(([pattern]) => pattern.test(bare))?.[1]
}

/** Modules by the beginning of their bare names, whose collections are not listed. */
const elsewhere: readonly (readonly [RegExp, string])[] = [
  [/^win_/, 'ansible.windows'],
  [/^(ec2|aws|s3|rds|elb|route53|cloudformation|iam|lambda)(_|$)/, 'amazon.aws'],
  [/^azure_rm_/, 'azure.azcollection'],
  [/^gc(p|e)_/, 'google.cloud'],
  [/^os_/, 'openstack.cloud'],
  [/^(digital_ocean|do)_/, 'community.digitalocean'],
  [/^vmware_/, 'community.vmware'],
  [/^(ios|eos|nxos|junos|asa|vyos)_/, 'ansible.netcommon'],
  [/^zabbix_/, 'community.zabbix'],
  [/^grafana_/, 'community.grafana'],
  [/^virt(_|$)/, 'community.libvirt'],
]

/** The first that fits a bare name, or a collection with a dot behind it. */
const families: readonly (readonly [RegExp, string])[] = [
  [/^win_|^(ansible|community)\.windows\.|^chocolatey\./, 'hosts with Windows are not supported'],
  [
    /^(amazon|community)\.aws\.|^azure\.|^google\.|^openstack\.|^community\.(digitalocean|vmware|hcloud)\.|^hetzner\.|^vultr\.|^linode|^scaleway_|^proxmox|^rax|^oneandone_|^packet_|^one_|^hwc_|^clc_|^profitbricks|^ovh_|^gandi_/,
    'servers are made by `mlops provision`; any API answers to `uri`',
  ],
  [
    /^ansible\.netcommon\.|^cisco\.|^arista\.|^junipernetworks\.|^vyos\.|^community\.network\./,
    'devices without a shell are not supported',
  ],
  [/^docker_compose/, 'the nearest is `docker_compose`'],
  [/^docker_image/, 'the nearest is `docker_image`'],
  [/^docker_(swarm|config|secret|stack)/, 'the nearest are `docker_swarm` and `docker_stack`'],
  [/^docker_|^current_container/, 'the nearest is `docker_container`'],
  [/^podman_|^containers\.podman\./, 'the nearest are `docker_container`, `docker_image` and their kin'],
  [/^helm/, 'the nearest is `command: helm …`'],
  [/^k8s|^kubernetes\./, 'the nearest is `k8s`'],
  [/^mysql_|^mssql_/, 'the nearest are `mysql_db` and `mysql_user`'],
  [/^postgresql_/, 'the nearest are `postgresql_db` and `postgresql_user`'],
  [/^rabbitmq_/, 'the nearest are `rabbitmq_user`, `rabbitmq_vhost` and `rabbitmq_queue`'],
  [/^(openssl|x509|acme|ecs|certificate|crypto|luks)_|^get_certificate/, 'the nearest is `command: openssl …`'],
  [/^openssh_|^java_/, 'the nearest is `openssh_keypair`'],
  [/^(rhsm|rhn|redhat|copr|dnf_|yum_|rpm_ostree|rhel_)/, 'the nearest are `dnf` and `yum_repository`'],
  [
    /^(snap|flatpak|homebrew|pacman|zypper|portage|opkg|xbps|urpmi|swupd|pkg|openbsd_pkg|slackpkg|sorcery|layman|macports|apt_rpm|installp|pear|svr4pkg|easy_install)/,
    'the nearest is `package`',
  ],
  [/^apt_repo$/, 'the nearest is `apt_repository`'],
  [
    /^(yarn|pnpm|bower|pipx|cargo|cpanm|composer|gem|bundler|maven_artifact)/,
    'the nearest are `npm`, `pip` and `command`',
  ],
  [/^(sysvinit|runit|svc|supervisorctl|monit|openrc|launchd|gunicorn|pids|nosh|homectl)/, 'the nearest is `service`'],
  [/^(subversion|hg|bzr)$/, 'the nearest is `git`'],
  [/^git(hub|lab)_|^bitbucket_/, 'the nearest is `uri`, with the API of the site'],
  [
    /^(parted|filesystem|lv|vdo|zfs|zpool|btrfs|xfs|crypttab|open_iscsi|filesize)/,
    'the nearest are `mount` and `command`',
  ],
  [/^(nmcli|interfaces_file|ip_netns|lldp|openvswitch)/, 'the nearest is `template`'],
  [/^iptables_state|^awall/, 'the nearest is `iptables`'],
  [/^firewalld_info/, 'the nearest is `firewalld`'],
  [/^(seport|selogin|sefcontext|selinux_)/, 'the nearest are `seboolean` and `command: semanage …`'],
  [
    /^(xml|java_properties|read_csv|toml|pamd|sudoers|ssh_config|ini)/,
    'the nearest are `lineinfile`, `ini_file` and `template`',
  ],
  [/^(cronvar|at)$/, 'the nearest is `cron`'],
  [/^shutdown$/, 'the nearest is `command: shutdown …`'],
  [
    /^(slack|mail|telegram|discord|rocketchat|mattermost|matrix|irc|jabber|pushover|pushbullet|hipchat|twilio|sendgrid|pagerduty|office_365|cisco_webex|say$|syslogger|nexmo|typetalk|bearychat|campfire|flowdock|grove|mqtt)/,
    'the nearest is `uri`',
  ],
  [
    /^(grafana|zabbix|keycloak|ldap|ipa_|jenkins|consul|nomad|etcd|influxdb|elasticsearch|kibana|redfish|idrac|ilo|icinga|sensu|datadog|newrelic|cloudflare|haproxy|nagios|rundeck|jira|opendj|udm|utm)/,
    'the nearest is `uri`, with the API of the service',
  ],
]
