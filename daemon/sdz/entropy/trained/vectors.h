/* LANES 32-bit numbers at once. DOT adds to each the product of two pairs of 16-bit numbers.
 * Names that end in _8 are of the vectors for hidden units, of which there are a multiple of 8. */
#undef LANES
#undef VECTOR
#undef LOAD
#undef STORE
#undef SAME
#undef DOT
#undef LANES_8
#undef VECTOR_8
#undef LOAD_8
#undef STORE_8
#undef SAME_8
#undef DOT_8
#undef ADD
#undef ADD_8
#if ISA == VARIANT_AVX512
#define LANES 16
#define VECTOR __m512i
#define LOAD(p) _mm512_loadu_si512((const void *)(p))
#define STORE(p, v) _mm512_storeu_si512((void *)(p), v)
#define SAME(x) _mm512_set1_epi32(x)
#define DOT(sum, a, b) _mm512_dpwssd_epi32(sum, a, b)
#define DOT_8(sum, a, b) _mm256_dpwssd_epi32(sum, a, b)
#elif ISA == VARIANT_AVX2
#define LANES 8
#define VECTOR __m256i
#define LOAD(p) _mm256_loadu_si256((const __m256i *)(const void *)(p))
#define STORE(p, v) _mm256_storeu_si256((__m256i *)(void *)(p), v)
#define SAME(x) _mm256_set1_epi32(x)
#define ADD(a, b) _mm256_add_epi32(a, b)
#define DOT(sum, a, b) _mm256_add_epi32(sum, _mm256_madd_epi16(a, b))
#elif ISA == VARIANT_SIMD && defined(__SSE2__)
#define LANES 4
#define VECTOR __m128i
#define LOAD(p) _mm_loadu_si128((const __m128i *)(const void *)(p))
#define STORE(p, v) _mm_storeu_si128((__m128i *)(void *)(p), v)
#define SAME(x) _mm_set1_epi32(x)
#define ADD(a, b) _mm_add_epi32(a, b)
#define DOT(sum, a, b) _mm_add_epi32(sum, _mm_madd_epi16(a, b))
#elif ISA == VARIANT_SIMD && defined(__ARM_NEON)
#define LANES 4
#define VECTOR int32x4_t
#define LOAD(p) vld1q_s32(p)
#define STORE(p, v) vst1q_s32(p, v)
#define SAME(x) vdupq_n_s32(x)
#define ADD(a, b) vaddq_s32(a, b)
/* the lower and the upper half of each 32 bits, sign-extended, multiplied and added */
#define LOW(a) vshrq_n_s32(vshlq_n_s32(a, 16), 16)
#define DOT(sum, a, b) \
    vmlaq_s32(vmlaq_s32(sum, LOW(a), LOW(b)), vshrq_n_s32(a, 16), vshrq_n_s32(b, 16))
#elif ISA == VARIANT_SIMD
#define LANES 4
#define VECTOR v128_t
#define LOAD(p) wasm_v128_load(p)
#define STORE(p, v) wasm_v128_store(p, v)
#define SAME(x) wasm_i32x4_splat(x)
#define ADD(a, b) wasm_i32x4_add(a, b)
#define DOT(sum, a, b) wasm_i32x4_add(sum, wasm_i32x4_dot_i16x8(a, b))
#else
#define LANES 1
#define VECTOR int32_t
#define LOAD(p) (*(const int32_t *)(p))
#define STORE(p, v) (*(int32_t *)(p) = (v))
#define SAME(x) (x)
#define ADD(a, b) ((a) + (b))
#define DOT(sum, a, b) \
    ((sum) + (int32_t)(int16_t)(a) * (int32_t)(int16_t)(b) + ((a) >> 16) * ((b) >> 16))
#endif
#if ISA == VARIANT_AVX512
#define LANES_8 8
#define VECTOR_8 __m256i
#define LOAD_8(p) _mm256_loadu_si256((const __m256i *)(const void *)(p))
#define STORE_8(p, v) _mm256_storeu_si256((__m256i *)(void *)(p), v)
#define SAME_8(x) _mm256_set1_epi32(x)
#define ADD_8(a, b) _mm256_add_epi32(a, b)
#else
#define LANES_8 LANES
#define VECTOR_8 VECTOR
#define LOAD_8 LOAD
#define STORE_8 STORE
#define SAME_8 SAME
#define DOT_8 DOT
#define ADD_8 ADD
#endif
