/* The work, compiled once for each set of vector instructions, and the choice among them. */
#ifndef SDZ_TRAINED_VARIANTS
#define SDZ_TRAINED_VARIANTS

/* numbers for the preprocessor; SIMD: what the target always has (SSE2, NEON, WebAssembly's) */
#define VARIANT_PLAIN 0
#define VARIANT_SIMD 1
#define VARIANT_AVX2 2
#define VARIANT_AVX512 3

#if (defined(__x86_64__) || defined(__i386__)) && defined(__GNUC__)
#define X86 1
#include <cpuid.h>
#include <immintrin.h>
#elif defined(__ARM_NEON)
#include <arm_neon.h>
#elif defined(__wasm_simd128__)
#include <wasm_simd128.h>
#endif

#define JOIN(a, b) a##b
#define JOINED(a, b) JOIN(a, b)
#define NAMED(name) JOINED(name, SUFFIX)

#define ISA VARIANT_PLAIN
#define SUFFIX _plain
#include "body.h"
#undef ISA
#undef SUFFIX

#if defined(__SSE2__) || defined(__ARM_NEON) || defined(__wasm_simd128__)
#define HAS_SIMD 1
#define ISA VARIANT_SIMD
#define SUFFIX _simd
#include "body.h"
#undef ISA
#undef SUFFIX
#endif

#ifdef X86
#ifdef __clang__
#pragma clang attribute push(__attribute__((target("avx2"))), apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("avx2")
#endif
#define ISA VARIANT_AVX2
#define SUFFIX _avx2
#include "body.h"
#undef ISA
#undef SUFFIX
#ifdef __clang__
#pragma clang attribute pop
#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni"))), apply_to = function)
#else
#pragma GCC pop_options
#pragma GCC push_options
#pragma GCC target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni")
#endif
#define ISA VARIANT_AVX512
#define SUFFIX _avx512
#include "body.h"
#undef ISA
#undef SUFFIX
#ifdef __clang__
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif
#endif

#ifdef X86
/* Whether the processor has these and the system keeps their registers: asked of both directly, since
 * what compilers offer for it needs a runtime that some leave out. */
static int x86_here(void) {
    unsigned a, b, c, d, kept, high;
    if (!__get_cpuid(1, &a, &b, &c, &d) || !(c >> 27 & 1)) return 0;
    __asm__("xgetbv" : "=a"(kept), "=d"(high) : "c"(0));
    if (!__get_cpuid_count(7, 0, &a, &b, &c, &d) || (kept & 0x06) != 0x06) return 0;
    const unsigned wide = 1u << 16 | 1u << 17 | 1u << 30 | 1u << 31; /* F, DQ, BW, VL */
    int found = b >> 5 & 1 ? 1 << VARIANT_AVX2 : 0;
    if (found && (kept & 0xe6) == 0xe6 && (b & wide) == wide && (c >> 11 & 1))
        found |= 1 << VARIANT_AVX512;
    return found;
}
#endif

static int variants_here(void) {
    int found = 1 << VARIANT_PLAIN;
#ifdef HAS_SIMD
    found |= 1 << VARIANT_SIMD;
#endif
#ifdef X86
    found |= x86_here();
#endif
    return found;
}

/* Runs the work by a variant, the best one here for a negative number or one that is not here. */
static int run_variant(int variant, struct job *job, int mode) {
    int here = variants_here();
    if (variant < 0 || variant > VARIANT_AVX512 || !(here >> variant & 1))
        for (variant = VARIANT_AVX512; !(here >> variant & 1); variant--) {}
    switch (variant) {
#ifdef X86
    case VARIANT_AVX512: return run_avx512(job, mode);
    case VARIANT_AVX2: return run_avx2(job, mode);
#endif
#ifdef HAS_SIMD
    case VARIANT_SIMD: return run_simd(job, mode);
#endif
    default: return run_plain(job, mode);
    }
}

#endif
