import { didYouMean } from '../near.ts'
import type { Config, Environment } from './config.ts'

/** Settings of Ansible that change what a play does and that are not followed here: key → variable, and what to do instead. */
const unsupported: Readonly<Record<string, readonly [variable: string, instead: string]>> = {
  'defaults.action_plugins': ['ANSIBLE_ACTION_PLUGINS', 'modules of your own stand in `library/`'],
  'defaults.filter_plugins': ['ANSIBLE_FILTER_PLUGINS', 'plugins in Python cannot be loaded'],
  'defaults.lookup_plugins': ['ANSIBLE_LOOKUP_PLUGINS', 'plugins in Python cannot be loaded'],
  'defaults.test_plugins': ['ANSIBLE_TEST_PLUGINS', 'plugins in Python cannot be loaded'],
  'defaults.vars_plugins': ['ANSIBLE_VARS_PLUGINS', 'plugins in Python cannot be loaded'],
  'defaults.strategy_plugins': ['ANSIBLE_STRATEGY_PLUGINS', 'strategies are linear, free, host_pinned and debug'],
  'defaults.callback_plugins': ['ANSIBLE_CALLBACK_PLUGINS', 'use --output and --profile'],
  'defaults.callbacks_enabled': ['ANSIBLE_CALLBACKS_ENABLED', 'use --output and --profile'],
  'defaults.callback_whitelist': ['ANSIBLE_CALLBACK_WHITELIST', 'use --output and --profile'],
  'defaults.stdout_callback': ['ANSIBLE_STDOUT_CALLBACK', 'use --output plain, live, json or junit'],
  'defaults.jinja2_extensions': [
    'ANSIBLE_JINJA2_EXTENSIONS',
    '`do`, `loopcontrols` and `i18n` are not needed: `do`, `break` and `continue` are known',
  ],
  'defaults.module_args': ['ANSIBLE_MODULE_ARGS', 'use module_defaults'],
  'defaults.playbook_vars_root': [
    'ANSIBLE_PLAYBOOK_VARS_ROOT',
    '`group_vars` are read beside the inventory and the playbook',
  ],
  'defaults.error_on_undefined_vars': ['ANSIBLE_ERROR_ON_UNDEFINED_VARS', 'an undefined name is an error always'],
  'defaults.precedence': ['ANSIBLE_PRECEDENCE', 'the order of variables is the usual one'],
  'defaults.private_role_vars': ['ANSIBLE_PRIVATE_ROLE_VARS', 'include_role keeps the variables of a role to it'],
  'defaults.log_path': ['ANSIBLE_LOG_PATH', 'send the output where you want it: mlops play … | tee FILE'],
  'defaults.vault_id_match': ['ANSIBLE_VAULT_ID_MATCH', 'every password is tried'],
  'defaults.fact_path': ['ANSIBLE_FACT_PATH', 'files of facts are read in /etc/ansible/facts.d'],
  'inventory.enable_plugins': ['ANSIBLE_INVENTORY_ENABLED', 'sources are told apart by what they are'],
  'inventory.unparsed_is_failed': [
    'ANSIBLE_INVENTORY_UNPARSED_FAILED',
    'a source that cannot be read is an error always',
  ],
  'inventory.cache': ['ANSIBLE_INVENTORY_CACHE', 'sources are read at each run'],
  'privilege_escalation.become_allow_same_user': [
    'ANSIBLE_BECOME_ALLOW_SAME_USER',
    'who becomes himself needs no sudo',
  ],
}

/** Keys of ansible.cfg that are followed, and those that are told of when they are set. */
export function settingKeys(): { readonly followed: readonly string[]; readonly unsupported: readonly string[] } {
  return { followed: keysOf(followed), unsupported: Object.keys(unsupported) }
}

/** Values with which an unsupported setting asks for what is done anyway. */
const harmless: Readonly<Record<string, RegExp>> = {
  'defaults.stdout_callback': /^(ansible\.builtin\.)?default$/,
  'defaults.private_role_vars': /^(no|false|off|0)$/i,
  'defaults.error_on_undefined_vars': /^(yes|true|on|1)$/i,
  'inventory.unparsed_is_failed': /./,
  'inventory.cache': /^(no|false|off|0)$/i,
}

