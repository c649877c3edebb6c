/* Prediction by least squares, learnt as the array goes by.
 *
 * The normal equations A w = b of all samples seen are kept (integers; halved before they could
 * overflow), and after each sample a few of the unknowns are solved for in turn (Gauss-Seidel),
 * starting from the weights held so far. This comes within noise of recursive least squares and
 * needs no inverse, so it cannot blow up and is exact in integers. [n] features, |x| <= X_MAX.
 */

enum { LS_MAX = 32, X_MAX = 1023, W_BITS = 16, W_MAX = 4 << W_BITS };

typedef struct {
    int n, next, seen;
    int32_t A[LS_MAX][LS_MAX];
    int32_t b[LS_MAX];
    int32_t w[LS_MAX]; /* in 1/65536 */
} Squares;

/* Adds a prior: `weight` samples' worth of belief in the weights w0. */
static void add_prior(Squares *s, const int32_t *w0, int32_t weight)
{
    for (int i = 0; i < s->n; i++) {
        s->A[i][i] += weight;
        s->b[i] += (int32_t)((int64_t)weight * w0[i] / 65536);
    }
}

static void start_squares(Squares *s, int n, const int32_t *w0, int32_t weight)
{
    memset(s, 0, sizeof *s);
    s->n = n;
    add_prior(s, w0, weight);
    for (int i = 0; i < n; i++) s->w[i] = w0[i];
}

/* Scales what is known by keep/256, which lets a new channel differ from the last. */
static void fade_squares(Squares *s, int keep, const int32_t *w0, int32_t weight)
{
    for (int i = 0; i < s->n; i++) {
        for (int j = 0; j < s->n; j++) s->A[i][j] = (int32_t)((int64_t)s->A[i][j] * keep / 256);
        s->b[i] = (int32_t)((int64_t)s->b[i] * keep / 256);
    }
    add_prior(s, w0, weight);
}

/* Sum of w x, in 1/65536 of the target's unit. n is s->n, as a constant the loop can unroll by. */
HOT int64_t predict_squares(const Squares *s, const int16_t *x, const int n)
{
    int64_t sum = 0;
    for (int i = 0; i < n; i++) sum += (int64_t)s->w[i] * x[i];
    return sum;
}

static void halve_squares(Squares *s)
{
    for (int i = 0; i < s->n; i++) {
        if (s->A[i][i] > 1 << 28 || s->b[i] > 1 << 28 || s->b[i] < -(1 << 28)) {
            for (int j = 0; j < s->n; j++) {
                for (int k = 0; k < s->n; k++) s->A[j][k] /= 2;
                s->b[j] /= 2;
            }
            return;
        }
    }
}

/* Takes in one sample (x, target) and solves for `steps` of the unknowns. */
HOT void learn_squares(Squares *s, const int16_t *x, int target, int steps, const int n)
{
    for (int i = 0; i < n; i++) {
        const int16_t xi = x[i]; /* often 0, but a branch on that costs more than it saves */
        int32_t *restrict row = s->A[i];
        for (int j = 0; j < n; j++) row[j] += (int32_t)xi * x[j];
        s->b[i] += xi * target;
    }
    /* 256 samples add at most 2^28 to an entry: nothing passes 2^30 between two looks */
    if (!(++s->seen & 255)) halve_squares(s);
    for (int k = 0; k < steps; k++) {
        const int i = s->next;
        const int32_t *row = s->A[i];
        s->next = i + 1 == n ? 0 : i + 1;
        int64_t rest = (int64_t)s->b[i] * 65536;
        for (int j = 0; j < n; j++) rest -= (int64_t)row[j] * s->w[j];
        if (row[i] <= 0) continue;
        int64_t w = s->w[i] + rest / row[i];
        s->w[i] = (int32_t)(w > W_MAX ? W_MAX : w < -W_MAX ? -W_MAX : w);
    }
}
