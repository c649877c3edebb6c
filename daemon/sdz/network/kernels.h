/* The layers for every processor that this compiler can make code for, and which of them this machine
 * has. All give the same bits (tests/network/test_variants.py). */

#include "simd_plain.h"

#if defined(__x86_64__)
#include <cpuid.h>
#include <immintrin.h>
/* From FOR(...) to FOR_ALL, code is for processors that have all that is named. */
#define TEXT(...) #__VA_ARGS__
#define PRAGMA(...) _Pragma(TEXT(__VA_ARGS__))
#if defined(__clang__)
#define FOR(names) PRAGMA(clang attribute push(__attribute__((target(names))), apply_to = function))
#define FOR_ALL _Pragma("clang attribute pop")
#else
#define FOR(names) _Pragma("GCC push_options") PRAGMA(GCC target(names))
#define FOR_ALL _Pragma("GCC pop_options")
#endif

#include "simd_sse2.h"

FOR("avx2")
#define NAME(x) x##_avx2
#define ROWS 4 /* 16 registers: 8 of sums, 2 of weights, one of inputs, some of products */
#define MULTIPLY_ADD(acc, a, b) _mm256_add_epi32(acc, _mm256_madd_epi16(a, b))
#include "simd_avx2.h"
#undef MULTIPLY_ADD
FOR_ALL

#if (defined(__clang__) && __clang_major__ >= 12) || (!defined(__clang__) && __GNUC__ >= 11)
#define HAS_AVXVNNI
FOR("avx2,avxvnni")
#define NAME(x) x##_avxvnni
#define ROWS 6
#define MULTIPLY_ADD(acc, a, b) _mm256_dpwssd_avx_epi32(acc, a, b)
#include "simd_avx2.h"
#undef MULTIPLY_ADD
FOR_ALL
#endif

FOR("avx2,avx512f,avx512bw,avx512vl")
#define NAME(x) x##_avx512
#define MULTIPLY_ADD(acc, a, b) _mm512_add_epi32(acc, _mm512_madd_epi16(a, b))
#include "simd_avx512.h"
#undef MULTIPLY_ADD
FOR_ALL

FOR("avx2,avx512f,avx512bw,avx512vl,avx512vnni")
#define NAME(x) x##_avx512vnni
#define MULTIPLY_ADD(acc, a, b) _mm512_dpwssd_epi32(acc, a, b)
#include "simd_avx512.h"
#undef MULTIPLY_ADD
FOR_ALL

/* Whether the system keeps the registers that bits of XCR0 stand for. */
static int registers_kept(uint32_t bits)
{
    uint32_t a, b, c, d;
    if (!__get_cpuid(1, &a, &b, &c, &d) || !(c >> 27 & 1)) return 0;
    __asm__ volatile("xgetbv" : "=a"(a), "=d"(d) : "c"(0));
    return (a & bits) == bits;
}

enum { AVX_REGISTERS = 0x06, AVX512_REGISTERS = 0xE6 };

/* Bit 0: AVX2, 1: AVX-VNNI, 2: AVX-512 with BW and VL, 3: that and its VNNI. */
static int processor(void)
{
    uint32_t a, b, c, d, leaves;
    if (!registers_kept(AVX_REGISTERS) || !__get_cpuid_count(7, 0, &leaves, &b, &c, &d)) return 0;
    const int avx2 = b >> 5 & 1;
    const int wide = (b >> 16 & 1) && (b >> 30 & 1) && (b >> 31 & 1) && registers_kept(AVX512_REGISTERS);
    const int wide_vnni = wide && (c >> 11 & 1);
    int vnni = 0;
    if (leaves >= 1 && __get_cpuid_count(7, 1, &a, &b, &c, &d)) vnni = a >> 4 & 1;
    return avx2 | (avx2 && vnni) << 1 | (avx2 && wide) << 2 | (avx2 && wide_vnni) << 3;
}
#elif defined(__aarch64__)
#include <arm_neon.h>
#include "simd_neon.h"
#elif defined(__wasm_simd128__)
#include <wasm_simd128.h>
#include "simd_wasm.h"
#endif

/* Better ones later. The numbers stay: library.py has their names. */
enum { PLAIN, SSE2, AVX2, AVXVNNI, AVX512, AVX512VNNI, NEON, WASM, VARIANTS };

static const Kernels *kernels_of(int variant)
{
    if (variant == PLAIN) return &kernels_plain;
#if defined(__x86_64__)
    const int has = processor();
    if (variant == SSE2) return &kernels_sse2;
    if (variant == AVX2 && (has & 1)) return &kernels_avx2;
#if defined(HAS_AVXVNNI)
    if (variant == AVXVNNI && (has & 2)) return &kernels_avxvnni;
#endif
    if (variant == AVX512 && (has & 4)) return &kernels_avx512;
    if (variant == AVX512VNNI && (has & 8)) return &kernels_avx512vnni;
#elif defined(__aarch64__)
    if (variant == NEON) return &kernels_neon;
#elif defined(__wasm_simd128__)
    if (variant == WASM) return &kernels_wasm;
#endif
    return NULL;
}

/* On AMD's processors (Zen 4 and 5) a vector of 512 bits of multiply-and-add goes through one pipe where the
 * multiplication and the addition go through two and four: 40 ms a picture against 19. On Intel's it is
 * the other way round. */
static int best_variant(void)
{
#if defined(__x86_64__)
    uint32_t a, b = 0, c, d;
    enum { AUTH = 0x68747541 };
    if (__get_cpuid(0, &a, &b, &c, &d) && b == AUTH && kernels_of(AVX512)) return AVX512;
#endif
    int best = PLAIN;
    for (int variant = SSE2; variant < VARIANTS; variant++)
        if (kernels_of(variant)) best = variant;
    return best;
}
