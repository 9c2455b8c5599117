// The search: breadth first, level by level, over packed states.  After the generated
// expand(), always_fails(), rest_fails(), and the table.

enum { RUNNING, COMPLETE, AT_LIMIT, NO_MEMORY, VIOLATION, RANGE };
enum { OLD, TAKEN, OTHER };

#define BLOCK 256

static int64_t now_ms(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000ll + t.tv_nsec / 1000000;
}

static void sight(Worker *w, Sight *at, uint32_t number, uint32_t action, uint32_t choice) {
    *at = (Sight){number, action, choice, (uint32_t)w->search->level, 1};
}

// What may be added before anyone looks at the limits again.
static uint64_t slack(const Search *s) {
    return s->threads * (uint64_t)BLOCK * SUCCESSORS;
}

static void fails(Worker *w, uint64_t set, uint32_t number) {
    for (; set; set &= set - 1) {
        Sight *f = &w->failed[__builtin_ctzll(set)];
        if (!f->seen) sight(w, f, number, 0, 0);
    }
}

// Give a new state its number.  It is in the worker's array before anyone can find it in the table.
INLINE uint32_t place(Worker *w, const uint64_t *item, uint32_t origin) {
    uint64_t *to = w->states + w->count * W;
    for (int i = 0; i < W; i++) to[i] = item[i];
    w->parent[w->count] = origin;
    return (uint32_t)((uint64_t)w->number << w->search->shift | w->count);
}

