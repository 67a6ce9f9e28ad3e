#!/bin/sh
# Run a script in a copy of this machine that forgets: machine.sh EMPTY_FOLDER GIVEN HOME SCRIPT
# GIVEN is a folder with the script, and with metadata/, which is seen below /opt/ml. Runs as root of mount and process
# namespaces; nothing that the script writes leaves them. The script itself is root of a user namespace inside.
set -e
place=$1 given=$2 home=$3 script=$4
mount -t tmpfs tmpfs "$place"
mkdir "$place/new" "$place/work" "$place/root"
cp -r "$given" "$place/given"
mount -t overlay overlay -o "lowerdir=/,upperdir=$place/new,workdir=$place/work" "$place/root"
root=$place/root
for folder in dev home mnt opt root run sys tmp var/tmp; do
    if [ -d "$root/$folder" ]; then mount -t tmpfs tmpfs "$root/$folder"; fi
done
mkdir -p "$root$home" "$root/opt/ml/lifecycleconfig" "$root/run/user" "$root/etc/systemd/system"
cp -r "$place/given/metadata" "$root/opt/ml/metadata"
cp "$place/given/script" "$root$script"
chmod 755 "$root$script"
for device in null zero full random urandom; do
    : > "$root/dev/$device"
    mount --bind "/dev/$device" "$root/dev/$device"
done
ln -s /proc/self/fd "$root/dev/fd"
mount -t proc proc "$root/proc"
for switch in sys sysrq-trigger irq bus; do # the kernel is the machine's own: who is root may not turn it
    if [ -e "$root/proc/$switch" ]; then
        mount --bind "$root/proc/$switch" "$root/proc/$switch"
        mount -o remount,bind,ro "$root/proc/$switch"
    fi
done

# Neither Amazon Linux 2023 nor SageMaker's distribution for Studio has cron; programs that need a whole machine are
# stood in for: nothing boots here, and there is one user.
rm -rf "$root"/etc/cron* "$root"/usr/bin/crontab "$root"/usr/sbin/cron "$root"/usr/sbin/crond
rm -f "$root/usr/bin/systemctl" "$root/usr/bin/sudo"
cat > "$root/usr/bin/systemctl" <<'PROGRAM'
#!/bin/sh
echo "systemctl $*: noted, no unit runs in the local cloud"
PROGRAM
cat > "$root/usr/bin/sudo" <<'PROGRAM'
#!/bin/bash
while [[ ${1-} == -* ]]; do
    case $1 in -u | -g | --user | --group) shift 2 ;; --) shift; break ;; *) shift ;; esac
done
if (($#)); then exec "$@"; else exec /bin/bash; fi
PROGRAM
chmod 755 "$root/usr/bin/systemctl" "$root/usr/bin/sudo"

cd "$root"
mkdir .before
pivot_root . .before
umount -l /.before
rmdir /.before
cd "$home"
exec unshare --user --map-root-user -- "$script"
