#!/bin/sh
# SPDX-License-Identifier: MIT
# In the guest: with the profile the command makes the user namespace that others may not make, and
# what it starts is not in the profile.
set -eu

policy=/sys/kernel/security/apparmor
nobody="setpriv --reuid=65534 --regid=65534 --clear-groups"
run="$TIMENS_COMMAND run --uptime 100d"

restricted() {
  $nobody /usr/bin/restricted -c "$1"
}

# Before Linux 6.7 AppArmor knows no user namespaces, and has other tables.
if ! grep -q userns_create $policy/features/namespaces/mask 2>/dev/null; then
  echo "this kernel's AppArmor does not know user namespaces"
  exit 77
fi

cat /apparmor/restricted >$policy/.load
[ "$(restricted 'cat /proc/self/attr/current')" = "restricted (enforce)" ]
if restricted "$run true" 2>/tmp/message; then
  echo "a user namespace was made in spite of a profile"
  exit 1
fi
cat /tmp/message
grep -q "a profile that allows userns" /tmp/message

cat /apparmor/timens >$policy/.load
label=$(restricted "$run cat /proc/self/attr/current")
[ "$label" = unconfined ] || { echo "the program is in $label"; exit 1; }
days=$(restricted "$run cat /proc/uptime")
[ "${days%%.*}" -ge 8640000 ]
[ "$($run cat /proc/self/attr/current)" = unconfined ]
$run sleep 60 &
sleep 1
$TIMENS_COMMAND show $! | grep -q 100d
kill $!
# A descriptor of every kind comes through: here a pipe, a file, a unix socket's stand-in.
[ "$(echo through | restricted "$run cat")" = through ]
[ "$(restricted "$run cat" </etc/passwd | wc -l)" = 2 ]
