/** The modules of Ansible's own collections for Linux, by collection: those that are not here are told apart from misspelt ones. */
export const modulesOfAnsible: Readonly<Record<string, readonly string[]>> = {
  'ansible.builtin': words(`
    add_host apt apt_key apt_repository assemble assert async_status blockinfile command copy cron deb822_repository debconf debug dnf dnf5 dpkg_selections expect fail fetch file
    find gather_facts get_url getent git group group_by hostname import_playbook import_role import_tasks include_role include_tasks include_vars iptables known_hosts lineinfile
    meta mount_facts package package_facts pause ping pip raw reboot replace rpm_key script service service_facts set_fact set_stats setup shell slurp stat subversion systemd
    systemd_service sysvinit tempfile template unarchive uri user validate_argument_spec wait_for wait_for_connection yum yum_repository`),
  'ansible.posix': words(`
    acl at authorized_key firewalld firewalld_info mount patch rhel_facts rhel_rpm_ostree rpm_ostree_upgrade seboolean selinux synchronize sysctl`),
  'community.general': words(`
    aerospike_migrations airbrake_deployment aix_devices aix_filesystem aix_inittab aix_lvg aix_lvol alerta_customer ali_instance ali_instance_info alternatives android_sdk
    ansible_galaxy_install apache2_mod_proxy apache2_module apk apt_repo apt_rpm archive atomic_container atomic_host atomic_image awall beadm bearychat bigpanda
    bitbucket_access_key bitbucket_pipeline_key_pair bitbucket_pipeline_known_host bitbucket_pipeline_variable bootc_manage bower btrfs_info btrfs_subvolume bundler bzr campfire
    capabilities cargo catapult circonus_annotation cisco_webex clc_aa_policy clc_alert_policy clc_blueprint_package clc_firewall_policy clc_group clc_loadbalancer
    clc_modify_server clc_publicip clc_server clc_server_snapshot cloud_init_data_facts cloudflare_dns cobbler_sync cobbler_system composer consul consul_acl consul_agent_check
    consul_agent_service consul_auth_method consul_binding_rule consul_kv consul_policy consul_role consul_session consul_token copr cpanm cronvar crypttab datadog_downtime
    datadog_event datadog_monitor dconf decompress deploy_helper dimensiondata_network dimensiondata_vlan discord django_check django_command django_createcachetable django_manage
    dnf_config_manager dnf_versionlock dnsimple dnsimple_info dnsmadeeasy dpkg_divert easy_install ejabberd_user elasticsearch_plugin emc_vnx_sg_member etcd3 facter file_remove
    filesize filesystem flatpak flatpak_remote flowdock gandi_livedns gconftool2 gconftool2_info gem gio_mime git_config git_config_info github_deploy_key github_issue github_key
    github_release github_repo github_webhook github_webhook_info gitlab_branch gitlab_deploy_key gitlab_group gitlab_group_access_token gitlab_group_members gitlab_group_variable
    gitlab_hook gitlab_instance_variable gitlab_issue gitlab_label gitlab_merge_request gitlab_milestone gitlab_project gitlab_project_access_token gitlab_project_badge
    gitlab_project_members gitlab_project_variable gitlab_protected_branch gitlab_runner gitlab_user grove gunicorn hana_query haproxy heroku_collaborator hg hipchat homebrew
    homebrew_cask homebrew_tap homectl honeybadger_deployment hpilo_boot hpilo_info hponcfg htpasswd hwc_ecs_instance hwc_evs_disk hwc_network_vpc hwc_smn_topic hwc_vpc_eip
    hwc_vpc_peering_connect hwc_vpc_port hwc_vpc_private_ip hwc_vpc_route hwc_vpc_security_group hwc_vpc_security_group_rule hwc_vpc_subnet ibm_sa_domain ibm_sa_host
    ibm_sa_host_ports ibm_sa_pool ibm_sa_vol ibm_sa_vol_map icinga2_downtime icinga2_feature icinga2_host idrac_redfish_command idrac_redfish_config idrac_redfish_info
    ilo_redfish_command ilo_redfish_config ilo_redfish_info imc_rest imgadm incus_server_info infinity influxdb_database influxdb_query influxdb_retention_policy influxdb_user
    influxdb_write ini_file installp interfaces_file ip_netns ipa_config ipa_dnsrecord ipa_dnszone ipa_group ipa_hbacrule ipa_host ipa_hostgroup ipa_otpconfig ipa_otptoken
    ipa_pwpolicy ipa_role ipa_service ipa_subca ipa_sudocmd ipa_sudocmdgroup ipa_sudorule ipa_user ipa_vault ipbase_info ipify_facts ipinfoio_facts ipmi_boot ipmi_power
    iptables_state ipwcli_dns irc iso_create iso_customize iso_extract jabber java_cert java_keystore jboss jenkins_build jenkins_credential jenkins_job jenkins_job_info
    jenkins_node jenkins_plugin jenkins_script jira kdeconfig kernel_blacklist keycloak_authentication keycloak_authz_authorization_scope keycloak_client
    keycloak_client_rolemapping keycloak_client_rolescope keycloak_clientscope keycloak_clientscope_type keycloak_clientsecret_info keycloak_clientsecret_regenerate
    keycloak_clienttemplate keycloak_component keycloak_group keycloak_identity_provider keycloak_realm keycloak_realm_info keycloak_realm_key keycloak_role keycloak_user
    keycloak_user_federation keycloak_user_rolemapping keyring keyring_info kibana_plugin krb_ticket launchd layman lbu ldap_attrs ldap_entry ldap_inc ldap_passwd ldap_search
    librato_annotation linode linode_v4 listen_ports_facts lldp locale_gen logentries logentries_msg logstash_plugin lvg lvg_rename lvm_pv lvol lxc_container lxca lxca_cmms
    lxca_nodes lxd_container lxd_profile lxd_project macports mail make manageiq_alert_profiles manageiq_alerts manageiq_group manageiq_policies manageiq_policies_info
    manageiq_provider manageiq_tags manageiq_tags_info manageiq_tenant manageiq_user mas matrix mattermost maven_artifact memset_dns_reload memset_memstore_info memset_server_info
    memset_zone memset_zone_domain memset_zone_record mksysb modprobe monit mqtt mssql_db mssql_script nagios netcup_dns newrelic_deployment nexmo nginx_status_info nictagadm nmcli
    nomad_job nomad_job_info nomad_token nosh npm nsupdate ocapi_command ocapi_info oci_vcn odbc office_365_connector_card ohai omapi_host one_host one_image one_image_info
    one_service one_template one_vm one_vnet oneandone_firewall_policy oneandone_load_balancer oneandone_monitoring_policy oneandone_private_network oneandone_public_ip
    oneandone_server onepassword_info oneview_datacenter_info oneview_enclosure_info oneview_ethernet_network oneview_ethernet_network_info oneview_fc_network
    oneview_fc_network_info oneview_fcoe_network oneview_fcoe_network_info oneview_logical_interconnect_group oneview_logical_interconnect_group_info oneview_network_set
    oneview_network_set_info oneview_san_manager oneview_san_manager_info online_server_info online_user_info open_iscsi openbsd_pkg opendj_backendprop openwrt_init opkg
    osx_defaults ovh_ip_failover ovh_ip_loadbalancing_backend ovh_monthly_billing pacemaker_cluster pacemaker_info pacemaker_resource packet_device packet_ip_subnet packet_project
    packet_sshkey packet_volume packet_volume_attachment pacman pacman_key pagerduty pagerduty_alert pagerduty_change pagerduty_user pam_limits pamd parted pear pids pingdom
    pip_package_info pipx pipx_info pkg5 pkg5_publisher pkgin pkgng pkgutil pmem pnpm portage portinstall pritunl_org pritunl_org_info pritunl_user pritunl_user_info profitbricks
    profitbricks_datacenter profitbricks_nic profitbricks_volume profitbricks_volume_attachments proxmox proxmox_backup proxmox_disk proxmox_domain_info proxmox_group_info
    proxmox_kvm proxmox_nic proxmox_pool proxmox_snap proxmox_storage_info proxmox_tasks_info proxmox_template proxmox_user_info pubnub_blocks pulp_repo puppet pushbullet pushover
    python_requirements_info rax rax_cbs rax_cbs_attachments rax_cdb rax_cdb_database rax_cdb_user rax_clb rax_clb_nodes rax_clb_ssl rax_dns rax_dns_record rax_facts rax_files
    rax_files_objects rax_identity rax_keypair rax_meta rax_mon_alarm rax_mon_check rax_mon_entity rax_mon_notification rax_mon_notification_plan rax_network rax_queue
    rax_scaling_group rax_scaling_policy read_csv redfish_command redfish_config redfish_info redhat_subscription redis redis_data redis_data_incr redis_data_info redis_info rhevm
    rhn_channel rhn_register rhsm_release rhsm_repository riak rocketchat rollbar_deployment rpm_ostree_pkg rundeck_acl_policy rundeck_job_executions_info rundeck_job_run
    rundeck_project runit sap_task_list_execute sapcar_extract say scaleway_compute scaleway_compute_private_network scaleway_container scaleway_container_info
    scaleway_container_namespace scaleway_container_namespace_info scaleway_container_registry scaleway_container_registry_info scaleway_database_backup scaleway_function
    scaleway_function_info scaleway_function_namespace scaleway_function_namespace_info scaleway_image_info scaleway_ip scaleway_ip_info scaleway_lb scaleway_organization_info
    scaleway_private_network scaleway_security_group scaleway_security_group_info scaleway_security_group_rule scaleway_server_info scaleway_snapshot_info scaleway_sshkey
    scaleway_user_data scaleway_volume scaleway_volume_info sefcontext selinux_permissive selogin sendgrid sensu_check sensu_client sensu_handler sensu_silence sensu_subscription
    seport serverless shutdown simpleinit_msb sl_vm slack slackpkg smartos_image_info snap snap_alias snap_connect snmp_facts solaris_zone sorcery spectrum_device
    spectrum_model_attrs spotinst_aws_elastigroup sqlite_script ss_3par_cpg ssh_config stackdriver stacki_host statsd statusio_maintenance sudoers supervisorctl svc svr4pkg swdepot
    swupd syslogger syspatch sysrc systemd_creds_decrypt systemd_creds_encrypt systemd_info sysupgrade taiga_issue telegram terraform timezone twilio typetalk udm_dns_record
    udm_dns_zone udm_group udm_share udm_user ufw uptimerobot urpmi usb_facts utm_aaa_group utm_aaa_group_info utm_ca_host_key_cert utm_ca_host_key_cert_info utm_dns_host
    utm_network_interface_address utm_network_interface_address_info utm_proxy_auth_profile utm_proxy_exception utm_proxy_frontend utm_proxy_frontend_info utm_proxy_location
    utm_proxy_location_info vdo vertica_configuration vertica_info vertica_role vertica_schema vertica_user vexata_eg vexata_volume vmadm wakeonlan wdc_redfish_command
    wdc_redfish_info webfaction_app webfaction_db webfaction_domain webfaction_mailbox webfaction_site xattr xbps xcc_redfish_command xdg_mime xenserver_facts xenserver_guest
    xenserver_guest_info xenserver_guest_powerstate xfconf xfconf_info xfs_quota xml yarn yum_versionlock zfs zfs_delegate_admin zfs_facts znode zpool zpool_facts zypper
    zypper_repository zypper_repository_info`),
  'community.crypto': words(`
    acme_account acme_account_info acme_ari_info acme_certificate acme_certificate_deactivate_authz acme_certificate_order_create acme_certificate_order_finalize
    acme_certificate_order_info acme_certificate_order_validate acme_certificate_renewal_info acme_certificate_revoke acme_challenge_cert_helper acme_inspect
    certificate_complete_chain crypto_info ecs_certificate ecs_domain get_certificate luks_device openssh_cert openssh_keypair openssl_csr openssl_csr_info openssl_csr_pipe
    openssl_dhparam openssl_pkcs12 openssl_privatekey openssl_privatekey_convert openssl_privatekey_info openssl_privatekey_pipe openssl_publickey openssl_publickey_info
    openssl_signature openssl_signature_info x509_certificate x509_certificate_convert x509_certificate_info x509_certificate_pipe x509_crl x509_crl_info`),
  'community.docker': words(`
    current_container_facts docker_compose docker_compose_v2 docker_compose_v2_exec docker_compose_v2_pull docker_compose_v2_run docker_config docker_container
    docker_container_copy_into docker_container_exec docker_container_info docker_context_info docker_host_info docker_image docker_image_build docker_image_export
    docker_image_info docker_image_load docker_image_pull docker_image_push docker_image_remove docker_image_tag docker_login docker_network docker_network_info docker_node
    docker_node_info docker_plugin docker_prune docker_secret docker_stack docker_stack_info docker_stack_task_info docker_swarm docker_swarm_info docker_swarm_service
    docker_swarm_service_info docker_volume docker_volume_info`),
  'community.mongodb': words(`
    mongodb_atlas_cluster mongodb_balancer mongodb_index mongodb_info mongodb_maintenance mongodb_monitoring mongodb_oplog mongodb_parameter mongodb_replicaset mongodb_role
    mongodb_role_info mongodb_schema mongodb_shard mongodb_shard_tag mongodb_shard_zone mongodb_shell mongodb_shutdown mongodb_status mongodb_stepdown mongodb_user`),
  'community.mysql': words(`
    mysql_db mysql_info mysql_query mysql_replication mysql_role mysql_user mysql_variables`),
  'community.postgresql': words(`
    postgresql_alter_system postgresql_copy postgresql_db postgresql_ext postgresql_idx postgresql_info postgresql_lang postgresql_membership postgresql_owner postgresql_pg_hba
    postgresql_ping postgresql_privs postgresql_publication postgresql_query postgresql_schema postgresql_script postgresql_sequence postgresql_set postgresql_slot
    postgresql_subscription postgresql_table postgresql_tablespace postgresql_user postgresql_user_obj_stat_info`),
  'community.rabbitmq': words(`
    rabbitmq_binding rabbitmq_exchange rabbitmq_feature_flag rabbitmq_global_parameter rabbitmq_parameter rabbitmq_plugin rabbitmq_policy rabbitmq_publish rabbitmq_queue
    rabbitmq_shovel rabbitmq_upgrade rabbitmq_user rabbitmq_user_limits rabbitmq_vhost rabbitmq_vhost_limits`),
  'containers.podman': words(`
    podman_container podman_container_copy podman_container_exec podman_container_info podman_containers podman_export podman_generate_systemd podman_image podman_image_info
    podman_import podman_load podman_login podman_login_info podman_logout podman_network podman_network_info podman_play podman_pod podman_pod_info podman_prune podman_quadlet
    podman_runlabel podman_save podman_search podman_secret podman_system_connection podman_system_info podman_tag podman_volume podman_volume_info`),
  'kubernetes.core': words(`
    helm helm_info helm_plugin helm_plugin_info helm_pull helm_registry_auth helm_repository helm_template k8s k8s_cluster_info k8s_cp k8s_drain k8s_exec k8s_info k8s_json_patch
    k8s_log k8s_rollback k8s_scale k8s_service k8s_taint`),
}

function words(text: string): readonly string[] {
  return text.trim().split(/\s+/)
}
