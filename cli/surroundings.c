/* SPDX-License-Identifier: MIT */
#include "surroundings.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "file.h"

/* Engines leave these behind; systemd's container interface names the variable. */
static const struct mark {
	const char *file, *variable, *container;
} marks[] = {
	{NULL, "KUBERNETES_SERVICE_HOST", "kubernetes"},
	{"/run/.containerenv", NULL, "podman"},
	{"/.dockerenv", NULL, "docker"},
	{"/run/systemd/container", NULL, "systemd-nspawn"},
	{NULL, "container", "yes"},
};

static const char *find_container(void)
{
	for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++)
		if ((marks[i].file && access(marks[i].file, F_OK) == 0) ||
		    (marks[i].variable && getenv(marks[i].variable)))
			return marks[i].container;
	return "none";
}

static bool has_seccomp_filter(void)
{
	char text[4096], *line;

	if (file_read("/proc/self/status", text, sizeof text) < 0)
		return false;
	line = strstr(text, "\nSeccomp:\t");
	return line && line[strlen("\nSeccomp:\t")] == '2';
}

static void read_apparmor(char *buf, size_t size)
{
	ssize_t n = file_read("/proc/self/attr/apparmor/current", buf, size);

	buf[n < 0 ? 0 : strcspn(buf, "\n")] = '\0';
}

static const struct userns_lock locks[] = {
	{"/proc/sys/kernel/apparmor_restrict_unprivileged_userns", '1',
	 "AppArmor restricts user namespaces (Ubuntu 23.10 and later)",
	 "sysctl -w kernel.apparmor_restrict_unprivileged_userns=0"},
	{"/proc/sys/kernel/unprivileged_userns_clone", '0', "kernel.unprivileged_userns_clone is 0",
	 "sysctl -w kernel.unprivileged_userns_clone=1"},
	{"/proc/sys/user/max_user_namespaces", '0', "user.max_user_namespaces is 0",
	 "sysctl -w user.max_user_namespaces=10000"},
	{"/proc/sys/user/max_time_namespaces", '0', "user.max_time_namespaces is 0",
	 "sysctl -w user.max_time_namespaces=10000"},
};

static const struct userns_lock *find_userns_lock(void)
{
	char value[32];

	for (size_t i = 0; i < sizeof locks / sizeof locks[0]; i++)
		if (file_read(locks[i].file, value, sizeof value) > 0 && *value == locks[i].locked)
			return &locks[i];
	return NULL;
}

void surroundings_look(struct surroundings *surroundings)
{
	surroundings->container = find_container();
	surroundings->seccomp = has_seccomp_filter();
	surroundings->userns_lock = find_userns_lock();
	read_apparmor(surroundings->apparmor, sizeof surroundings->apparmor);
}
