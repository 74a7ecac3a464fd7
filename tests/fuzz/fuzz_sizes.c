/* SPDX-License-Identifier: MIT */
/*
 * Structs versioned by their size, through the public functions, against the rules of
 * copy_struct_from_user as kernel and timens.h state them. Each struct ends where memory ends.
 * Every call is one that must be refused in the end, so nothing is started: offsets by a second
 * thread, clone_args by CLONE_VM, spawn_args by the offsets that they name.
 *
 * An input is a byte for the struct, one for pointers, two for the size, and the struct.
 */
#include <errno.h>
#include <linux/sched.h>
#include <pthread.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "fuzz.h"
#include "timens.h"

#define HEAD 4
#define PAGE ((size_t)sysconf(_SC_PAGESIZE))

struct input {
	unsigned pointers;
	size_t size;		/* as the library is told */
	const uint8_t *struct_; /* so many bytes */
	size_t length;
};

/* -- Memory that ends -- */

static uint8_t *memory_end(void)
{
	static uint8_t *end;
	void *at;

	if (end)
		return end;
	at = mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	EXPECT(at != MAP_FAILED, "mmap");
	end = (uint8_t *)at + 3 * PAGE;
	EXPECT(mprotect(end, PAGE, PROT_NONE) == 0, "mprotect");
	return end;
}

/* The struct, with zeros up to its size; a size that is refused unseen needs no memory. */
static uint8_t *place(const struct input *in)
{
	size_t room = in->size < 2 * PAGE ? in->size : 2 * PAGE;
	uint8_t *at = memory_end() - room;

	memset(at, 0, room);
	memcpy(at, in->struct_, in->length < room ? in->length : room);
	return at;
}

/* -- The rules -- */

static int size_rule(const struct input *in, const uint8_t *at, size_t first, size_t known)
{
	if (in->size > PAGE)
		return -E2BIG;
	if (in->size < first)
		return -EINVAL;
	if (!at)
		return -EFAULT;
	for (size_t i = known; i < in->size; i++)
		if (at[i])
			return -E2BIG;
	return 0;
}

/* A refusal says which stage, and its text ends. */
static void check_error(int r, const struct timens_error *error, int stage)
{
	char text[TIMENS_ERROR_TEXT_MAX];

	EXPECT(error->errnum == -r, "%d, and the error has %d", r, error->errnum);
	EXPECT(stage < 0 || error->stage == stage, "stage %s", timens_stage_name(error->stage));
	EXPECT(timens_error_text(error, text, sizeof text) > 0, "no text");
	EXPECT(strlen(text) < sizeof text - 1, "%zu", strlen(text));
}

/* -- Offsets -- */

static void *sleep_for_ever(void *arg)
{
	for (;;)
		pause();
	return arg;
}

/* With it the process cannot move, whatever the offsets. */
static void need_second_thread(void)
{
	static pthread_t thread;

	if (!thread)
		EXPECT(pthread_create(&thread, NULL, sleep_for_ever, NULL) == 0, "no thread");
}

