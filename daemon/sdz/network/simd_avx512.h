/* The layers' vocabulary for x86-64 with AVX-512 and its BW; NAME and MULTIPLY_ADD are the includer's. Words
 * are explained in simd_plain.h. */

#include "words.h"
#define COUNTS(layer) ((layer)->shift)
#define LANES 16
#define ROWS 12
#define FEW 4
#define GROUP 32

typedef __m512i V;
typedef __m512i W;
typedef __m512i X;
typedef __m256i H;
typedef __m512i D;

HOT V v_load(const int32_t *p) { return _mm512_loadu_si512(p); }
HOT void w_load(W *a, W *b, const int16_t *p)
{
    *a = _mm512_loadu_si512(p);
    *b = _mm512_loadu_si512(p + 32);
}
HOT X x_pair(const int16_t *p)
{
    int32_t pair;
    memcpy(&pair, p, sizeof pair);
    return _mm512_set1_epi32(pair);
}
HOT V v_dot(V acc, X x, W w) { return MULTIPLY_ADD(acc, x, w); }
HOT V v_shift(V a, V count) { return _mm512_srav_epi32(a, count); }
HOT V v_add(V a, V b) { return _mm512_add_epi32(a, b); }
HOT V v_limit16(V a)
{
    return _mm512_max_epi32(_mm512_min_epi32(a, _mm512_set1_epi32(32767)), _mm512_set1_epi32(-32768));
}
HOT V v_relu16(V a)
{
    return _mm512_max_epi32(_mm512_min_epi32(a, _mm512_set1_epi32(32767)), _mm512_setzero_si512());
}
/* a is 0 to 32767, so its upper half is 0 and takes b's out of the sum. */
HOT V v_product(V a, V b) { return _mm512_madd_epi16(a, b); }
HOT H h_pack(const V *v) { return _mm512_cvtsepi32_epi16(v[0]); }
HOT H h_load(const int16_t *p) { return _mm256_loadu_si256((const __m256i *)p); }
HOT void h_store(int16_t *p, H h) { _mm256_storeu_si256((__m256i *)p, h); }
HOT H h_leaky(H h) { return _mm256_max_epi16(h, _mm256_mulhrs_epi16(h, _mm256_set1_epi16(LEAKY_FACTOR))); }
HOT H h_add(H a, H b) { return _mm256_adds_epi16(a, b); }
HOT void h_store_levels(uint8_t *p, H h)
{
    const __m128i low = _mm256_castsi256_si128(h), high = _mm256_extracti128_si256(h, 1);
    _mm_storeu_si128((__m128i *)p, _mm_packus_epi16(low, high));
}
HOT D d_load(const int16_t *p) { return _mm512_loadu_si512(p); }
HOT void d_store(int16_t *p, D d) { _mm512_storeu_si512(p, d); }
HOT D d_low(D a, D b) { return _mm512_unpacklo_epi16(a, b); }
HOT D d_high(D a, D b) { return _mm512_unpackhi_epi16(a, b); }
/* d_low has the first four channels of every eight, d_high the others; packing puts them in order. */
HOT void d_apart(D *to, const int32_t *p)
{
    const __m512i first = v_load(p), second = v_load(p + 16);
    const __m512i low = _mm512_setr_epi64(0, 1, 4, 5, 8, 9, 12, 13);
    const __m512i high = _mm512_setr_epi64(2, 3, 6, 7, 10, 11, 14, 15);
    to[0] = _mm512_permutex2var_epi64(first, low, second);
    to[1] = _mm512_permutex2var_epi64(first, high, second);
}
HOT D d_dot(D acc, D a, D b) { return MULTIPLY_ADD(acc, a, b); }
HOT D d_shift(D a, D count) { return _mm512_srav_epi32(a, count); }
HOT D d_pack(D low, D high) { return _mm512_packs_epi32(low, high); }
#include "layers.h"
#include "unwords.h"
