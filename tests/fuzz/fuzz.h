/* SPDX-License-Identifier: MIT */
/*
 * What the fuzz targets share. A target is a function of bytes that ends the process when the
 * library's answer is wrong: libFuzzer calls it with what it makes up, and the ordinary suite
 * (replay.c) with the files of corpus/.
 */
#ifndef TIMENS_TESTS_FUZZ_H
#define TIMENS_TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Says what was wrong, and stops where the sanitizers' handler and libFuzzer see it. */
#define EXPECT(condition, ...)                                                                     \
	do {                                                                                       \
		if (!(condition)) {                                                                \
			fprintf(stderr, "%s:%d: %s: ", __FILE__, __LINE__, #condition);            \
			fprintf(stderr, __VA_ARGS__);                                              \
			fputc('\n', stderr);                                                       \
			abort();                                                                   \
		}                                                                                  \
	} while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
