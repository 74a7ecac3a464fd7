/* SPDX-License-Identifier: MIT */
/* What a kernel does in a time namespace, found out in one. */
#ifndef TIMENS_CLI_SELFTEST_H
#define TIMENS_CLI_SELFTEST_H

enum { ANSWER_NO, ANSWER_YES, ANSWER_UNKNOWN };

struct selftest {
	int userns;	 /* a start in a user namespace works */
	int futex;	 /* absolute timeouts go by the shifted clock (Linux 5.10) */
	int start_times; /* of processes, as read inside, are shifted as well (Linux 5.11) */
};

/* Takes a tenth of a second, in children that go away. */
struct selftest selftest_run(void);

#endif
