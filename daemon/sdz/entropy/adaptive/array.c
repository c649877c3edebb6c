/* An array as a sequence of symbols: channel after channel, row after row. The one function
 * code_all is both coder and decoder, so that the two cannot come to differ; it is compiled once for each. */

/* Is there anything but zeros to come in this channel? Before the first choice only y tells. */
static int is_empty(const int32_t *q, const float *y, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (y ? y[i] > 0.5f || y[i] < -0.5f : q[i] != 0) return 0;
    return 1;
}

/* The state after so many even symbols: states repeat after at most STATES of them, and 840 is a
 * multiple of 1 to 8. */
static int even_steps(const Machine *machine, int state, size_t count)
{
    for (size_t i = count % 840 + (count >= 840 ? 840 : 0); i > 0; i--) state = machine->next[state][0];
    return state;
}

/* A channel of zeros: nothing to learn, but the sums over the channels fade, and the trellis
 * moves on. */
static int skip_channel(Model *m, const Machine *machine, int state, size_t count)
{
    int32_t moved = 0;
    for (size_t i = 0; i < m->cells && !m->faded; i++) {
        const int32_t sum = m->sum[i], rest_sum = m->rest_sum[i];
        add_up(m, i, 0, 0);
        moved |= (m->sum[i] ^ sum) | (m->rest_sum[i] ^ rest_sum);
    }
    m->faded = !moved;
    return even_steps(machine, state, count);
}

/* Work of a decoder, in steps of about 5 ns: what a symbol takes in a quiet run, in a flat or a settled calm place,
 * in a calm one that learns, and in any other; and there each decision. docs/format.md, "Limits". */
enum { WORK_QUIET = 1, WORK_SETTLED = 2, WORK_CALM = 5, WORK_LOUD = 90, WORK_DECISION = 18 };

/* Takes what was done since from what may be done; 0 if that was too much. */
static int work_off(int64_t done)
{
#if defined(_MSC_VER)
    return !work_left || _InterlockedExchangeAdd64(work_left, -done) >= done;
#else
    return !work_left || __atomic_fetch_sub(work_left, done, __ATOMIC_RELAXED) >= done;
#endif
}

/* Who takes rows as they are decoded: `rows` of a channel lie at the start of the array, which has room for
 * `room`, and are overwritten by the next. Not 0: enough. */
typedef struct {
    int (*take)(int rows);
    int room;
} Taker;