/** Settings that are followed: `docs/guide/settings.md` says how. */
const followed = `
defaults: ansible_managed any_errors_fatal ask_pass ask_vault_pass become_password_file connection_password_file
 display_skipped_hosts enable_task_debugger executable fact_caching fact_caching_connection fact_caching_prefix fact_caching_timeout force_handlers
 forks gather_subset gather_timeout gathering hash_behaviour host_key_checking inject_facts_as_vars inventory library no_log
 private_key_file remote_port remote_user roles_path show_custom_stats strategy task_timeout timeout transport vault_encrypt_identity
 vault_identity_list vault_password_file verbosity
privilege_escalation: become become_ask_pass become_exe become_flags become_method become_user
ssh_connection: host_key_checking ssh_args ssh_common_args ssh_extra_args
diff: always
tags: run skip
`

/** Settings that are about how Ansible does its work, not what comes of it. */
const idle = `
defaults: action_warnings allow_unsafe_lookups async_dir become_plugins bin_ansible_callbacks cache_plugins
 callback_result_format callback_format_pretty check_mode_markers cliconf_plugins collections_on_ansible_version_mismatch
 collections_scan_sys_path command_warnings connection_plugins cow_selection cow_whitelist
 cowpath cowsay_enabled_stencils debug deprecation_warnings devel_warning display_args_to_stdout display_failed_stderr
 display_ok_hosts doc_fragment_plugins docsite_root_url duplicate_dict_key error_on_missing_handler
 facts_modules force_color force_valid_group_names home httpapi_plugins internal_poll_interval interpreter_python
 inventory_ignore_extensions inventory_ignore_patterns inventory_plugins invalid_task_attribute_failed jinja2_native
 jinja2_native_warning keep_remote_files local_tmp localhost_warning log_filter max_diff_size module_compression
 module_ignore_exts module_lang module_name module_set_locale module_utils netconf_plugins network_group_modules
 no_target_syslog nocolor nocows null_representation old_plugin_cache_clear pipelining playbook_dir plugin_filters_cfg
 poll_interval python_module_rlimit_nofile remote_tmp retries retry_files_enabled retry_files_save_path run_vars_plugins
 scp_if_ssh show_per_host_start show_task_path_on_failure squash_actions string_conversion_action su sudo
 sudo_user syslog_facility system_tmpdirs system_warnings task_debugger_ignore_errors terminal_plugins
 use_persistent_connections validate_action_group_metadata vars_plugins_enabled vault_identity verbose_to_stderr
 win_async_startup_timeout yaml_valid_extensions admin_users allow_world_readable_tmpfiles common_remote_group
privilege_escalation: agnostic_become_prompt
ssh_connection: control_path control_path_dir pcks11_provider pipelining retries scp_executable scp_extra_args scp_if_ssh
 sftp_batch_mode sftp_executable sftp_extra_args ssh_executable sshpass_prompt timeout transfer_method usetty pkcs11_provider
 private_key_file
diff: context
inventory: any_unparsed_is_failed cache_connection cache_plugin cache_prefix cache_timeout export host_pattern_mismatch
 ignore_extensions ignore_patterns inventory_unparsed_warning unparsed_warning
`

const known = new Set([...keysOf(followed), ...keysOf(idle), ...Object.keys(unsupported)])
const sections = new Set([...known].map(key => key.slice(0, key.indexOf('.'))))

/** What is set and not followed, and keys that Ansible does not know, either. Sections of other tools pass. */
export function unheeded(env: Environment, config: Config | undefined): string[] {
  const messages: string[] = []
  for (const [key, { value, at }] of config?.values ?? []) {
    const place = `${at.file}:${at.line}:${at.column}`
    const no = Object.hasOwn(unsupported, key) ? unsupported[key] : undefined
    if (no && !harmless[key]?.test(value)) messages.push(`\`${key}\` is not supported: ${no[1]} (${place})`)
    else if (!known.has(key) && sections.has(key.slice(0, key.indexOf('.')))) {
      const hint = nearest(key)
      messages.push(`there is no setting \`${key}\`${hint === undefined ? '' : `, ${hint}`} (${place})`)
    }
  }
  for (const [key, [variable, instead]] of Object.entries(unsupported)) {
    const value = env[variable]
    if (value && !harmless[key]?.test(value)) messages.push(`${variable} is not supported: ${instead}`)
  }
  return messages
}

function nearest(key: string): string | undefined {
  const cut = key.indexOf('.') + 1
  const section = key.slice(0, cut)
  const names = keysOf(followed).flatMap(each => (each.startsWith(section) ? [each.slice(cut)] : []))
  return didYouMean(key.slice(cut), names)
}

function keysOf(text: string): string[] {
  return text.split(/\n(?=\w)/).flatMap(block => {
    const [section = '', keys = ''] = block.trim().split(':')
    return keys
      .split(/\s+/)
      .filter(Boolean)
      .map(key => `${section}.${key}`)
  })
}
