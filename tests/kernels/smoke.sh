#!/bin/sh
# SPDX-License-Identifier: MIT
# In the guest: what the command starts reads the clocks it was promised, as root and as nobody.
set -eu

# shellcheck disable=SC2016 # the shells that are started expand these
inside='read -r up rest </proc/uptime; [ "${up%%.*}" -ge "$1" ] && [ "${up%%.*}" -lt $(($1 + 600)) ]'
# shellcheck disable=SC2016
sweep='read -r up rest </proc/uptime; [ "${up%%.*}" -ge "${TIMENS_READING%%.*}" ] &&
  [ "${up%%.*}" -lt $((${TIMENS_READING%%.*} + 600)) ]'

for user in "env" "setpriv --reuid=65534 --regid=65534 --clear-groups"; do
  $user "$TIMENS_COMMAND" run --uptime 100d sh -c "$inside" sh 8640000
  $user "$TIMENS_COMMAND" sweep --lead 0s -- sh -c "$sweep"
  $user "$TIMENS_COMMAND" check --json >/tmp/check
done

"$TIMENS_COMMAND" run --uptime 100d sleep 600 &
sleep 1
"$TIMENS_COMMAND" show $!
"$TIMENS_COMMAND" join $! sh -c "$inside" sh 8640000
kill $!
