# SPDX-License-Identifier: MIT
# A toolchain file: Debian's cross compiler, and what it links with in a folder of unpacked packages.
#
#   cmake --toolchain cmake/cross.cmake -DTIMENS_MACHINE=aarch64 -DTIMENS_SYSROOT=DIR
set(CMAKE_TRY_COMPILE_PLATFORM_VARIABLES TIMENS_MACHINE TIMENS_SYSROOT)
set(triplet ${TIMENS_MACHINE}-linux-gnu)

set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR ${TIMENS_MACHINE})
set(CMAKE_C_COMPILER ${triplet}-gcc)
set(CMAKE_CXX_COMPILER ${triplet}-g++)
set(CMAKE_SYSROOT ${TIMENS_SYSROOT})
set(CMAKE_LIBRARY_ARCHITECTURE ${triplet})

set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
foreach(what LIBRARY INCLUDE PACKAGE)
  set(CMAKE_FIND_ROOT_PATH_MODE_${what} ONLY)
endforeach()
set(ENV{PKG_CONFIG_SYSROOT_DIR} ${TIMENS_SYSROOT})
set(ENV{PKG_CONFIG_LIBDIR}
  ${TIMENS_SYSROOT}/usr/lib/${triplet}/pkgconfig:${TIMENS_SYSROOT}/usr/share/pkgconfig)
