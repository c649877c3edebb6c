/* The constants of the model. They were found by coordinate descent on the summed size of
 * Stable Diffusion latents and of sparse block-transform coefficients, both as plain integers and
 * as trellis paths, and are broad optima: doubling or halving any one costs less than 0.3 %.
 * Changing one changes the stream.
 */

enum {
    /* counters (mix.c): how fast they settle and how soon they are believed */
    COUNT_LIMIT = 170, /* times seen after which a counter's rate stays as it is */
    RATE_DELTA = 26,   /* first step of a counter is 16/RATE_DELTA of the way */
    TRUST_NUM = 5,
    TRUST_DEN = 20,
    MAP_START = 49,
    MAP_LIMIT = 573,

    /* weights of a mix: rate, its extra at the start, how soon that fades; first values */
    MIX_RATE = 8,
    MIX_EXTRA = 23,
    MIX_FADE = 5,
    W_COUNTER = 5109,
    W_FITTED = 22262,
    W_SHARP = 5713,
    W_NEAR = 11525,
    W_LOCAL = 2857,
    W_SIZE = 2627,

    /* least squares (squares.c, look.c) */
    PRIOR_MEAN = 46,
    PRIOR_SIZE = 16000,
    KEEP_SIZE = 27, /* /256 of what one channel taught about sizes goes on to the next */
    BIAS_MEAN = 3,
    BIAS_SIZE = 6,
    STEPS_MEAN = 6,
    STEPS_NEAR = 2,
    STEPS_SIZE = 5,
    DULL_MEAN = 4, /* 1/16: a zero predicted this close to zero teaches nothing */
    DULL_SIZE = 6,

    /* guesses and contexts (look.c) */
    SIZE_MIN = 2,      /* 1/256 */
    SIZE_LOGIT = 500,  /* logistic units an octave of size is worth, before mixing */
    SCALE = 187,       /* /256: a logistic's scale for its mean absolute deviation */
    SCALE_MIN = 82,    /* 1/256 */
    SHARP = 418,       /* /256 */
    LOCAL = 1215,       /* /256 */
    LEVEL_STEP = 237,  /* 1/256 octave of size, a context */
    SIDE_PLAIN = 12,   /* 1/16 of a value, a context: where the prediction lies */
    SIDE_TRELLIS = 20,
    SUM_FADE = 26,     /* /256: what the sum over earlier channels loses at each */
    WIDE_MU = 157,      /* 1/16: predictions beyond this are counted from */
    WIDE_SIZE = 1850,  /* 1/256: so are symbols spread wider than this */
    CELL_LEVEL = 1900, /* log2 of size at which a cell gets its second half, less an octave */

    /* calm places (calm.c) */
    CALM_MOST = 1000,  /* /65536: with surprises likelier than this, look around after all */
    CALM_STEP = 346,   /* 1/256 octave of the sums, two contexts */
    CALM_RATE = 3,
    CALM_LIMIT = 142,
    W_CALM = 15306,
};