// Take a slot that no tag names yet, unless another thread has it; then whether it put this very state there.
INLINE int claim(Worker *w, uint64_t *line, uint32_t at, const uint64_t *item, uint32_t tag, uint32_t entry) {
    uint32_t *slot = &slots(line)[at], there = __atomic_load_n(slot, __ATOMIC_ACQUIRE);
    if (!there && __atomic_compare_exchange_n(slot, &there, entry, 0, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) {
        __atomic_fetch_or(&line[TAGS + at / 4], (uint64_t)tag << at % 4 * 16, __ATOMIC_RELEASE);
        return TAKEN;
    }
    return same(state(w->search, there - 1), item) ? OLD : OTHER;
}

// Whether a state is new; then it is in the table, with the number that is next.
INLINE int insert(Worker *w, const uint64_t *item, uint32_t h, uint32_t origin, const int shared) {
    const Search *s = w->search;
    const uint64_t first = home(h, s->lines);
    for (uint64_t p = first;; p++) {
        uint64_t *line = s->table + p * LINE;
        // Which slots are free is read first: one that another thread fills in between is looked at once too often.
        uint32_t slot = first_free(line);
        for (uint32_t set = tagged(line, h & 0xffff); set; set &= set - 1)
            if (same(state(s, slots(line)[__builtin_ctz(set)] - 1), item)) return 0;
        if (slot == SLOTS) continue;
        uint32_t number = place(w, item, origin);
        if (!shared) {
            slots(line)[slot] = number + 1;
            line[TAGS + slot / 4] |= (uint64_t)(h & 0xffff) << slot % 4 * 16;
            if (p != first) line[TAGS + 2] |= away_bits(slot, p - first);
            return 1;
        }
        for (; slot < SLOTS; slot++) {
            int what = claim(w, line, slot, item, h & 0xffff, number + 1);
            if (what == OLD) return 0;
            if (what == OTHER) continue;
            if (p != first) __atomic_fetch_or(&line[TAGS + 2], away_bits(slot, p - first), __ATOMIC_RELAXED);
            return 1;
        }
    }
}

INLINE void flush_batch(Worker *w, const int shared) {
    Search *s = w->search;
    const uint64_t lines = s->lines;
    const uint32_t n = (uint32_t)((w->out - w->batch) / W);
    uint32_t hashes[BATCH + SUCCESSORS], which[BATCH + SUCCESSORS], further[BATCH + SUCCESSORS], kept = 0, full = 0;
    // Four passes, so that the memory for all of them is on its way before any is looked at.
    for (uint32_t i = 0; i < n; i++) {
        const uint64_t *item = w->batch + (uint64_t)i * W;
        uint32_t h = hash(item);
        uint64_t *recent = w->recent + (uint64_t)(h % RECENT) * W;
        if (same(recent, item)) continue;
        for (int k = 0; k < W; k++) recent[k] = item[k];
        __builtin_prefetch(s->table + home(h, lines) * LINE);
        hashes[kept] = h;
        which[kept++] = i;
    }
    for (uint32_t i = 0; i < kept; i++) {
        uint64_t *line = s->table + home(hashes[i], lines) * LINE;
        uint32_t set = tagged(line, hashes[i] & 0xffff);
        if (set) {
            __builtin_prefetch(state(s, slots(line)[__builtin_ctz(set)] - 1));
        } else if (first_free(line) == SLOTS) {
            __builtin_prefetch(line + LINE);
            further[full++] = i;
        }
    }
    for (uint32_t i = 0; i < full; i++) {
        uint64_t *line = s->table + (home(hashes[further[i]], lines) + 1) * LINE;
        uint32_t set = tagged(line, hashes[further[i]] & 0xffff);
        if (set) __builtin_prefetch(state(s, slots(line)[__builtin_ctz(set)] - 1));
        else if (first_free(line) == SLOTS) __builtin_prefetch(line + LINE);
    }
    for (uint32_t i = 0; i < kept; i++) {
        const uint64_t *item = w->batch + (uint64_t)which[i] * W;
        if (!insert(w, item, hashes[i], w->origin[which[i]], shared)) continue;
        uint64_t set = always_fails(item);
        if (set) fails(w, set, (uint32_t)((uint64_t)w->number << s->shift | w->count));
        __atomic_store_n(&w->count, w->count + 1, __ATOMIC_RELAXED);
    }
    w->transitions += n;
    w->out = w->batch;
#ifdef GRAPH
    w->label = w->labels;
#endif
}

static void flush(Worker *w) {
    if (w->search->threads > 1) flush_batch(w, 1);
    else flush_batch(w, 0);
}

static void expand_state(Worker *w, uint32_t number) {
    const uint64_t *s = state(w->search, number);
    uint64_t *before = w->out;
    w->current = number;
    if (!expand(w, s)) {
        w->rests++;
        uint64_t set = rest_fails(s);
        if (set) fails(w, set, number);
    }
    for (uint64_t i = (before - w->batch) / W, n = (w->out - w->batch) / W; i < n; i++) w->origin[i] = number;
    if (w->out - w->batch >= BATCH * W) flush(w);
}

// The state at a place of the level, which lies in pieces in the workers' arrays.
static uint32_t of_level(const Search *s, uint64_t at) {
    for (uint32_t t = 0;; t++) {
        uint64_t n = s->workers[t].high - s->workers[t].low;
        if (at < n) return (uint32_t)((uint64_t)t << s->shift | (s->workers[t].low + at));
        at -= n;
    }
}

static int violated(const Search *s) {
    for (uint32_t t = 0; t < s->threads; t++)
        for (int p = 0; p < PROPERTIES; p++)
            if (s->workers[t].failed[p].seen) return 1;
    return 0;
}

static int must_pause(Search *s, Worker *w) {
    uint64_t n = total(s);
    if (w->error.seen || (s->limit && n >= s->limit) || n + slack(s) > s->grow_at) return 1;
    if (w->count + slack(s) > s->capacity || (s->stop_at_violation && violated(s))) return 1;
    return now_ms() >= s->deadline;
}

static void *work(void *argument) {
    Worker *w = argument;
    Search *s = w->search;
    while (!__atomic_load_n(&s->pause, __ATOMIC_RELAXED)) {
        // Close to the limit of states, one state at a time.
        uint64_t block = s->limit && total(s) + slack(s) >= s->limit ? 1 : BLOCK;
        uint64_t at = __atomic_fetch_add(&s->next, block, __ATOMIC_RELAXED);
        if (at >= s->level_size) break;
        uint64_t end = at + block < s->level_size ? at + block : s->level_size;
        for (; at < end; at++) expand_state(w, of_level(s, at));
        flush(w);
        if (must_pause(s, w)) __atomic_store_n(&s->pause, 1, __ATOMIC_RELAXED);
    }
    return 0;
}

static void run_level(Search *s) {
    pthread_t others[64];
    uint32_t started = 0;
    s->pause = 0;
    if (s->level_size - s->next > 8 * BLOCK)
        while (started + 1 < s->threads && !pthread_create(&others[started], 0, work, &s->workers[started + 1])) started++;
    work(&s->workers[0]);
    for (uint32_t i = 0; i < started; i++) pthread_join(others[i], 0);
    if (s->next > s->level_size) s->next = s->level_size;
}

static int next_level(Search *s) {
    s->level_size = s->next = 0;
    for (uint32_t t = 0; t < s->threads; t++) {
        Worker *w = &s->workers[t];
        w->low = w->high;
        w->high = w->count;
        s->level_size += w->high - w->low;
    }
    s->level += s->level_size != 0;
    return s->level_size != 0;
}

// Search on for some milliseconds.
int vrx_run(Search *s, int ms) {
    s->deadline = now_ms() + ms;
    for (;;) {
        for (uint32_t t = 0; t < s->threads; t++)
            if (s->workers[t].error.seen) return RANGE;
        if (s->stop_at_violation && violated(s)) return VIOLATION;
        if (s->next >= s->level_size && !next_level(s)) return COMPLETE;
        if (s->limit && total(s) >= s->limit) return AT_LIMIT;
        if (total(s) + slack(s) > s->grow_at && !make_room(s, slack(s))) return NO_MEMORY;
        if (bytes_used(s) + slack(s) * (W * 8 + 4) > s->max_bytes) return NO_MEMORY;
        for (uint32_t t = 0; t < s->threads; t++)
            if (s->workers[t].count + slack(s) > s->capacity) return NO_MEMORY;
        run_level(s);
        if (now_ms() >= s->deadline) return RUNNING;
    }
}

void vrx_free(Search *s) {
    if (!s) return;
    for (uint32_t t = 0; s->workers && t < s->threads; t++) {
        Worker *w = &s->workers[t];
        if (w->states) munmap(w->states, s->capacity * W * 8);
        if (w->parent) munmap(w->parent, s->capacity * 4);
        free(w->batch);
        free(w->recent);
        free(w->origin);
    }
    if (s->table) munmap(s->table, (s->most_lines + GUARD) * 8 * LINE);
    free(s->moving);
    free(s->workers);
    free(s);
}

Search *vrx_new(uint32_t threads, uint64_t limit, uint64_t max_bytes, int stop_at_violation) {
    Search *s = calloc(1, sizeof *s);
    if (!s) return 0;
    s->threads = threads;
    s->shift = 32;
    while (1u << (32 - s->shift) < threads) s->shift--;
    s->limit = limit;
    s->max_bytes = max_bytes;
    s->stop_at_violation = stop_at_violation;
    s->capacity = max_bytes / (W * 8 + 4) + 1;
    if (s->capacity > (1ull << s->shift) - 2) s->capacity = (1ull << s->shift) - 2;
    s->workers = aligned_alloc(128, threads * sizeof *s->workers);
    int good = s->workers != 0;
    if (good) memset(s->workers, 0, threads * sizeof *s->workers);
    for (uint32_t t = 0; good && t < threads; t++) {
        Worker *w = &s->workers[t];
        w->search = s;
        w->number = t;
        w->states = reserve(s->capacity * W * 8);
        w->parent = reserve(s->capacity * 4);
        w->out = w->batch = malloc((BATCH + SUCCESSORS) * W * 8);
        w->origin = malloc((BATCH + SUCCESSORS) * 4);
        w->recent = calloc(RECENT, W * 8);
        good = w->states && w->parent && w->batch && w->origin && w->recent;
    }
    if (!good || !allocate_table(s, 1 << 14 | 4 * slack(s))) {
        vrx_free(s);
        return 0;
    }
    const uint64_t first[W] = {INITIAL};
    memcpy(s->workers[0].batch, first, sizeof first);
    // What counts as recent has been found: from the start, that is the initial state, once it is in the table.
    for (uint32_t t = 0; t < threads; t++)
        for (uint64_t i = 0; i < RECENT; i++) memcpy(s->workers[t].recent + i * W, first, sizeof first);
    s->workers[0].recent[(uint64_t)(hash(first) % RECENT) * W] = ~first[0];
    s->workers[0].out += W;
    s->workers[0].origin[0] = NONE;
    for (uint32_t t = 0; t < threads; t++) flush(&s->workers[t]);
    s->workers[0].transitions = 0;
    return s;
}

// What was found: 0 states, 1 levels, 2 rests, 3 transitions, 4 bytes.
uint64_t vrx_count(const Search *s, int what) {
    uint64_t rests = 0, transitions = 0;
    for (uint32_t t = 0; t < s->threads; t++) {
        rests += s->workers[t].rests;
        transitions += s->workers[t].transitions;
    }
    const uint64_t all[] = {total(s), s->level, rests, transitions, bytes_used(s)};
    return all[what];
}

uint64_t vrx_fired(const Search *s, uint32_t action) {
    uint64_t n = 0;
    for (uint32_t t = 0; t < s->threads; t++) n += s->workers[t].fired[action];
    return n;
}

// The first sight of a property's failure (0), a mark (1), a value out of its range (2).
const Sight *vrx_sight(const Search *s, int kind, uint32_t which) {
    const Sight *best = 0;
    for (uint32_t t = 0; t < s->threads; t++) {
        const Worker *w = &s->workers[t];
        const Sight *at = kind == 0 ? &w->failed[which] : kind == 1 ? &w->marks[which] : &w->error;
        if (at->seen && (!best || at->level < best->level)) best = at;
    }
    return best;
}

uint32_t vrx_parent(const Search *s, uint32_t number) {
    return s->workers[(uint64_t)number >> s->shift].parent[number & ((1ull << s->shift) - 1)];
}

const uint64_t *vrx_states(const Search *s, uint32_t worker, uint64_t *count) {
    *count = s->workers[worker].count;
    return s->workers[worker].states;
}

const uint64_t *vrx_state(const Search *s, uint32_t number) { return state(s, number); }
