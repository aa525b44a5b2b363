# A world of its own in which systemd minds the services of one user, as after a login: run it by
#   unshare --mount --pid --fork --kill-child --mount-proc sh session.sh CGROUP
# The user is 4242, whose home /home/sam is empty. There is a journal. Nothing of it is left when it ends.
set -e
if [ "$2" != inside ]; then
	mount --make-rprivate /
	umount -l /sys/fs/cgroup 2>/dev/null || true
	mount -t cgroup2 cgroup2 /sys/fs/cgroup
	mkdir -p "/sys/fs/cgroup/$1"
	echo 0 >"/sys/fs/cgroup/$1/cgroup.procs"
	exec unshare --cgroup sh "$0" "$1" inside
fi
umount /sys/fs/cgroup
mount -t cgroup2 cgroup2 /sys/fs/cgroup
for place in /run /home /var/log; do mount -t tmpfs tmpfs $place; done
mkdir -p /run/systemd/system /run/systemd/journal /run/user/4242 /home/sam /var/log/journal
touch /run/systemd/journal/flushed
chown 4242:4242 /run/user/4242 /home/sam
chmod 700 /run/user/4242 /home/sam
/lib/systemd/systemd-journald &
user=/sys/fs/cgroup/user.slice/user-4242.slice/user@4242.service
mkdir -p $user
chown -R 4242:4242 $user
cd /home/sam
sh -c 'echo 0 >"$0/cgroup.procs"; exec env -i PATH="$PATH" HOME=/home/sam XDG_RUNTIME_DIR=/run/user/4242 SYSTEMD_LOG_TARGET=journal \
	setpriv --reuid 4242 --regid 4242 --clear-groups /lib/systemd/systemd --user' $user &
wait
