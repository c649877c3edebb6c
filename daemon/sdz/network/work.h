/* Making rows, by as many threads as the caller sends. A thread takes any stage that has what it needs and
 * that no other thread owns, the latest stage first, so that rows leave the caches finished. None waits
 * for another: where there is nothing to do it goes home, and the caller decides when to ask again. */

enum { STOPPED = -1, NOTHING_READY = 0, FINISHED = 1 };

/* How many rows the stage can make now. Its own counters are only read by their owner. */
static int ready(const Job *job, int index)
{
    const Stage *s = job->stages + index;
    const int left = s->rows - s->done, count = left < s->unit ? left : s->unit;
    if (!count) return 0;
    if (index && last_needed(s, s->done + count - 1) >= __atomic_load_n(&s[-1].done, __ATOMIC_ACQUIRE)) return 0;
    if (index + 1 < job->count && s->done + count - __atomic_load_n(&s[1].freed, __ATOMIC_ACQUIRE) > s->out.rows) return 0;
    return count;
}

/* 1 if rows were made. */
static int try_stage(Job *job, int index)
{
    Stage *s = job->stages + index;
    int free_now = 0;
    if (!__atomic_compare_exchange_n(&s->owned, &free_now, 1, 0, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED)) return 0;
    const int count = ready(job, index);
    if (count) {
        const int done = s->done;
        for (int r = done; r < done + count; r++) make_row(job, s, r);
        __atomic_store_n(&s->freed, first_needed(s, done + count), __ATOMIC_RELEASE);
        __atomic_store_n(&s->done, done + count, __ATOMIC_RELEASE);
    }
    __atomic_store_n(&s->owned, 0, __ATOMIC_RELEASE);
    return count > 0;
}

static int work(Job *job, const int32_t *stop)
{
    const Stage *last = job->stages + job->count - 1;
    for (;;) {
        if (__atomic_load_n(stop, __ATOMIC_RELAXED)) return STOPPED;
        int made = 0;
        for (int index = job->count - 1; index >= 0 && !made; index--) made = try_stage(job, index);
        if (made) continue;
        return __atomic_load_n(&last->done, __ATOMIC_ACQUIRE) == last->rows ? FINISHED : NOTHING_READY;
    }
}
