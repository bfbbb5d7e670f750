import { createHash } from 'node:crypto'
import { chmodSync, constants, copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MlopsError } from '../../errors.ts'
import { machineAuthorities } from '../authorities.ts'
import { lastLines, run } from '../command.ts'
import type { Progress } from '../provider.ts'
import { IMAGE_FILES, qemuImg, ROOT_LABEL } from './disk.ts'

/** The name of the image of a Debian that is made here: equal recipes give equal names. */
export function debianImage(version: DebianVersion): string {
  const hash = createHash('sha256').update(JSON.stringify([mmdebstrapArguments(version), INITRAMFS, CUSTOMIZE]))
  for (const file of machineAuthorities()) hash.update(`\0${file.path}\0`).update(file.content)
  return `debian-${version}-${hash.digest('hex').slice(0, 12)}`
}

export type DebianVersion = '12' | '13'

/** Makes a disk with Debian as its cloud images have it, and the kernel that boots it. */
export async function makeDebian(version: DebianVersion, folder: string, { signal }: Progress): Promise<void> {
  const parent = mkdtempSync(join(tmpdir(), 'mlops-image-'))
  const work = mkdtempSync(join(parent, 'x'))
  try {
    fillWorkFolder(parent, work)
    const result = await run('mmdebstrap', mmdebstrapArguments(version), { environment: { MLOPS_WORK: work }, signal })
    if (result.status !== 0) {
      throw new MlopsError(
        'qemu.debian',
        `the image debian-${version} could not be made: ${lastLines(result.stderr, 4)}`,
        { hint: 'check that apt-get update works on this machine, then run the command again' },
      )
    }
    await qemuImg(['convert', '-O', 'qcow2', join(work, RAW_DISK), join(folder, IMAGE_FILES.disk)], signal)
    for (const file of [IMAGE_FILES.kernel, IMAGE_FILES.initrd])
      copyFileSync(join(work, file), join(folder, file), constants.COPYFILE_FICLONE)
  } finally {
    rmSync(parent, { recursive: true, force: true })
  }
}

/** Without root mmdebstrap works as another user, who must be able to write here: under a name that nobody else can list. */
function fillWorkFolder(parent: string, work: string): void {
  chmodSync(parent, 0o711)
  mkdirSync(join(work, 'ca'))
  for (const file of machineAuthorities()) writeFileSync(join(work, file.path), file.content)
  writeFileSync(join(work, 'initramfs'), INITRAMFS)
  writeFileSync(join(work, 'customize'), CUSTOMIZE)
  chmodSync(work, 0o1777)
}

const PACKAGES = [
  ...[
    'linux-image-cloud-amd64',
    'initramfs-tools',
    'zstd',
    'systemd-sysv',
    'systemd-resolved',
    'dbus',
    'libpam-systemd',
  ],
  ...['udev', 'kmod', 'e2fsprogs', 'cloud-init', 'netplan.io', 'openssh-server', 'sudo', 'byobu', 'locales', 'netbase'],
  ...['iproute2', 'iputils-ping', 'netcat-openbsd', 'procps', 'curl', 'less', 'ca-certificates'],
]

function mmdebstrapArguments(version: DebianVersion): string[] {
  const merged = version === '12' ? ['--hook-dir=/usr/share/mmdebstrap/hooks/merged-usr'] : []
  return [
    ...['--quiet', '--variant=minbase', '--format=null', ...merged],
    `--include=${[...PACKAGES, ...(version === '12' ? ['usr-is-merged'] : [])].join(',')}`,
    // Nobody misses a half-made image after a power cut.
    '--dpkgopt=force-unsafe-io',
    ...['man', 'doc', 'locale'].map(folder => `--dpkgopt=path-exclude=/usr/share/${folder}/*`),
    '--dpkgopt=path-include=/usr/share/doc/*/copyright',
    '--essential-hook=sh "$MLOPS_WORK/initramfs" "$1"',
    '--customize-hook=sh "$MLOPS_WORK/customize" "$1"',
    version === '12' ? 'bookworm' : 'trixie',
    '/dev/null',
  ]
}

/** Before the kernel is installed: only what finds the root file system on a disk of QEMU's. */
const INITRAMFS = `set -e
mkdir -p "$1/etc/initramfs-tools/conf.d"
printf 'MODULES=list\\nCOMPRESS=zstd\\n' >"$1/etc/initramfs-tools/conf.d/mlops"
printf '%s\\n' virtio_pci virtio_blk ext4 >"$1/etc/initramfs-tools/modules"
`

const RAW_DISK = 'disk.raw'

/** cloud-init 22.4 fails in its config stage when it has to generate a locale. */
const CUSTOMIZE = `set -e
root=$1
cat >"$root/etc/cloud/cloud.cfg.d/90-mlops.cfg" <<'END'
datasource_list: [NoCloud, None]
locale: C.UTF-8
apt: { preserve_sources_list: true }
END
echo 'LABEL=${ROOT_LABEL} / ext4 defaults,noatime 0 1' >"$root/etc/fstab"
ln -sf ../run/systemd/resolve/stub-resolv.conf "$root/etc/resolv.conf"
cp -R "$MLOPS_WORK/ca/." "$root/usr/local/share/ca-certificates/"
chroot "$root" update-ca-certificates >/dev/null 2>&1
chroot "$root" systemctl enable --quiet systemd-networkd systemd-resolved ssh
# QEMU is given the kernel of the image: one that is installed later would not be the one that runs.
chroot "$root" apt-mark hold linux-image-cloud-amd64 >/dev/null
rm -f "$root"/etc/ssh/ssh_host_*
: >"$root/etc/machine-id"
: >"$root/etc/hostname"
rm -rf "$root"/var/lib/apt/lists/*
cp -L "$root"/boot/vmlinuz-* "$MLOPS_WORK/${IMAGE_FILES.kernel}"
cp -L "$root"/boot/initrd.img-* "$MLOPS_WORK/${IMAGE_FILES.initrd}"
# What is mounted in there (/proc, /sys) is no part of the image.
mkdir "$MLOPS_WORK/root"
mount --bind "$root" "$MLOPS_WORK/root"
mkfs.ext4 -q -F -L ${ROOT_LABEL} -m 0 -E lazy_itable_init=0 -d "$MLOPS_WORK/root" "$MLOPS_WORK/${RAW_DISK}" 3G
umount "$MLOPS_WORK/root"
chmod a+r "$MLOPS_WORK/${RAW_DISK}" "$MLOPS_WORK"/${IMAGE_FILES.kernel} "$MLOPS_WORK"/${IMAGE_FILES.initrd}
`
