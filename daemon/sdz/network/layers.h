/* The layers, once for every kind of processor: included with the vocabulary of a simd_*.h, and with
 * NAME(x) giving each copy its own names.
 *
 * A tile is ROWS positions times a panel of outputs, in registers from the bias to the stored result.
 * Sums cannot pass 32 bits: whoever made the weights has proved it (checks.py). */

enum { NAME(VECTORS) = PANEL / LANES, NAME(HALF) = PANEL / LANES / 2 };

/* Two vectors of sums for each of up to twelve positions. They have names and no array: compilers store
 * an array back to memory in every round of the loop, which takes twice the time. */
#define EACH_ROW(DO) DO(0) DO(1) DO(2) DO(3) DO(4) DO(5) DO(6) DO(7) DO(8) DO(9) DO(10) DO(11)

HOT void NAME(sums)(const int rows, const Inputs *in, int first, const int16_t *w, const int32_t *bias,
                    V acc[][PANEL / LANES])
{
    for (int part = 0; part < NAME(VECTORS); part += 2) {
        const V bias_a = v_load(bias + part * LANES), bias_b = v_load(bias + (part + 1) * LANES);
#define BEGIN(r) V a##r = bias_a, b##r = bias_b;
        EACH_ROW(BEGIN)
#undef BEGIN
        const int16_t *at = w + part * LANES * 2;
        const size_t stride = in->stride;
        for (int g = 0; g < in->segments; g++) {
            const int16_t *x = in->at[g] + (size_t)first * stride;
            for (int k = 0; k < in->length; k += 2, x += 2, at += 2 * PANEL) {
                W wa, wb;
                w_load(&wa, &wb, at);
#define STEP(r) \
                if (r < rows) { \
                    const X pair = x_pair(x + r * stride); \
                    a##r = v_dot(a##r, pair, wa); \
                    b##r = v_dot(b##r, pair, wb); \
                }
                EACH_ROW(STEP)
#undef STEP
            }
        }
#define END(r) if (r < rows) { acc[r][part] = a##r; acc[r][part + 1] = b##r; }
        EACH_ROW(END)
#undef END
    }
}
#undef EACH_ROW

HOT void NAME(finish)(const int mode, const V *acc, const int32_t *shift, const Product *product,
                      int panel, size_t position, const Outputs *out)
{
    V s[PANEL / LANES];
    UNROLL
    for (int v = 0; v < NAME(VECTORS); v++) s[v] = v_shift(acc[v], v_load(shift + v * LANES));
    if (mode == GATE) {
        const int n = panel * PANEL / 2;
        UNROLL
        for (int v = 0; v < NAME(HALF); v++) {
            const int at = n + v * LANES;
            const V p = v_product(v_relu16(s[v]), v_limit16(s[v + NAME(HALF)]));
            s[v] = v_shift(v_add(p, v_load(product->half + at)), v_load(COUNTS(product) + at));
        }
        h_store(out->to + position * out->stride + n, h_pack(s));
        return;
    }
    UNROLL
    for (int half = 0; half < 2; half++) {
        const int n = panel * PANEL + half * PANEL / 2;
        H h = h_pack(s + half * NAME(HALF));
        if (mode == LEAKY) h = h_leaky(h);
        if (mode == ADD) h = h_add(h, h_load(out->plus + position * out->plus_stride + n));
        if (mode == LEVELS) h_store_levels(out->levels + position * out->stride + n, h);
        else h_store(out->to + position * out->stride + n, h);
    }
}

HOT void NAME(tile)(const int mode, const int rows, const Dense *layer, const Product *product,
                    const Inputs *in, int first, int panel, const Outputs *out)
{
    V acc[ROWS][PANEL / LANES];
    NAME(sums)(rows, in, first, layer->w + (size_t)panel * PANEL * (size_t)layer->K,
               layer->bias + panel * PANEL, acc);
    UNROLL
    for (int r = 0; r < rows; r++)
        NAME(finish)(mode, acc[r], COUNTS(layer) + panel * PANEL, product, panel, (size_t)(first + r), out);
}

/* Panels outside, positions inside: a panel of weights stays in the nearest cache. */
HOT void NAME(dense)(const int mode, const Dense *layer, const Product *product, const Inputs *in,
                     int count, const Outputs *out)
{
    for (int panel = 0; panel < layer->N / PANEL; panel++) {
        int p = 0;
        for (; p + ROWS <= count; p += ROWS) NAME(tile)(mode, ROWS, layer, product, in, p, panel, out);
        for (; p < count && count >= FEW; p += FEW)
            NAME(tile)(mode, FEW, layer, product, in, p + FEW > count ? count - FEW : p, panel, out);
        for (; p < count; p++) NAME(tile)(mode, 1, layer, product, in, p, panel, out);
    }
}

#define DENSE(name, mode) \
    static void NAME(name)(const Dense *layer, const Product *product, const Inputs *in, int count, Outputs out) \
    { \
        NAME(dense)(mode, layer, product, in, count, &out); \
    }
DENSE(dense_store, STORE)
DENSE(dense_leaky, LEAKY)
DENSE(dense_add, ADD)
DENSE(dense_gate, GATE)
DENSE(dense_levels, LEVELS)
#undef DENSE

/* Taps two by two, as the processors multiply: channels of two taps interleaved. */
static void NAME(depthwise)(const Depth *layer, const int16_t *above, const int16_t *here,
                            const int16_t *below, int count, int16_t *to)
{
    const size_t N = (size_t)layer->N;
    for (size_t c = 0; c < N; c += GROUP) {
        D w[5][2], bias[2], shift[2];
        UNROLL
        for (int i = 0; i < 5; i++) {
            const D first = d_load(layer->w + 2 * (size_t)i * N + c);
            const D second = d_load(layer->w + (2 * (size_t)i + 1) * N + c);
            w[i][0] = d_low(first, second);
            w[i][1] = d_high(first, second);
        }
        d_apart(bias, layer->bias + c);
        d_apart(shift, COUNTS(layer) + c);
        const int16_t *rows[3] = { above + c, here + c, below + c };
        for (int p = 0; p < count; p++) {
            D taps[10], low = bias[0], high = bias[1];
            UNROLL
            for (int i = 0; i < 9; i++) taps[i] = d_load(rows[i / 3] + ((size_t)p + (size_t)(i % 3)) * N);
            taps[9] = taps[8];
            UNROLL
            for (int i = 0; i < 5; i++) {
                low = d_dot(low, d_low(taps[2 * i], taps[2 * i + 1]), w[i][0]);
                high = d_dot(high, d_high(taps[2 * i], taps[2 * i + 1]), w[i][1]);
            }
            d_store(to + (size_t)p * N + c, d_pack(d_shift(low, shift[0]), d_shift(high, shift[1])));
        }
    }
}

static const Kernels NAME(kernels) = {
    { NAME(dense_store), NAME(dense_leaky), NAME(dense_add), NAME(dense_gate), NAME(dense_levels) },
    NAME(depthwise),
};
