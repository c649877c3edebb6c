/* The layers' vocabulary for 64-bit ARM. Words are explained in simd_plain.h. */

#define NAME(x) x##_neon
#include "words.h"
#define COUNTS(layer) ((layer)->shift)
#define LANES 4
#define ROWS 8
#define FEW 2
#define GROUP 8

typedef int32x4_t V;
typedef struct { int16x4_t first, second; } W; /* of each pair, for four outputs */
typedef int16x4_t X;
typedef struct { int16x8_t low, high; } H;
typedef int32x4_t D;

HOT V v_load(const int32_t *p) { return vld1q_s32(p); }
HOT void w_load(W *a, W *b, const int16_t *p)
{
    const int16x8x2_t apart = vld2q_s16(p);
    a->first = vget_low_s16(apart.val[0]);
    a->second = vget_low_s16(apart.val[1]);
    b->first = vget_high_s16(apart.val[0]);
    b->second = vget_high_s16(apart.val[1]);
}
HOT X x_pair(const int16_t *p)
{
    int32_t pair;
    memcpy(&pair, p, sizeof pair);
    return vreinterpret_s16_s32(vdup_n_s32(pair));
}
HOT V v_dot(V acc, X x, W w)
{
    return vmlal_lane_s16(vmlal_lane_s16(acc, w.first, x, 0), w.second, x, 1);
}
HOT V v_shift(V a, V count) { return vshlq_s32(a, vnegq_s32(count)); }
HOT V v_add(V a, V b) { return vaddq_s32(a, b); }
HOT V v_limit16(V a) { return vmovl_s16(vqmovn_s32(a)); }
HOT V v_relu16(V a) { return vmovl_s16(vmax_s16(vqmovn_s32(a), vdup_n_s16(0))); }
HOT V v_product(V a, V b) { return vmulq_s32(a, b); }
HOT H h_pack(const V *v)
{
    const H h = { vcombine_s16(vqmovn_s32(v[0]), vqmovn_s32(v[1])),
                  vcombine_s16(vqmovn_s32(v[2]), vqmovn_s32(v[3])) };
    return h;
}
HOT H h_load(const int16_t *p)
{
    const H h = { vld1q_s16(p), vld1q_s16(p + 8) };
    return h;
}
HOT void h_store(int16_t *p, H h)
{
    vst1q_s16(p, h.low);
    vst1q_s16(p + 8, h.high);
}
HOT H h_leaky(H h)
{
    const int16x8_t factor = vdupq_n_s16(LEAKY_FACTOR); /* vqrdmulh: (2 a b + 2^15) >> 16 */
    const H out = { vmaxq_s16(h.low, vqrdmulhq_s16(h.low, factor)),
                    vmaxq_s16(h.high, vqrdmulhq_s16(h.high, factor)) };
    return out;
}
HOT H h_add(H a, H b)
{
    const H h = { vqaddq_s16(a.low, b.low), vqaddq_s16(a.high, b.high) };
    return h;
}
HOT void h_store_levels(uint8_t *p, H h) { vst1q_u8(p, vcombine_u8(vqmovun_s16(h.low), vqmovun_s16(h.high))); }
HOT D d_load(const int16_t *p) { return vreinterpretq_s32_s16(vld1q_s16(p)); }
HOT void d_store(int16_t *p, D d) { vst1q_s16(p, vreinterpretq_s16_s32(d)); }
HOT D d_low(D a, D b)
{
    return vreinterpretq_s32_s16(vzip1q_s16(vreinterpretq_s16_s32(a), vreinterpretq_s16_s32(b)));
}
HOT D d_high(D a, D b)
{
    return vreinterpretq_s32_s16(vzip2q_s16(vreinterpretq_s16_s32(a), vreinterpretq_s16_s32(b)));
}
HOT void d_apart(D *to, const int32_t *p)
{
    to[0] = v_load(p);
    to[1] = v_load(p + 4);
}
HOT D d_dot(D acc, D a, D b)
{
    const int16x8_t x = vreinterpretq_s16_s32(a), w = vreinterpretq_s16_s32(b);
    const int32x4_t low = vmull_s16(vget_low_s16(x), vget_low_s16(w));
    return vaddq_s32(acc, vpaddq_s32(low, vmull_high_s16(x, w)));
}
HOT D d_shift(D a, D count) { return v_shift(a, count); }
HOT D d_pack(D low, D high)
{
    return vreinterpretq_s32_s16(vcombine_s16(vqmovn_s32(low), vqmovn_s32(high)));
}
#include "layers.h"
#include "unwords.h"
