/* SPDX-License-Identifier: MIT */
/* What every language wraps. A root per language (python.i, lua.i) names the module, brings its
 * typemaps, and includes this file last. */

%{
#include "binding.h"
%}

%rename("%(strip:[bind_])s") "";

%constant int ROUTE_AUTO = TIMENS_ROUTE_AUTO;
%constant int ROUTE_CLONE3 = TIMENS_ROUTE_CLONE3;
%constant int ROUTE_VFORK = TIMENS_ROUTE_VFORK;
%constant int ROUTE_FORK = TIMENS_ROUTE_FORK;
%constant int USERNS_AUTO = TIMENS_USERNS_AUTO;
%constant int USERNS_NEVER = TIMENS_USERNS_NEVER;
%constant int USERNS_ALWAYS = TIMENS_USERNS_ALWAYS;
%constant int FD_NULL = TIMENS_FD_NULL;
%constant int SPAWN_CLOSE_FDS = TIMENS_SPAWN_CLOSE_FDS;
%constant int SPAWN_SETSID = TIMENS_SPAWN_SETSID;
%constant int SPAWN_KEEP_SIGMASK = TIMENS_SPAWN_KEEP_SIGMASK;
%constant int SPAWN_KEEP_SIGPIPE = TIMENS_SPAWN_KEEP_SIGPIPE;
%constant int SPAWN_SET_SIGMASK = TIMENS_SPAWN_SET_SIGMASK;
%constant int SPAWN_SET_PGROUP = TIMENS_SPAWN_SET_PGROUP;
%constant int SPAWN_SET_TTY = TIMENS_SPAWN_SET_TTY;
%constant int SPAWN_FOREGROUND = TIMENS_SPAWN_FOREGROUND;
%constant int SPAWN_SET_UID = TIMENS_SPAWN_SET_UID;
%constant int SPAWN_SET_GID = TIMENS_SPAWN_SET_GID;
%constant int SPAWN_SET_GROUPS = TIMENS_SPAWN_SET_GROUPS;
%constant int SPAWN_SET_UMASK = TIMENS_SPAWN_SET_UMASK;
%constant int SPAWN_SET_CGROUP = TIMENS_SPAWN_SET_CGROUP;
%constant int SPAWN_NO_NEW_PRIVS = TIMENS_SPAWN_NO_NEW_PRIVS;
%constant int SPAWN_KILL_WITH_PARENT = TIMENS_SPAWN_KILL_WITH_PARENT;
%constant int SPAWN_SHELL = TIMENS_SPAWN_SHELL;
%constant int CLOCK_BOOTTIME = CLOCK_BOOTTIME;
%constant int CLOCK_MONOTONIC = CLOCK_MONOTONIC;
%constant char *VERSION = TIMENS_VERSION;

%include "binding.h"
