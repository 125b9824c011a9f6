#include <stdlib.h>
#include <string.h>

static void write_through(volatile int *where, int value) { *where = value; }

void set_at(int *where, int value) { write_through(where, value); }

void give_up(const char *why) {
	(void)why;
	abort();
}

void trap_if(int condition) {
	if (condition)
		__builtin_trap();
}

// parse uses what newer C libraries offer: strlcpy came with glibc 2.38.
long parse(const char *text) {
	char digits[16];
#if defined(__GLIBC__) && __GLIBC_PREREQ(2, 38)
	strlcpy(digits, text, sizeof digits);
#else
	strncpy(digits, text, sizeof digits - 1);
	digits[sizeof digits - 1] = 0;
#endif
	return strtol(digits, NULL, 10);
}