static __int128 read_clock(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (__int128)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* Whether the clock can be moved so: 0 or -errno; 1: it depends on the moment. */
static int clock_rule(const struct timens_timespec *t, __int128 before, __int128 after)
{
	const __int128 top = ((__int128)TIMENS_READING_MAX_SEC + 1) * 1000000000 - 1;
	__int128 offset = (__int128)t->tv_sec * 1000000000 + t->tv_nsec;
	int early, late;

	if (t->tv_nsec < 0 || t->tv_nsec > 999999999)
		return -EINVAL;
	early = before + offset < 0 || before + offset > top;
	late = after + offset < 0 || after + offset > top;
	if (early != late)
		return 1;
	return early ? -ERANGE : 0;
}

static void check_offsets(const struct input *in)
{
	uint8_t *at = in->pointers & 1 ? NULL : place(in);
	int want = size_rule(in, at, TIMENS_OFFSETS_SIZE_VER0, sizeof(struct timens_offsets));
	struct timens_offsets o = {0};
	struct timens_error error = {.stage = -1};
	__int128 boot[2], mono[2];
	int r, boottime, monotonic;

	need_second_thread();
	boot[0] = read_clock(CLOCK_BOOTTIME);
	mono[0] = read_clock(CLOCK_MONOTONIC);
	r = timens_enter((void *)at, in->size, TIMENS_USERNS_NEVER, &error);
	boot[1] = read_clock(CLOCK_BOOTTIME);
	mono[1] = read_clock(CLOCK_MONOTONIC);
	EXPECT(r < 0, "moved with two threads");
	if (want < 0) {
		EXPECT(r == want, "%d, the rule is %d", r, want);
		check_error(r, &error, TIMENS_STAGE_ARGS);
		return;
	}
	memcpy(&o, at, in->size < sizeof o ? in->size : sizeof o);
	boottime = clock_rule(&o.clock_boottime, boot[0], boot[1]);
	monotonic = clock_rule(&o.clock_monotonic, mono[0], mono[1]);
	if (boottime == 1 || monotonic == 1)
		return;
	want = boottime ? boottime : monotonic ? monotonic : -EBUSY;
	EXPECT(r == want, "%d, the rule is %d", r, want);
	check_error(r, &error, want == -EBUSY ? TIMENS_STAGE_ENTER : TIMENS_STAGE_OFFSETS);
}

/* -- clone_args, which the library does not cut: the kernel may know more -- */

static void check_clone_args(const struct input *in)
{
	uint8_t *at = in->pointers & 1 ? NULL : place(in);
	int want = size_rule(in, at, CLONE_ARGS_SIZE_VER0, SIZE_MAX), r;
	struct timens_error error = {.stage = -1};
	uint64_t flags;

	if (want == 0) {
		memcpy(&flags, at, sizeof flags);
		flags |= CLONE_VM;
		memcpy(at, &flags, sizeof flags);
		want = -EINVAL;
	}
	r = timens_clone3((void *)at, in->size, NULL, 0, &error);
	if (r == 0)
		_exit(1);
	EXPECT(r == want, "%d, the rule is %d", r, want);
	check_error(r, &error, TIMENS_STAGE_ARGS);
}

/* -- spawn_args -- */

/* Long enough for all counts that the library takes, and zero, which each of them allows. */
static const struct timens_fd fds[65536];
static const struct timens_rlimit rlimits[64];
static const uint32_t groups[65536];
static const struct timens_id_map maps[340];
static int32_t pipes[65536];
static const char *const no_words[] = {NULL}, *const words[] = {"/nowhere", NULL};

/* Only pointers that are right can be tried: any other is the caller's own death. */
static void set_pointers(struct timens_spawn_args *a, unsigned which)
{
	a->file = which & 1 ? "/nowhere" : NULL;
	a->argv = which & 2 ? words : which & 4 ? no_words : NULL;
	a->env = which & 8 ? words : NULL;
	a->cwd = which & 16 ? "/" : NULL;
	a->fds = which & 32 ? fds : NULL;
	a->rlimits = which & 64 ? rlimits : NULL;
	a->groups = which & 128 ? groups : NULL;
	a->uid_maps = which & 32 ? maps : NULL;
	a->gid_maps = which & 64 ? maps : NULL;
	a->pipes = which & 128 ? pipes : NULL;
	/* Always refused. */
	a->offsets = (const void *)maps;
	a->offsets_size = TIMENS_OFFSETS_SIZE_VER0 - 1;
}

static void check_spawn_args(const struct input *in)
{
	uint8_t *at = in->pointers == 0xff ? NULL : place(in);
	size_t known = sizeof(struct timens_spawn_args);
	int want = size_rule(in, at, TIMENS_SPAWN_ARGS_SIZE_VER0, known), r;
	struct timens_process process = {.pid = -7};
	struct timens_error error = {.stage = -1};
	struct timens_spawn_args a;

	if (want == 0) {
		memcpy(&a, at, sizeof a);
		set_pointers(&a, in->pointers);
		memcpy(at, &a, sizeof a);
	}
	r = timens_spawn((void *)at, in->size, &process, &error);
	EXPECT(r < 0 && process.pid == -7, "started");
	check_error(r, &error, want < 0 ? TIMENS_STAGE_ARGS : -1);
	EXPECT(want == 0 || r == want, "%d, the rule is %d", r, want);
	EXPECT(r == -EINVAL || r == -E2BIG || r == -EFAULT || r == -EBADF, "%d", r);
}

/* -- What the library hands out -- */

static void check_outputs(const struct input *in)
{
	size_t size = in->size % 256;
	uint8_t *at = memory_end() - size;
	struct timens_offsets o = {{-7, -7}, {-7, -7}};
	struct timens_error error = {.stage = -1};
	int r;

	EXPECT(timens_read(0, &o, sizeof o, NULL) == 0, "own offsets");
	memset(at, 0xaa, size);
	r = timens_read(0, (void *)at, size, &error);
	if (size < TIMENS_OFFSETS_SIZE_VER0) {
		EXPECT(r == -EINVAL, "%d", r);
		check_error(r, &error, TIMENS_STAGE_ARGS);
		for (size_t i = 0; i < size; i++)
			EXPECT(at[i] == 0xaa, "byte %zu of %zu was written", i, size);
		return;
	}
	EXPECT(r == 0 && !memcmp(at, &o, sizeof o), "%d", r);
	for (size_t i = sizeof o; i < size; i++)
		EXPECT(at[i] == 0, "byte %zu of %zu is not zero", i, size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static void (*const checks[])(const struct input *) = {check_offsets, check_clone_args,
							       check_spawn_args, check_outputs};
	struct input in;

	if (size < HEAD)
		return 0;
	in.pointers = data[1];
	in.size = data[2] | (size_t)data[3] << 8;
	/* The largest there is. */
	if (in.size == 0xffff)
		in.size = SIZE_MAX;
	in.struct_ = data + HEAD;
	in.length = size - HEAD;
	checks[data[0] % COUNT(checks)](&in);
	return 0;
}
