/* An array as a sequence of symbols: channel after channel, row after row. The one function
 * code_all is both coder and decoder, so that the two cannot come to differ; it is compiled once for each. */

/* Is there anything but zeros to come in this channel? Before the first choice only y tells. */
static int is_empty(const int32_t *q, const float *y, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (y ? y[i] > 0.5f || y[i] < -0.5f : q[i] != 0) return 0;
    return 1;
}

/* A channel of zeros: nothing to learn, but the sums over the channels fade, and the trellis
 * moves on (its states repeat after at most STATES zeros; 840 is a multiple of 1 to 8). */
static int skip_channel(Model *m, const Machine *machine, int state, size_t count)
{
    for (size_t i = 0; i < m->cells; i++) add_up(m, i, 0, 0);
    for (size_t i = count % 840 + (count >= 840 ? 840 : 0); i > 0; i--) state = machine->next[state][0];
    return state;
}

HOT int code_all(Coder *c, const int decoding, int32_t *q, int C, int h, int w, int trellis, int8_t *tilt, Chooser *choose)
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
            memset(q + i, 0, count * sizeof *q);
            if (tilt) memset(tilt + i, 0, count);
            state = skip_channel(m, machine, state, count);
            i += count;
            continue;
        }
        for (int row = 0; row < h && !c->failed; row++) {
            size_t at = (size_t)(row + PAD) * (size_t)m->pitch + PAD;
            if (stop_flag && *stop_flag) c->failed = STOPPED; /* after this row */
            start_row(m, at, row);
            for (int column = 0; column < w; column++, i++, at++) {
                const int quantiser = machine->quantiser[state], calm = calmness(m, at);
                int sure = 0, looked = 0;
                Surprise surprise = { { 0 }, { 0 }, NULL, NULL, 0, 0 };
                Context x;
                if (tilt) tilt[i] = 0;
                if (calm) {
                    if (calm == CALM) ask_calm(m, ch, at, &surprise);
                    else ask_flat(m, at, &surprise);
                    sure = surprise.p < CALM_MOST;
                }
                if (sure) {
                    if (choose) {
                        looked = calm == FLAT || choose->y[i] > 0.3f || choose->y[i] < -0.3f;
                        if (looked) look_around(m, ch, at, quantiser, &x);
                        price_symbol(m, choose, i, ch, looked ? &x : NULL, &surprise, quantiser, q + i);
                    }
                    if (!code_bit(c, decoding, surprise.p, q[i] != surprise.expected)) {
                        if (calm == CALM) learn_calm(&surprise, 0);
                        else move_counter(&m->flat, 0, COUNT_LIMIT);
                        q[i] = surprise.expected;
                        m->plane[VALUE][0][at] = (int16_t)q[i];
                        add_up(m, at, q[i], 0);
                        state = machine->next[state][0];
                        continue;
                    }
                }
                if (!looked) look_around(m, ch, at, quantiser, &x);
                if (choose && !sure) price_symbol(m, choose, i, ch, &x, NULL, quantiser, q + i);
                const int32_t index = code_symbol(m, c, decoding, &x, index_of(quantiser, q[i]), sure && calm == CALM && !x.wide);
                const int64_t value = value_of(quantiser, index);
                q[i] = (int32_t)(value > INT32_MAX ? INT32_MAX : value < INT32_MIN ? INT32_MIN : value);
                if (tilt) tilt[i] = (int8_t)tilt_of(&x, q[i]);
                if (calm == CALM) learn_calm(&surprise, index != 0);
                if (calm == FLAT) move_counter(&m->flat, q[i] != surprise.expected, COUNT_LIMIT);
                take_in(m, at, &x, q[i], index);
                state = machine->next[state][index & 1];
            }
            end_row(m, at);
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
    return code_all(c, 0, q, C, h, w, trellis, tilt, choose);
}

FOR_EACH_TARGET
static int decode_array(Coder *c, int32_t *q, int C, int h, int w, int8_t *tilt)
{
    return code_all(c, 1, q, C, h, w, 0, tilt, NULL);
}