HOT int code_all(Coder *c, const int decoding, int32_t *q, int C, int h, int w, int trellis, int8_t *tilt, Chooser *choose,
                 const Taker *taker)
{
    trellis = code_bit(c, decoding, 32768, trellis);
    const Machine *machine = &machines[trellis];
    const size_t count = (size_t)h * (size_t)w;
    Model *m = malloc(sizeof *m);
    if (!m) return NO_MEMORY;
    if (!start_model(m, C, h, w, trellis)) {
        end_model(m);
        free(m);
        return NO_MEMORY;
    }
    int state = 0, was_empty = 0;
    size_t i = 0; /* of the symbol in q */
    Surprise calm_place, flat_place;
    memset(&calm_place, 0, sizeof calm_place);
    memset(&flat_place, 0, sizeof flat_place);
    for (int ch = 0; ch < C && !c->failed; ch++) {
        if (stop_flag && *stop_flag) {
            c->failed = STOPPED;
            break;
        }
        start_channel(m, ch);
        const float *y = choose && choose->greedy ? choose->y + i : NULL;
        const int empty = code_counter(c, decoding, &m->empty[was_empty], !decoding && is_empty(q + i, y, count), 20);
        was_empty = empty;
        if (empty) {
            for (size_t j = 0; choose && j < count; j++) price_symbol(m, choose, i + j, ch, NULL, NULL, 0, q + i + j);
            state = skip_channel(m, machine, state, count);
            if (taker) {
                memset(q, 0, (size_t)taker->room * (size_t)w * sizeof *q);
                for (int row = 0; row < h && !c->failed; row += taker->room)
                    if (taker->take(h - row < taker->room ? h - row : taker->room)) c->failed = STOPPED;
                continue;
            }
            /* pages that nobody has written to stay so: 192 empty channels take no memory */
            if (!is_empty(q + i, NULL, count)) memset(q + i, 0, count * sizeof *q);
            if (tilt) memset(tilt + i, 0, count);
            i += count;
            continue;
        }
        m->faded = 0;
        for (int row = 0; row < h && !c->failed; row++) {
            const int line = row % m->rows;
            if (row && !line) next_band(m);
            size_t at = (size_t)(line + PAD) * (size_t)m->pitch + PAD;
            int64_t work = 0;
            int look_from = 0; /* the first column where a quiet run may be looked for */
            if (stop_flag && *stop_flag) c->failed = STOPPED; /* after this row */
            start_row(m, at, row);
            for (int column = 0; column < w; column++, i++, at++) {
                const int quantiser = machine->quantiser[state], calm = calmness(m, at);
                int sure = 0, looked = 0;
                Surprise *surprise = calm == CALM ? &calm_place : &flat_place;
                Context x;
                if (tilt) tilt[i] = 0;
                if (calm) {
                    if (calm == CALM) ask_calm(m, ch, at, surprise);
                    else ask_flat(m, at, surprise);
                    sure = surprise->p < CALM_MOST;
                    if (decoding && column >= look_from && sure && (calm == CALM ? surprise->settled : flat_settled(m))) {
                        const int run = quiet_run(m, at, w - column, calm);
                        const int n = run >= QUIET_LEAST ? decode_zeros(c, surprise->p, run) : 0;
                        look_from = column + n + QUIET_LEAST;
                        if (n) {
                            enter_run(m, at, n, surprise->expected, q + i);
                            if (tilt) memset(tilt + i, 0, (size_t)n);
                            if (calm == CALM) *surprise->seen = (uint16_t)(*surprise->seen + n < SEEN_MOST ? *surprise->seen + n : SEEN_MOST);
                            state = even_steps(machine, state, (size_t)n);
                            work += (int64_t)n * WORK_QUIET;
                            i += (size_t)n - 1, at += (size_t)n - 1, column += n - 1;
                            continue;
                        }
                    }
                }
                if (sure) {
                    if (choose) {
                        looked = calm == FLAT || choose->y[i] > 0.3f || choose->y[i] < -0.3f;
                        if (looked) look_around(m, ch, at, quantiser, &x);
                        price_symbol(m, choose, i, ch, looked ? &x : NULL, surprise, quantiser, q + i);
                    }
                    if (!code_bit(c, decoding, surprise->p, q[i] != surprise->expected)) {
                        if (calm == CALM) learn_calm(surprise, 0);
                        else move_counter(&m->flat, 0, COUNT_LIMIT);
                        work += calm == FLAT || surprise->settled ? WORK_SETTLED : WORK_CALM;
                        q[i] = surprise->expected;
                        m->plane[VALUE][0][at] = (int16_t)q[i];
                        add_up(m, at, q[i], 0);
                        state = machine->next[state][0];
                        continue;
                    }
                }
                work += WORK_LOUD;
                c->decisions = 0;
                if (!looked) look_around(m, ch, at, quantiser, &x);
                if (choose && !sure) price_symbol(m, choose, i, ch, &x, NULL, quantiser, q + i);
                const int32_t index = code_symbol(m, c, decoding, &x, index_of(quantiser, q[i]), sure && calm == CALM && !x.wide);
                work += c->decisions * WORK_DECISION;
                const int64_t value = value_of(quantiser, index);
                q[i] = (int32_t)(value > INT32_MAX ? INT32_MAX : value < INT32_MIN ? INT32_MIN : value);
                if (tilt) tilt[i] = (int8_t)tilt_of(&x, q[i]);
                if (calm == CALM) learn_calm(surprise, index != 0);
                if (calm == FLAT) move_counter(&m->flat, q[i] != surprise->expected, COUNT_LIMIT);
                take_in(m, at, &x, q[i], index);
                state = machine->next[state][index & 1];
            }
            end_row(m, at);
            if (decoding && !work_off(work)) c->failed = TOO_MUCH;
            if (taker && ((row + 1) % taker->room == 0 || row + 1 == h)) {
                if (!c->failed && taker->take(row % taker->room + 1)) c->failed = STOPPED;
                i = 0;
            }
        }
        end_channel(m);
    }
    end_model(m);
    free(m);
    return c->failed;
}

FOR_EACH_TARGET
static int encode_array(Coder *c, int32_t *q, int C, int h, int w, int trellis, int8_t *tilt, Chooser *choose)
{
    return code_all(c, 0, q, C, h, w, trellis, tilt, choose, NULL);
}

FOR_EACH_TARGET
static int decode_array(Coder *c, int32_t *q, int C, int h, int w, int8_t *tilt, const Taker *taker)
{
    return code_all(c, 1, q, C, h, w, 0, tilt, NULL, taker);
}
