# SPDX-License-Identifier: MIT
# In the guest: what may do all but make a user namespace, as programs may on Ubuntu that have no
# profile. (There the kernel has a switch for it, which others do not have.)
abi <abi/4.0>,
profile restricted /usr/bin/restricted flags=(attach_disconnected) {
  capability,
  file rwlkm /{**,},
  file pix /{**,},
  mqueue,
  network,
  ptrace,
  signal,
  unix,
}
