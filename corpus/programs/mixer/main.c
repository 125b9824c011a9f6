// Calls the C code of ../fixturecgo from C, for a Mach-O file with a dSYM bundle.
#include "mix.h"
int main(void) { uint32_t w = mix(1, 2); return (int)checksum(&w, 1); }
