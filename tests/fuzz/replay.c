/* SPDX-License-Identifier: MIT */
/* Runs a fuzz target on the files of a folder, without libFuzzer: replay FOLDER. */
#include <dirent.h>
#include <sys/stat.h>

#include "fuzz.h"

#define INPUT_MAX (1 << 20)

static void run_file(const char *path)
{
	FILE *file = fopen(path, "rb");
	uint8_t *data = malloc(INPUT_MAX), *exact;
	size_t n;

	EXPECT(file && data, "%s", path);
	n = fread(data, 1, INPUT_MAX, file);
	fclose(file);
	/* No longer than it is, for the sanitizers. */
	exact = malloc(n ? n : 1);
	EXPECT(exact, "%s", path);
	memcpy(exact, data, n);
	free(data);
	fprintf(stderr, "%s\n", path);
	LLVMFuzzerTestOneInput(exact, n);
	free(exact);
}

int main(int argc, char **argv)
{
	struct dirent **entries;
	char path[4096];
	int found = 0, n;

	EXPECT(argc == 2, "usage: %s FOLDER", argv[0]);
	n = scandir(argv[1], &entries, NULL, alphasort);
	EXPECT(n >= 0, "%s", argv[1]);
	for (int i = 0; i < n; i++) {
		struct stat status;

		snprintf(path, sizeof path, "%s/%s", argv[1], entries[i]->d_name);
		if (stat(path, &status) == 0 && S_ISREG(status.st_mode)) {
			run_file(path);
			found++;
		}
		free(entries[i]);
	}
	free(entries);
	EXPECT(found, "%s has no files", argv[1]);
	return 0;
}
