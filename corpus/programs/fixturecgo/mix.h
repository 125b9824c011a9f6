#include <stddef.h>
#include <stdint.h>

uint32_t mix(uint32_t a, uint32_t b);
uint64_t checksum(const uint32_t *words, size_t count);
