/* Compilers make instructions of these (bulk memory), or calls of their own copies. */
#include <stddef.h>
#define memcpy __builtin_memcpy
#define memset __builtin_memset
#define memmove __builtin_memmove
int memcmp(const void *a, const void *b, size_t bytes);
