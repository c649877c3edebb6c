/* rANS with 1 to 8 states that take turns, 32 bits each, renewed by 16; and the map of channels. */
#ifndef SDZ_TRAINED_LANES
#define SDZ_TRAINED_LANES

#define LEAST_STATE ((uint32_t)1 << 16)
#define TOTAL ((uint32_t)1 << BITS)

static int lanes_open(struct lanes *lanes, const uint8_t *data, int64_t length) {
    if (length < 2) return 0;
    uint32_t log_lanes = data[0] & 3, spared = data[0] >> 2 & 3, count = (uint32_t)1 << log_lanes;
    int64_t states = 4 * (int64_t)count - spared;
    if ((log_lanes && spared) || length < 1 + states || ((length - 1 - states) & 1)) return 0;
    const uint8_t *at = data + 1;
    for (uint32_t i = 0; i < count; i++) {
        lanes->state[i] = 0;
        for (uint32_t k = 0; k < 4 - spared; k++) lanes->state[i] |= (uint32_t)*at++ << 8 * k;
        if (log_lanes && lanes->state[i] < LEAST_STATE) return 0;
    }
    lanes->next = at, lanes->end = data + length;
    lanes->turn = 0, lanes->mask = count - 1;
    return 1;
}

/* The low BITS of the state whose turn it is. */
static inline uint32_t lanes_slot(const struct lanes *lanes) {
    return lanes->state[lanes->turn & lanes->mask] & (TOTAL - 1);
}

/* Takes the symbol of this interval, which holds the slot. */
static inline void lanes_take(struct lanes *lanes, uint32_t slot, uint32_t start, uint32_t frequency) {
    uint32_t *state = &lanes->state[lanes->turn++ & lanes->mask];
    uint32_t x = frequency * (*state >> BITS) + (slot - start);
    if (x < LEAST_STATE && lanes->next != lanes->end) {
        x = x << 16 | lanes->next[0] | (uint32_t)lanes->next[1] << 8;
        lanes->next += 2;
    }
    *state = x;
}

/* bits (at most BITS) that are as likely 0 as 1. */
static inline uint32_t lanes_raw(struct lanes *lanes, int bits) {
    uint32_t slot = lanes_slot(lanes), value = slot >> (BITS - bits);
    lanes_take(lanes, slot, value << (BITS - bits), TOTAL >> bits);
    return value;
}

/* Whether all is used up and the states are those an encoder begins with. */
static int lanes_closed(const struct lanes *lanes) {
    uint32_t first = lanes->mask ? LEAST_STATE : 0;
    if (lanes->next != lanes->end) return 0;
    for (uint32_t i = 0; i <= lanes->mask; i++)
        if (lanes->state[i] != first) return 0;
    return 1;
}

static inline void put(struct job *job, uint32_t start, uint32_t frequency) {
    job->operations[job->count++] = start << 16 | frequency;
}

static inline void put_raw(struct job *job, uint32_t value, int bits) {
    put(job, value << (BITS - bits), TOTAL >> bits);
}

static int64_t lanes_pack(const uint32_t *operations, int64_t count, int log_lanes, int lean,
                          uint8_t *out, int64_t room) {
    uint32_t state[8], mask = ((uint32_t)1 << log_lanes) - 1;
    for (uint32_t i = 0; i <= mask; i++) state[i] = mask ? LEAST_STATE : 0;
    uint8_t *at = out + room;
    for (int64_t i = count; i-- > 0;) {
        uint32_t start = operations[i] >> 16, frequency = operations[i] & 0xffff;
        uint32_t *x = &state[(uint32_t)i & mask];
        if ((uint64_t)*x >= (uint64_t)frequency << (32 - BITS)) {
            *--at = (uint8_t)(*x >> 8), *--at = (uint8_t)*x;
            *x >>= 16;
        }
        *x = (*x / frequency << BITS) + *x % frequency + start;
    }
    int spared = 0;
    for (uint32_t i = mask + 1; i-- > 0;) {
        if (!mask) while (spared < 3 && !(state[0] >> (24 - 8 * spared))) spared++;
        for (int k = 4 - spared; k-- > 0;) *--at = (uint8_t)(state[i] >> 8 * k);
    }
    *--at = (uint8_t)((uint32_t)lean << 4 | (uint32_t)spared << 2 | (uint32_t)log_lanes);
    return out + room - at;
}

/* The context of a channel in the map: how many of the eight before it are not empty. */
static uint32_t map_frequency(const struct job *job, int32_t channel) {
    int32_t count = 0;
    for (int32_t i = channel - 1; i >= 0 && i >= channel - 8; i--) count += job->filled[i];
    return job->s->map[count];
}

static void take_map(struct job *job, const uint8_t *filled) {
    job->slot_count = 0, job->done = 0;
    for (int32_t c = 0; c < job->s->channels; c++) {
        job->filled[c] = filled[c] != 0;
        if (filled[c]) job->slots[job->slot_count++] = c;
    }
}

static void write_map(struct job *job, const uint8_t *filled) {
    take_map(job, filled);
    for (int32_t c = 0; c < job->s->channels; c++) {
        uint32_t f = map_frequency(job, c);
        if (filled[c]) put(job, 0, f);
        else put(job, f, TOTAL - f);
    }
}

static void read_map(struct job *job) {
    for (int32_t c = 0; c < job->s->channels; c++) {
        uint32_t slot = lanes_slot(&job->lanes), f = map_frequency(job, c);
        job->filled[c] = slot < f;
        if (slot < f) lanes_take(&job->lanes, slot, 0, f);
        else lanes_take(&job->lanes, slot, f, TOTAL - f);
    }
}

#endif
