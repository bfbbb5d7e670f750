# shellcheck shell=bash
# Makes the image of the servers: Debian 12 with cloud-init and sshd. Sourced by cloud.sh.
# Kernel and initrd lie beside the disk, so there is no boot loader to install and none to wait for.
# shellcheck disable=SC2154 # guest, bootstrap, say come from cloud.sh
[ ! -e "$guest/done" ] || exit 0
rm -rf "$guest"
mkdir -p "$guest"
tree=$guest/tree

# A list of modules instead of all: the initrd is small. ata_piix, sr_mod and isofs are for the config drive, which
# cloud-init looks for before udev has loaded anything.
# shellcheck disable=SC2016 # mmdebstrap runs it, with the tree as $1
initrd='mkdir -p "$1/etc/initramfs-tools/conf.d" &&
printf "MODULES=list\nCOMPRESS=zstd\nCOMPRESSLEVEL=3\n" >"$1/etc/initramfs-tools/conf.d/small" &&
printf "%s\n" virtio_pci virtio_blk virtio_net virtio_rng ext4 crc32c_generic ata_piix sr_mod isofs >"$1/etc/initramfs-tools/modules"'
say 'guest image: packages'
bootstrap "$tree" linux-image-cloud-amd64,systemd-sysv,systemd-resolved,cloud-init,openssh-server,sudo,iproute2,udev,dbus,netbase,e2fsprogs,ca-certificates,curl,initramfs-tools,zstd "$initrd"

cat >"$tree/etc/cloud/cloud.cfg.d/90_test.cfg" <<'CFG'
datasource_list: [ ConfigDrive, OpenStack, None ]
datasource: { OpenStack: { max_wait: 30, timeout: 10, apply_network_config: true } }
apt: { preserve_sources_list: true }
ssh_genkeytypes: [ ed25519 ]
manage_etc_hosts: true
system_info:
  default_user: { name: ubuntu, gecos: Ubuntu, groups: [ adm, sudo ], sudo: [ "ALL=(ALL) NOPASSWD:ALL" ], shell: /bin/bash, lock_passwd: true }
CFG
# Modules of cloud-init that cost seconds under emulation and have nothing to do here.
sed -i -E '/^ *- (locale|grub-dpkg|keys-to-console|landscape|mcollective|salt-minion|puppet|chef|fan|rightscale_userdata|ubuntu-[a-z]+|ssh-import-id|phone-home|yum-add-repo)$/d' "$tree/etc/cloud/cloud.cfg"
echo 'LABEL=root / ext4 defaults,noatime 0 1' >"$tree/etc/fstab"
# The resolv.conf of the builder would cost each boot a time-out.
ln -sf ../run/systemd/resolve/stub-resolv.conf "$tree/etc/resolv.conf"
rm -f "$tree"/etc/ssh/ssh_host_*
: >"$tree/etc/machine-id"
: >"$tree/etc/hostname"
chroot "$tree" systemctl enable -q systemd-networkd systemd-resolved ssh serial-getty@ttyS0.service >/dev/null 2>&1
chroot "$tree" systemctl mask -q apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer fstrim.timer \
  systemd-networkd-wait-online.service getty@tty1.service e2scrub_reap.service >/dev/null 2>&1
cp -L "$tree"/boot/vmlinuz-* "$guest/vmlinuz"
cp -L "$tree"/boot/initrd.img-* "$guest/initrd.img"
rm -rf "$tree"/boot/initrd.img-* "${tree:?}"/dev/*
say "guest image: packing $(du -sm "$tree" | cut -f1) MiB"
mkfs.ext4 -q -F -L root -O ^metadata_csum_seed -E lazy_itable_init=0 -m 0 -d "$tree" "$guest/disk.raw" 1200M
qemu-img convert -O qcow2 "$guest/disk.raw" "$guest/disk.qcow2"
rm -rf "$tree" "$guest/disk.raw"
touch "$guest/done"
