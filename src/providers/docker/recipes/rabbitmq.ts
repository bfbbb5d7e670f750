import { install, type Recipe } from '../recipe.ts'

/** What `rabbitmq:3-management` is to its users: RABBITMQ_DEFAULT_USER/PASS/VHOST, data in a volume, logs on stdout. */
export function rabbitmqRecipe(): Recipe {
  return {
    name: 'rabbitmq',
    version: '3-management',
    suite: 'bookworm',
    dockerfile: `
COPY 10-defaults.conf /etc/rabbitmq/conf.d/
RUN ${install('rabbitmq-server')} \\
 && rabbitmq-plugins enable --offline rabbitmq_management >/dev/null \\
 && rm -rf /var/lib/rabbitmq/* /var/lib/rabbitmq/.erlang.cookie /var/log/rabbitmq/* \\
 && chown -R rabbitmq: /etc/rabbitmq /var/lib/rabbitmq /var/log/rabbitmq
COPY docker-entrypoint.sh /usr/local/bin/
# Debian's wrappers in /usr/sbin send the logs to files; RabbitMQ's own programs come first.
ENV LANG=C.UTF-8 HOME=/var/lib/rabbitmq PATH=/usr/lib/rabbitmq/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
VOLUME /var/lib/rabbitmq
EXPOSE 4369 5671 5672 15671 15672 15691 15692 25672
ENTRYPOINT ["docker-entrypoint.sh"]
CMD ["rabbitmq-server"]
`,
    files: [
      { path: '10-defaults.conf', content: 'loopback_users.guest = false\nlog.console = true\n' },
      { path: 'docker-entrypoint.sh', content: ENTRYPOINT, mode: 0o755 },
    ],
  }
}

const ENTRYPOINT = `#!/bin/sh
set -e
case $1 in
  rabbitmq*)
    if [ "$(id -u)" = 0 ]; then
      find /var/lib/rabbitmq ! -user rabbitmq -exec chown rabbitmq: {} +
      exec setpriv --reuid rabbitmq --regid rabbitmq --clear-groups "$0" "$@"
    fi
    ;;
esac
exec "$@"
`
