/* See memory.c. */
#include <stddef.h>
#include <stdint.h>

void *sdz_take(size_t bytes);
uintptr_t sdz_mark(void);
void sdz_release(uintptr_t mark);
