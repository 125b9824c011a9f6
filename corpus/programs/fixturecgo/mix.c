#include "mix.h"

static inline uint32_t rotate(uint32_t x, int by) { return x << by | x >> (32 - by); }

static inline uint32_t round_of(uint32_t x, uint32_t key) {
	x ^= rotate(key, 7);
	return rotate(x * 0x85ebca6bu, 13);
}

uint32_t mix(uint32_t a, uint32_t b) {
	for (int i = 0; i < 3; i++)
		a = round_of(a, b + i);
	return a;
}

static uint64_t fold_one(uint64_t sum, uint32_t word) {
	return (sum << 5 | sum >> 59) ^ mix((uint32_t)sum, word);
}

uint64_t checksum(const uint32_t *words, size_t count) {
	uint64_t sum = count;
	for (size_t i = 0; i < count; i++)
		sum = fold_one(sum, words[i]);
	return sum;
}
