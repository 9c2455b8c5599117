// The search: breadth first, level by level, over packed states.  After the generated
// expand(), always_fails(), rest_fails().
//
// A slot of the hash table is 32 bits of hash above 1 + the number of the state; 0 is empty.  The
// place of a slot is given by those same 32, in proportion, so that growing reads no state, writes
// in order, and may be by any factor.

enum { RUNNING, COMPLETE, AT_LIMIT, NO_MEMORY, VIOLATION, RANGE };

struct Search {
    Worker *workers;
    uint32_t threads, shift; // a state's number is worker << shift | place
    uint64_t *table;
    uint64_t table_size;
    uint64_t capacity, limit, max_bytes, grow_at;
    uint64_t level, next, level_size;
    int64_t deadline;
    int stop_at_violation, pause, last_call; // last_call: the table cannot grow any more
};

#define BLOCK 256
#define LARGE (4u << 20) // slots: 32 MiB
#define RELEASE (1u << 20) // slots: 8 MiB, whole huge pages

static int64_t now_ms(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000ll + t.tv_nsec / 1000000;
}

static void *reserve(uint64_t bytes) {
    void *p = mmap(0, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (p == MAP_FAILED) return 0;
#ifdef MADV_HUGEPAGE
    madvise(p, bytes, MADV_HUGEPAGE);
#endif
    return p;
}

static inline uint64_t *state(const Search *s, uint32_t number) {
    const Worker *w = &s->workers[(uint64_t)number >> s->shift];
    return w->states + (number & ((1ull << s->shift) - 1)) * W;
}

static void sight(Worker *w, Sight *at, uint32_t number, uint32_t action, uint32_t choice) {
    *at = (Sight){number, action, choice, (uint32_t)w->search->level, 1};
}

static inline uint32_t hash(const uint64_t *s) {
    uint64_t h = 0x9e3779b97f4a7c15ull;
#pragma GCC unroll 16
    for (int i = 0; i < W; i++) {
        h = (h ^ s[i]) * 0xd6e8feb86659fd93ull;
        h ^= h >> 32;
    }
    return (uint32_t)((h * 0xd6e8feb86659fd93ull) >> 32);
}

static inline uint64_t home(uint32_t tag, uint64_t size) { return tag * size >> 32; }

static inline uint64_t after(uint64_t p, uint64_t size) { return p + 1 == size ? 0 : p + 1; }

static inline int same(const uint64_t *a, const uint64_t *b) {
    uint64_t d = 0;
#pragma GCC unroll 16
    for (int i = 0; i < W; i++) d |= a[i] ^ b[i];
    return d == 0;
}

static uint64_t total(const Search *s) {
    uint64_t n = 0;
    for (uint32_t t = 0; t < s->threads; t++) n += __atomic_load_n(&s->workers[t].count, __ATOMIC_RELAXED);
    return n;
}

static uint64_t bytes_used(const Search *s) {
    return 8 * s->table_size + total(s) * (W * 8 + 4);
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
static inline uint32_t place(Worker *w, const uint64_t *item, uint32_t origin) {
    uint64_t *to = w->states + w->count * W;
    for (int i = 0; i < W; i++) to[i] = item[i];
    w->parent[w->count] = origin;
    return (uint32_t)((uint64_t)w->number << w->search->shift | w->count);
}

static inline __attribute__((always_inline)) void flush_batch(Worker *w, const int shared) {
    Search *s = w->search;
    uint64_t *table = s->table;
    const uint64_t size = s->table_size;
    const uint32_t n = (uint32_t)((w->out - w->batch) / W);
    uint32_t tags[BATCH + SUCCESSORS], at[BATCH + SUCCESSORS], which[BATCH + SUCCESSORS], kept = 0;
    // Three passes, so that the memory for all of them is on its way before any is looked at.
    for (uint32_t i = 0; i < n; i++) {
        const uint64_t *item = w->batch + (uint64_t)i * W;
        uint32_t tag = hash(item);
        uint64_t *recent = w->recent + (uint64_t)(tag % RECENT) * W;
        if (same(recent, item)) continue;
        for (int k = 0; k < W; k++) recent[k] = item[k];
        __builtin_prefetch(&table[home(tag, size)]);
        tags[kept] = tag;
        which[kept++] = i;
    }
    for (uint32_t i = 0; i < kept; i++) {
        uint64_t p = home(tags[i], size), slot;
        while ((slot = __atomic_load_n(&table[p], __ATOMIC_ACQUIRE)) && slot >> 32 != tags[i]) p = after(p, size);
        at[i] = (uint32_t)p;
        if (slot) __builtin_prefetch(state(s, (uint32_t)slot - 1));
    }
    for (uint32_t i = 0; i < kept; i++) {
        const uint64_t *item = w->batch + (uint64_t)which[i] * W;
        uint64_t p = at[i];
        for (;;) {
            uint64_t slot = __atomic_load_n(&table[p], __ATOMIC_ACQUIRE);
            if (!slot) {
                uint32_t number = place(w, item, w->origin[which[i]]);
                uint64_t mine = (uint64_t)tags[i] << 32 | (number + 1);
                int won = 1;
                if (shared)
                    won = __atomic_compare_exchange_n(&table[p], &slot, mine, 0, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE);
                else
                    table[p] = mine;
                if (won) {
                    __atomic_store_n(&w->count, w->count + 1, __ATOMIC_RELAXED);
                    uint64_t set = always_fails(item);
                    if (set) fails(w, set, number);
                    break;
                }
            }
            if (slot >> 32 == tags[i] && same(state(s, (uint32_t)slot - 1), item)) break;
            p = after(p, size);
        }
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

static int allocate_table(Search *s, uint64_t size) {
    uint64_t *old = s->table, *table = reserve(8 * size);
    if (!table) return 0;
    for (uint64_t i = 0; i < s->table_size; i++) {
        // Read and written in step: what has been read goes back at once, so that both are never there whole.
        if (i && i % RELEASE == 0) madvise(old + i - RELEASE, 8 * RELEASE, MADV_DONTNEED);
        if (!old[i]) continue;
        uint64_t p = home((uint32_t)(old[i] >> 32), size);
        while (table[p]) p = after(p, size);
        table[p] = old[i];
    }
    if (old) munmap(old, 8 * s->table_size);
    s->table = table;
    s->table_size = size;
    s->grow_at = size / 5 * 4;
    return 1;
}

// Twice the table, once it is large a quarter more, while that fits beside the states; then fill up what there is.
static int make_room(Search *s) {
    uint64_t size = s->table_size < LARGE ? s->table_size * 2 : s->table_size / 4 * 5;
    uint64_t bytes = bytes_used(s) + 8 * (size - s->table_size) + 16 * RELEASE;
    if (size < LARGE) bytes = bytes_used(s) + 8 * size;
    if (!s->last_call && size <= 1ull << 32 && bytes <= s->max_bytes && allocate_table(s, size)) return 1;
    s->last_call = 1;
    s->grow_at = s->table_size / 16 * 15;
    return total(s) + slack(s) <= s->grow_at;
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
        if (total(s) + slack(s) > s->grow_at && !make_room(s)) return NO_MEMORY;
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
    if (s->table) munmap(s->table, 8 * s->table_size);
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

uint32_t vrx_find(const Search *s, const uint64_t *item) {
    uint32_t tag = hash(item);
    for (uint64_t p = home(tag, s->table_size);; p = after(p, s->table_size)) {
        uint64_t slot = s->table[p];
        if (!slot) return NONE;
        if (slot >> 32 == tag && same(state(s, (uint32_t)slot - 1), item)) return (uint32_t)slot - 1;
    }
}
