/* What the adaptive coder's kernel asks of a C library; memory.c has it. */
#include <stddef.h>
void *malloc(size_t bytes);
void *calloc(size_t count, size_t bytes);
void *realloc(void *old, size_t bytes);
void free(void *block);
