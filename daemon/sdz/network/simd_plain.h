/* The layers' vocabulary in plain C99: what all other processors must equal.
 *
 * V: sums; W and X: weights and inputs in pairs; H: 16 numbers of int16; D: for depthwise layers, int16
 * or sums. COUNTS: what a shift is told by. A tile is ROWS (or FEW, or one) positions; depthwise layers go by GROUP channels. */

#define NAME(x) x##_plain
#include "words.h"
#define COUNTS(layer) ((layer)->shift)
#define LANES 4
#define ROWS 4
#define FEW 2
#define GROUP 8

typedef struct { int32_t at[4]; } V;
typedef struct { int16_t at[8]; } W;
typedef struct { int16_t at[2]; } X;
typedef struct { int16_t at[16]; } H;
typedef union { int16_t narrow[8]; int32_t wide[4]; } D;

HOT int32_t limit16(int32_t x) { return x < -32768 ? -32768 : x > 32767 ? 32767 : x; }
HOT V v_load(const int32_t *p)
{
    V v;
    memcpy(&v, p, sizeof v);
    return v;
}
HOT void w_load(W *a, W *b, const int16_t *p)
{
    memcpy(a, p, sizeof *a);
    memcpy(b, p + 8, sizeof *b);
}
HOT X x_pair(const int16_t *p)
{
    X x;
    memcpy(&x, p, sizeof x);
    return x;
}
HOT V v_dot(V acc, X x, W w)
{
    for (int i = 0; i < 4; i++) acc.at[i] += x.at[0] * w.at[2 * i] + x.at[1] * w.at[2 * i + 1];
    return acc;
}
HOT V v_shift(V a, V count)
{
    for (int i = 0; i < 4; i++) a.at[i] >>= count.at[i];
    return a;
}
HOT V v_add(V a, V b)
{
    for (int i = 0; i < 4; i++) a.at[i] += b.at[i];
    return a;
}
HOT V v_limit16(V a)
{
    for (int i = 0; i < 4; i++) a.at[i] = limit16(a.at[i]);
    return a;
}
HOT V v_relu16(V a)
{
    for (int i = 0; i < 4; i++) a.at[i] = a.at[i] < 0 ? 0 : limit16(a.at[i]);
    return a;
}
HOT V v_product(V a, V b)
{
    for (int i = 0; i < 4; i++) a.at[i] *= b.at[i];
    return a;
}
HOT H h_pack(const V *v)
{
    H h;
    for (int i = 0; i < 16; i++) h.at[i] = (int16_t)limit16(v[i / 4].at[i % 4]);
    return h;
}
HOT H h_load(const int16_t *p)
{
    H h;
    memcpy(&h, p, sizeof h);
    return h;
}
HOT void h_store(int16_t *p, H h) { memcpy(p, &h, sizeof h); }
HOT H h_leaky(H h)
{
    for (int i = 0; i < 16; i++)
        if (h.at[i] < 0)
            h.at[i] = (int16_t)((h.at[i] * LEAKY_FACTOR + (1 << (LEAKY_SHIFT - 1))) >> LEAKY_SHIFT);
    return h;
}
HOT H h_add(H a, H b)
{
    for (int i = 0; i < 16; i++) a.at[i] = (int16_t)limit16(a.at[i] + b.at[i]);
    return a;
}
HOT void h_store_levels(uint8_t *p, H h)
{
    for (int i = 0; i < 16; i++) p[i] = (uint8_t)(h.at[i] < 0 ? 0 : h.at[i] > 255 ? 255 : h.at[i]);
}
HOT D d_load(const int16_t *p)
{
    D d;
    memcpy(&d, p, sizeof d);
    return d;
}
HOT void d_store(int16_t *p, D d) { memcpy(p, &d, sizeof d); }
HOT D d_zip(D a, D b, int from)
{
    D d;
    for (int i = 0; i < 4; i++) {
        d.narrow[2 * i] = a.narrow[from + i];
        d.narrow[2 * i + 1] = b.narrow[from + i];
    }
    return d;
}
HOT D d_low(D a, D b) { return d_zip(a, b, 0); }
HOT D d_high(D a, D b) { return d_zip(a, b, 4); }
HOT void d_apart(D *to, const int32_t *p) { memcpy(to, p, 2 * sizeof *to); }
HOT D d_dot(D acc, D a, D b)
{
    for (int i = 0; i < 4; i++)
        acc.wide[i] += a.narrow[2 * i] * b.narrow[2 * i] + a.narrow[2 * i + 1] * b.narrow[2 * i + 1];
    return acc;
}
HOT D d_shift(D a, D count)
{
    for (int i = 0; i < 4; i++) a.wide[i] >>= count.wide[i];
    return a;
}
HOT D d_pack(D low, D high)
{
    D d;
    for (int i = 0; i < 4; i++) {
        d.narrow[i] = (int16_t)limit16(low.wide[i]);
        d.narrow[i + 4] = (int16_t)limit16(high.wide[i]);
    }
    return d;
}
#include "layers.h"
#include "unwords.h"
