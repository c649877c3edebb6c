/* What the layers are made of. Everything here is plain data that the caller owns.
 *
 * Activations are int16, position after position, a position's channels side by side. */

#define HOT static inline __attribute__((always_inline))
#if defined(__clang__)
#define UNROLL _Pragma("clang loop unroll(full)")
#else
#define UNROLL _Pragma("GCC unroll 16")
#endif

/* Outputs that are computed together. Every width is a multiple of it. */
enum { PANEL = 32 };
enum { LEAKY_FACTOR = 3277, LEAKY_SHIFT = 15 }; /* 0.1 */

/* What is done with a sum once it has been shifted and limited to int16. */
enum { STORE, LEAKY, ADD, GATE, LEVELS };

/* A dense layer of N outputs from K inputs, packed for the processor:
 * w [N / PANEL][K / 2][PANEL][2], bias (half of the shift's unit within) and shift [N].
 * Of a gate (its outputs are half as many), a panel's first half are gates, the other their values. */
typedef struct {
    const int16_t *w;
    const int32_t *bias;
    const int32_t *shift;   /* 2 to 30 */
    const int32_t *factor;  /* 2^(32 - shift), for processors that shift all lanes alike */
    int K, N;
} Dense;

/* 3x3 of every channel by itself: w [10][N], the tenth row zero. */
typedef struct {
    const int16_t *w;
    const int32_t *bias, *shift, *factor;
    int N;
} Depth;

/* The products of gates and values are shifted by these; `half` rounds them. */
typedef struct {
    const int32_t *half, *shift, *factor;
} Product;

typedef struct {
    Dense inner;
    Depth depth;
    Dense outer;
    Dense expand;
    Product product;
    Dense shrink;
} Block;

/* Where the inputs of a row of positions lie: `segments` runs of `length` numbers each, which are
 * together the K inputs of a position; every run moves on by `stride` for the next position. */
enum { MAX_SEGMENTS = 16 };
typedef struct {
    const int16_t *at[MAX_SEGMENTS];
    int segments, length;
    size_t stride;
} Inputs;

/* Where outputs go. `plus` (ADD only) is added to them and must not be `to`: where a row's number of
 * positions is no multiple of a tile's, the last ones are computed twice. */
typedef struct {
    int16_t *to;
    const int16_t *plus;
    uint8_t *levels; /* LEVELS only */
    size_t stride, plus_stride;
} Outputs;

/* One processor's way to compute a layer for `count` positions. */
typedef struct {
    void (*dense[LEVELS + 1])(const Dense *, const Product *, const Inputs *, int count, Outputs);
    /* above, here, below: the left neighbour of the first position in each row */
    void (*depthwise)(const Depth *, const int16_t *above, const int16_t *here, const int16_t *below,
                      int count, int16_t *to);
} Kernels;
