/* SPDX-License-Identifier: MIT */
/*
 * The text of /proc/PID/timens_offsets, against a reader that is made of lines and words, and the
 * arithmetic of offsets, against 128 bits. nsfile.c and timespec.c are compiled into this program:
 * elsewhere it goes without sanitizers.
 *
 * An input is the text; its first 64 bytes, if there are so many, are also two pairs of offsets.
 */
#include <errno.h>

#include "fuzz.h"
#include "nsfile.h"
#include "timespec.h"

#define TEXT_MAX 4096
#define NSEC	 1000000000

/* -- The reference -- */

/* -, digits, no more than 18 of them: all that a valid offset can have. */
static int read_number(const char *word, int64_t *value)
{
	const char *digits = word + (*word == '-');
	size_t n = strspn(digits, "0123456789");

	if (n == 0 || n > 18 || digits[n])
		return 0;
	*value = strtoll(word, NULL, 10);
	return 1;
}

/* A word that ends at a blank; the rest of the line stays in *line. */
static char *next_word(char **line)
{
	char *word = *line + strspn(*line, " \t");

	*line = word + strcspn(word, " \t");
	if (**line)
		*(*line)++ = '\0';
	return word;
}

static int read_line(char *line, struct timens_offsets *offsets, int *seen)
{
	char *clock = next_word(&line), *sec, *nsec;
	int is_monotonic = !strcmp(clock, "monotonic") || !strcmp(clock, "1");
	struct timens_timespec t;

	if (!is_monotonic && strcmp(clock, "boottime") != 0 && strcmp(clock, "7") != 0)
		return 0;
	sec = next_word(&line);
	nsec = next_word(&line);
	if (!read_number(sec, &t.tv_sec) || !read_number(nsec, &t.tv_nsec))
		return 0;
	if (t.tv_nsec < 0 || t.tv_nsec >= NSEC || line[strspn(line, " \t")])
		return 0;
	*(is_monotonic ? &offsets->clock_monotonic : &offsets->clock_boottime) = t;
	*seen |= is_monotonic ? 2 : 1;
	return 1;
}

static int reference(char *text, struct timens_offsets *offsets)
{
	int seen = 0;
	char *end;

	for (; *text; text = end + 1) {
		end = strchr(text, '\n');
		if (!end)
			return -EIO;
		*end = '\0';
		if (!read_line(text, offsets, &seen))
			return -EIO;
	}
	return seen == 3 ? 0 : -EIO;
}

static void check_text(const uint8_t *data, size_t size)
{
	struct timens_offsets found = {0}, expected = {0};
	char copy[TEXT_MAX + 1], *exact = malloc(size ? size : 1);
	int r, want;

	EXPECT(exact, "not enough memory");
	memcpy(exact, data, size);
	memcpy(copy, data, size);
	copy[size] = '\0';
	r = timens_nsfile_parse(exact, size, &found);
	free(exact);
	/* The reference has strings; a zero byte has no place in the file. */
	want = memchr(data, '\0', size) ? -EIO : reference(copy, &expected);
	EXPECT(r == want, "%d, the reference has %d", r, want);
	if (r == 0)
		EXPECT(!memcmp(&found, &expected, sizeof found), "%lld %lld, %lld %lld",
		       (long long)found.clock_monotonic.tv_sec,
		       (long long)found.clock_monotonic.tv_nsec,
		       (long long)found.clock_boottime.tv_sec,
		       (long long)found.clock_boottime.tv_nsec);
}

/* -- Arithmetic -- */

static __int128 wide(const struct timens_timespec *t)
{
	return (__int128)t->tv_sec * NSEC + t->tv_nsec;
}

static void check_result(int r, const struct timens_timespec *got, __int128 want)
{
	/* Seconds round down. */
	__int128 sec = want / NSEC - (want % NSEC < 0);

	if (sec < INT64_MIN || sec > INT64_MAX) {
		EXPECT(r == -ERANGE, "%d where the seconds do not fit", r);
		return;
	}
	EXPECT(r == 0, "%d", r);
	EXPECT(wide(got) == want && got->tv_nsec >= 0 && got->tv_nsec < NSEC, "%lld s %lld ns",
	       (long long)got->tv_sec, (long long)got->tv_nsec);
}

static void check_pair(const struct timens_timespec *a, const struct timens_timespec *b)
{
	struct timens_timespec t = {0, 0};
	int r = timens_timespec_add(a, b, &t);

	check_result(r, &t, wide(a) + wide(b));
	r = timens_timespec_sub(a, b, &t);
	check_result(r, &t, wide(a) - wide(b));
}

/* What is written is read back, as far as an offset can go. */
static void check_format(const struct timens_offsets *offsets)
{
	const int64_t most = 999999999999999999;
	struct timens_offsets o = *offsets, again = {0};
	char text[NSFILE_TEXT_MAX];
	size_t n = timens_nsfile_format(&o, text);

	EXPECT(n < sizeof text, "%zu", n);
	o.clock_boottime.tv_sec %= most + 1;
	o.clock_monotonic.tv_sec %= most + 1;
	n = timens_nsfile_format(&o, text);
	EXPECT(timens_nsfile_parse(text, n, &again) == 0, "%.*s", (int)n, text);
	EXPECT(timens_offsets_equal(&o, &again) && !memcmp(&o, &again, sizeof o), "%.*s", (int)n,
	       text);
}

static void normalise(struct timens_timespec *t)
{
	t->tv_nsec = (int64_t)((uint64_t)t->tv_nsec % NSEC);
}

static void check_offsets(const uint8_t *bytes)
{
	struct timens_offsets both[2], sum;
	struct timens_offsets *a = &both[0], *b = &both[1];
	int fits;

	memcpy(both, bytes, sizeof both);
	for (int i = 0; i < 2; i++) {
		normalise(&both[i].clock_boottime);
		normalise(&both[i].clock_monotonic);
		check_format(&both[i]);
	}
	check_pair(&a->clock_boottime, &b->clock_boottime);
	check_pair(&a->clock_monotonic, &b->clock_monotonic);
	fits = timens_timespec_add(&a->clock_boottime, &b->clock_boottime, &sum.clock_boottime) ==
		       0 &&
	       timens_timespec_add(&a->clock_monotonic, &b->clock_monotonic,
				   &sum.clock_monotonic) == 0;
	EXPECT(timens_offsets_add(a, b, &sum) == (fits ? 0 : -ERANGE), "sum of two");
	EXPECT(timens_offsets_equal(a, b) == !memcmp(a, b, sizeof *a), "equal");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size > TEXT_MAX)
		return 0;
	check_text(data, size);
	if (size >= 2 * sizeof(struct timens_offsets))
		check_offsets(data);
	return 0;
}
