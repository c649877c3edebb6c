/* The layers' vocabulary for every x86-64. Words are explained in simd_plain.h. */

#define NAME(x) x##_sse2
#include "words.h"
#define COUNTS(layer) ((layer)->factor)
#define LANES 4
#define ROWS 4
#define FEW 2
#define GROUP 8

typedef __m128i V;
typedef __m128i W;
typedef __m128i X;
typedef struct { __m128i low, high; } H;
typedef __m128i D;

HOT V v_load(const int32_t *p) { return _mm_loadu_si128((const __m128i *)p); }
HOT void w_load(W *a, W *b, const int16_t *p)
{
    *a = _mm_loadu_si128((const __m128i *)p);
    *b = _mm_loadu_si128((const __m128i *)(p + 8));
}
HOT X x_pair(const int16_t *p)
{
    int32_t pair;
    memcpy(&pair, p, sizeof pair);
    return _mm_set1_epi32(pair);
}
HOT V v_dot(V acc, X x, W w) { return _mm_add_epi32(acc, _mm_madd_epi16(x, w)); }
/* Lanes cannot be shifted each by its own count, but multiplied: factor = 2^(32 - count), and the upper
 * halves of the 64-bit products are kept. They are unsigned, so a goes up by 2^31 before and the result
 * down by 2^31 >> count after. */
HOT V v_shift(V a, V factor)
{
    const __m128i up = _mm_xor_si128(a, _mm_set1_epi32((int32_t)0x80000000u));
    const __m128i even = _mm_mul_epu32(up, factor);
    const __m128i odd = _mm_mul_epu32(_mm_srli_epi64(up, 32), _mm_srli_epi64(factor, 32));
    const __m128i upper = _mm_and_si128(odd, _mm_set_epi32(-1, 0, -1, 0));
    return _mm_sub_epi32(_mm_or_si128(_mm_srli_epi64(even, 32), upper), _mm_srli_epi32(factor, 1));
}
HOT V v_add(V a, V b) { return _mm_add_epi32(a, b); }
HOT V v_limit16(V a)
{
    const __m128i narrow = _mm_packs_epi32(a, a);
    return _mm_srai_epi32(_mm_unpacklo_epi16(narrow, narrow), 16);
}
HOT V v_relu16(V a)
{
    const __m128i narrow = _mm_max_epi16(_mm_packs_epi32(a, a), _mm_setzero_si128());
    return _mm_unpacklo_epi16(narrow, _mm_setzero_si128());
}
/* a is 0 to 32767, so its upper half is 0 and takes b's out of the sum. */
HOT V v_product(V a, V b) { return _mm_madd_epi16(a, b); }
HOT H h_pack(const V *v)
{
    const H h = { _mm_packs_epi32(v[0], v[1]), _mm_packs_epi32(v[2], v[3]) };
    return h;
}
HOT H h_load(const int16_t *p)
{
    const H h = { _mm_loadu_si128((const __m128i *)p), _mm_loadu_si128((const __m128i *)(p + 8)) };
    return h;
}
HOT void h_store(int16_t *p, H h)
{
    _mm_storeu_si128((__m128i *)p, h.low);
    _mm_storeu_si128((__m128i *)(p + 8), h.high);
}
HOT __m128i leaky_half_sse2(__m128i x)
{
    const __m128i factor = _mm_set1_epi16(LEAKY_FACTOR), half = _mm_set1_epi32(1 << (LEAKY_SHIFT - 1));
    const __m128i low = _mm_mullo_epi16(x, factor), high = _mm_mulhi_epi16(x, factor);
    const __m128i a = _mm_srai_epi32(_mm_add_epi32(_mm_unpacklo_epi16(low, high), half), LEAKY_SHIFT);
    const __m128i b = _mm_srai_epi32(_mm_add_epi32(_mm_unpackhi_epi16(low, high), half), LEAKY_SHIFT);
    return _mm_max_epi16(x, _mm_packs_epi32(a, b));
}
HOT H h_leaky(H h)
{
    const H out = { leaky_half_sse2(h.low), leaky_half_sse2(h.high) };
    return out;
}
HOT H h_add(H a, H b)
{
    const H h = { _mm_adds_epi16(a.low, b.low), _mm_adds_epi16(a.high, b.high) };
    return h;
}
HOT void h_store_levels(uint8_t *p, H h) { _mm_storeu_si128((__m128i *)p, _mm_packus_epi16(h.low, h.high)); }
HOT D d_load(const int16_t *p) { return _mm_loadu_si128((const __m128i *)p); }
HOT void d_store(int16_t *p, D d) { _mm_storeu_si128((__m128i *)p, d); }
HOT D d_low(D a, D b) { return _mm_unpacklo_epi16(a, b); }
HOT D d_high(D a, D b) { return _mm_unpackhi_epi16(a, b); }
HOT void d_apart(D *to, const int32_t *p)
{
    to[0] = v_load(p);
    to[1] = v_load(p + 4);
}
HOT D d_dot(D acc, D a, D b) { return _mm_add_epi32(acc, _mm_madd_epi16(a, b)); }
HOT D d_shift(D a, D factor) { return v_shift(a, factor); }
HOT D d_pack(D low, D high) { return _mm_packs_epi32(low, high); }
#include "layers.h"
#include "unwords.h"
