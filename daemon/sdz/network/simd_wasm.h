/* The layers' vocabulary for WebAssembly with 128-bit vectors. Words are explained in simd_plain.h. */

#define NAME(x) x##_wasm
#include "words.h"
#define COUNTS(layer) ((layer)->factor)
#define LANES 4
#define ROWS 4
#define FEW 2
#define GROUP 8

typedef v128_t V;
typedef v128_t W;
typedef v128_t X;
typedef struct { v128_t low, high; } H;
typedef v128_t D;

HOT V v_load(const int32_t *p) { return wasm_v128_load(p); }
HOT void w_load(W *a, W *b, const int16_t *p)
{
    *a = wasm_v128_load(p);
    *b = wasm_v128_load(p + 8);
}
HOT X x_pair(const int16_t *p) { return wasm_v128_load32_splat(p); }
HOT V v_dot(V acc, X x, W w) { return wasm_i32x4_add(acc, wasm_i32x4_dot_i16x8(x, w)); }
/* Lanes cannot be shifted each by its own count, but multiplied: factor = 2^(32 - count), and the upper
 * halves of the 64-bit products are kept. */
HOT V v_shift(V a, V factor)
{
    const v128_t low = wasm_i64x2_extmul_low_i32x4(a, factor), high = wasm_i64x2_extmul_high_i32x4(a, factor);
    return wasm_i32x4_shuffle(low, high, 1, 3, 5, 7);
}
HOT V v_add(V a, V b) { return wasm_i32x4_add(a, b); }
HOT V v_limit16(V a)
{
    return wasm_i32x4_max(wasm_i32x4_min(a, wasm_i32x4_splat(32767)), wasm_i32x4_splat(-32768));
}
HOT V v_relu16(V a)
{
    return wasm_i32x4_max(wasm_i32x4_min(a, wasm_i32x4_splat(32767)), wasm_i32x4_splat(0));
}
HOT V v_product(V a, V b) { return wasm_i32x4_mul(a, b); }
HOT H h_pack(const V *v)
{
    const H h = { wasm_i16x8_narrow_i32x4(v[0], v[1]), wasm_i16x8_narrow_i32x4(v[2], v[3]) };
    return h;
}
HOT H h_load(const int16_t *p)
{
    const H h = { wasm_v128_load(p), wasm_v128_load(p + 8) };
    return h;
}
HOT void h_store(int16_t *p, H h)
{
    wasm_v128_store(p, h.low);
    wasm_v128_store(p + 8, h.high);
}
HOT H h_leaky(H h)
{
    const v128_t factor = wasm_i16x8_splat(LEAKY_FACTOR);
    const H out = { wasm_i16x8_max(h.low, wasm_i16x8_q15mulr_sat(h.low, factor)),
                    wasm_i16x8_max(h.high, wasm_i16x8_q15mulr_sat(h.high, factor)) };
    return out;
}
HOT H h_add(H a, H b)
{
    const H h = { wasm_i16x8_add_sat(a.low, b.low), wasm_i16x8_add_sat(a.high, b.high) };
    return h;
}
HOT void h_store_levels(uint8_t *p, H h) { wasm_v128_store(p, wasm_u8x16_narrow_i16x8(h.low, h.high)); }
HOT D d_load(const int16_t *p) { return wasm_v128_load(p); }
HOT void d_store(int16_t *p, D d) { wasm_v128_store(p, d); }
HOT D d_low(D a, D b) { return wasm_i16x8_shuffle(a, b, 0, 8, 1, 9, 2, 10, 3, 11); }
HOT D d_high(D a, D b) { return wasm_i16x8_shuffle(a, b, 4, 12, 5, 13, 6, 14, 7, 15); }
HOT void d_apart(D *to, const int32_t *p)
{
    to[0] = v_load(p);
    to[1] = v_load(p + 4);
}
HOT D d_dot(D acc, D a, D b) { return wasm_i32x4_add(acc, wasm_i32x4_dot_i16x8(a, b)); }
HOT D d_shift(D a, D factor) { return v_shift(a, factor); }
HOT D d_pack(D low, D high) { return wasm_i16x8_narrow_i32x4(low, high); }
#include "layers.h"
#include "unwords.h"
