#!/bin/busybox sh
# The whole of a small guest: mounts each disk, writes all the time, runs the agent, obeys the serial console.
export PATH=/bin
/bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
while read -r module; do insmod "/modules/$module.ko"; done < /modules/order
argument() { sed -n "s/.*$1=\([^ ]*\).*/\1/p" /proc/cmdline; }
hostname "$(argument guest.name)"

stty -F /dev/ttyS0 raw -echo
exec < /dev/ttyS0 > /dev/ttyS0 2>&1

# Disks are there as soon as the driver is; a moment's grace for those that come late.
for _ in 1 2 3 4 5 6 7 8 9 10; do [ -n "$(ls /sys/block | grep -E '^(vd|sd)')" ] && break; sleep 0.1; done
mounted=
for disk in $(ls /sys/block | grep -E '^(vd|sd)' | sort); do
  mkdir -p "/mnt/$disk"
  mount -t ext4 "/dev/$disk" "/mnt/$disk" 2>/tmp/mount.log || { echo "GUEST-UNMOUNTED $disk"; continue; }
  mounted="$mounted $disk"
  [ -d "/mnt/$disk/known" ] && find "/mnt/$disk/known" -type f | sort | xargs -r sha256sum | sed 's/^/GUEST-KNOWN /'
done

# The writer: counts on each disk in turn, and overwrites a ring of blocks. A copy of all disks at one instant
# never has a later disk ahead of an earlier one, nor behind it by more than one.
writer() {
  i=$(cat "/mnt/$1/counter" 2>/dev/null || echo 0)
  echo "$i" > /tmp/written
  while :; do
    i=$((i + 1))
    for disk in "$@"; do
      yes "$disk $i" | dd of="/mnt/$disk/ring" bs=16k count=1 iflag=fullblock seek=$((i % 64)) conv=notrunc,fsync 2>/dev/null
      echo $i > "/mnt/$disk/counter.new" && sync "/mnt/$disk/counter.new"
      mv "/mnt/$disk/counter.new" "/mnt/$disk/counter" && sync "/mnt/$disk"
    done
    echo $i > /tmp/written
    sleep 0.1
  done
}
[ -n "$mounted" ] && [ -z "$(argument guest.quiet)" ] && writer $mounted &

# The agent starts again when it was killed, as an init system would do it.
agent() {
  for _ in 1 2 3 4 5 6 7 8 9 10; do
    for port in /sys/class/virtio-ports/*; do
      [ "$(cat "$port/name" 2>/dev/null)" = org.qemu.guest_agent.0 ] || continue
      while :; do
        /lib/guest/ld.so --library-path /lib/guest /bin/qemu-ga -m virtio-serial -p "/dev/${port##*/}" -t /tmp
        sleep 0.2
      done
    done
    sleep 0.2
  done
}
agent > /tmp/agent.log 2>&1 < /dev/null &

# One line of orders: a number and a command in base64. The answer is one line too, so that nothing mixes with it.
obey() {
  echo "$2" | base64 -d > "/tmp/order.$1"
  sh "/tmp/order.$1" > "/tmp/answer.$1" 2>&1 < /dev/null
  printf '\nGUEST-DID %s %s %s\n' "$1" $? "$(base64 "/tmp/answer.$1" | tr -d '\n')"
}
# This shell loses what it has read of a line when a child of its own ends meanwhile: so orders are the children of another.
listen() {
  while read -r number order; do (obey "$number" "$order" &); done
}
echo GUEST-READY
listen < /dev/ttyS0 &
while :; do wait; sleep 1; done
