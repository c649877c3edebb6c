/* Memory for one picture at a time: a stack that starts behind the program and is cut back as a whole. WebAssembly's
 * memory grows and never shrinks, so whoever has had a large picture ends the worker and all of it. */
#include <stdint.h>
#include <stdlib.h>
#include "memory.h"

enum { LINE = 64, PAGE = 65536 };
extern uint8_t __heap_base;
static uintptr_t top;

/* Bytes of the caller's own, in lines of their own; NULL where there are no more. */
void *sdz_take(size_t bytes)
{
    if (!top) top = ((uintptr_t)&__heap_base + LINE - 1) & ~(uintptr_t)(LINE - 1);
    const uint64_t end = ((uint64_t)top + bytes + LINE - 1) & ~(uint64_t)(LINE - 1);
    const uint64_t there = (uint64_t)__builtin_wasm_memory_size(0) * PAGE;
    if (end > there) {
        const uint64_t pages = (end - there + PAGE - 1) / PAGE;
        if (pages > PAGE || __builtin_wasm_memory_grow(0, (size_t)pages) == (size_t)-1) return NULL;
    }
    void *found = (void *)top;
    top = (uintptr_t)end;
    return found;
}

/* Where the stack ends now. */
uintptr_t sdz_mark(void) { return top; }

/* All that was taken since then is free. */
void sdz_release(uintptr_t mark) { top = mark; }

void *malloc(size_t bytes) { return sdz_take(bytes); }

void *calloc(size_t count, size_t bytes)
{
    if (bytes && count > SIZE_MAX / bytes) return NULL;
    void *found = sdz_take(count * bytes);
    if (found) __builtin_memset(found, 0, count * bytes);
    return found;
}

/* Only encoders ask for it, and here are none. */
void *realloc(void *old, size_t bytes)
{
    (void)old, (void)bytes;
    return NULL;
}

void free(void *block) { (void)block; }

/* For kernels that call them by name; both become instructions. */
void *memcpy(void *to, const void *from, size_t bytes)
{
    return __builtin_memcpy(to, from, bytes);
}

void *memset(void *to, int value, size_t bytes)
{
    return __builtin_memset(to, value, bytes);
}

int memcmp(const void *a, const void *b, size_t bytes)
{
    const uint8_t *x = a, *y = b;
    for (size_t i = 0; i < bytes; i++)
        if (x[i] != y[i]) return x[i] < y[i] ? -1 : 1;
    return 0;
}
