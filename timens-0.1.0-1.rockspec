rockspec_format = "3.0"
package = "timens"
version = "0.1.0-1"
source = {
  -- What `make rock` writes; it has the C file that SWIG makes, so that SWIG is not needed here.
  url = "timens-0.1.0.tar.gz",
}
description = {
  summary = "Start programs whose uptime clocks read what you say",
  detailed = [[
CLOCK_BOOTTIME and CLOCK_MONOTONIC, /proc/uptime and all, of a program that you start, by a Linux time
namespace; the wall clock and the speed of time stay as they are. With processes as Lua users expect
them, and a helper for busted.]],
  license = "MIT",
  labels = { "linux", "test", "process" },
}
supported_platforms = { "linux" }
dependencies = { "lua >= 5.1, < 5.5" }
build = {
  type = "make",
  makefile = "lua/rock/Makefile",
  build_variables = {
    CFLAGS = "$(CFLAGS)",
    LIBFLAG = "$(LIBFLAG)",
    LUA_INCDIR = "$(LUA_INCDIR)",
  },
  copy_directories = { "library" },
  install_variables = {
    LUA_INCDIR = "$(LUA_INCDIR)",
    LIBDIR = "$(LIBDIR)",
    LUADIR = "$(LUADIR)",
  },
}
