// The search: breadth first, level by level, over packed states.  After the generated expand(),
// always_fails(), rest_fails(), the table, and the steps that led to each state.

enum { RUNNING, COMPLETE, AT_LIMIT, NO_MEMORY, VIOLATION, RANGE, TOO_MANY };

static int64_t now_ms(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000ll + t.tv_nsec / 1000000;
}

RARELY void sight(Worker *w, Sight *at, uint32_t number, uint32_t action, uint32_t choice) {
    *at = (Sight){number, action, choice, (uint32_t)w->search->level, 0};
    __atomic_store_n(&at->seen, 1, __ATOMIC_RELEASE);
}

// A value does not fit its field: the search ends.
RARELY int outside(Worker *w, uint32_t action, uint32_t choice) {
    if (!w->error.seen) sight(w, &w->error, w->current, action, choice);
    return 1;
}

#define NEW_BYTES (sizeof(Kept) + sizeof(Step)) // of a new state, besides the table

// What may be added before anyone looks at the limits again.
static uint64_t slack(const Search *s) {
    return s->threads * ((uint64_t)BLOCK * SUCCESSORS + BATCH);
}

static void fails(Worker *w, uint64_t set, uint32_t number) {
    for (; set; set &= set - 1) {
        Sight *f = &w->failed[__builtin_ctzll(set)];
        if (!f->seen) sight(w, f, number, 0, 0);
    }
}

// A new state of the batch gets its number, and its place among those of the next level.
INLINE void keep(Worker *w, uint32_t which) {
    uint64_t set = always_fails(w->batch + (uint64_t)which * W);
    if (__builtin_expect(set != 0, 0)) fails(w, set, number_of(w, w->count));
    keep_at(w, which, w->next + (w->count - w->high));
    w->steps[w->count] = w->origin[which];
    __atomic_store_n(&w->count, w->count + 1, __ATOMIC_RELAXED);
}

// Look up the batch; what finds no room in the table stays in it.
INLINE int flush_batch(Worker *w, const int shared) {
    Search *s = w->search;
    const Shape *f = SHAPE_OF(s);
    const uint64_t lines = s->lines;
    const uint32_t n = (uint32_t)((w->out - w->batch) / W);
    uint32_t hashes[BATCH + SUCCESSORS], which[BATCH + SUCCESSORS], fresh = 0, kept = 0, i;
    number_parts(w);
    if (__atomic_load_n(&s->parts.too_many, __ATOMIC_ACQUIRE)) return 0; // keys are no keys any more
    // Three passes, so that the memory for all of them is on its way before any is looked at, and so that
    // the processor need not guess which are new.
    for (i = 0; i < n; i++) {
        const uint64_t *key = key_at(w, i);
        uint64_t body[BODY_WORDS];
        const uint32_t h = hash(key, body);
        which[fresh] = i;
        hashes[fresh] = h;
        fetch(s->table + home(h, lines) * LINE);
        fresh += !again(w, key, h);
    }
    for (i = 0; i < fresh; i++) {
        const uint32_t k = which[i], h = hashes[i];
        which[kept] = k;
        hashes[kept] = h;
        kept += !probably(f, s->table + home(h, lines) * LINE, h, key_at(w, k));
    }
    for (i = 0; i < kept; i++) {
        int what = insert(s, key_at(w, which[i]), hashes[i], shared);
        if (what == STUCK) break;
        if (what == NEW) keep(w, which[i]);
    }
    w->out = w->batch;
    w->transitions += n - (kept - i);
    if (i == kept) return 1;
    for (uint32_t to = 0; i < kept; i++, to++, w->out += W) {
        w->origin[to] = w->origin[which[i]];
        move_in_batch(w, to, which[i]);
        forget(w, to);
    }
    __atomic_store_n(&s->stuck, 1, __ATOMIC_RELAXED);
    return 0;
}

static int flush(Worker *w) {
    return w->search->threads > 1 ? flush_batch(w, 1) : flush_batch(w, 0);
}

static void expand_state(Worker *w, const Kept *k) {
    uint64_t room[W], *before = w->out;
    const uint64_t *s = opened(&w->search->parts, k, room);
#ifdef GRAPH
    w->label = w->labels; // a search reads none; the batch, from which states go again, may take more than have room here
#endif
    if (!expand(w, s)) {
        w->rests++;
        uint64_t set = rest_fails(s);
        if (set) fails(w, set, w->current);
    }
    add_keys(w, k, s, (uint64_t)(before - w->batch) / W, (Step)(w->done << STEP_BITS));
}

static int violated(const Search *s) {
    for (uint32_t t = 0; t < s->threads; t++)
        for (int p = 0; p < PROPERTIES; p++)
            if (__atomic_load_n(&s->workers[t].failed[p].seen, __ATOMIC_ACQUIRE)) return 1;
    return 0;
}

static int must_pause(Search *s, Worker *w) {
    uint64_t n = total(s);
    const uint64_t more = (n - s->total_before) * NEW_BYTES + bytes_of_parts(&s->parts) - s->parts_before;
    if (s->bytes_before + more > s->max_bytes || crowded(&s->parts)) return 1;
    if (w->error.seen || (s->limit && n >= s->limit) || n > s->grow_at) return 1;
    if (w->count + slack(s) > s->capacity || (s->stop_at_violation && violated(s))) return 1;
    return now_ms() >= s->deadline;
}

static uint64_t blocks(const Worker *w) { return (w->high - w->low + BLOCK - 1) / BLOCK; }

// The next block of the level, whose states lie in pieces with the workers.
static int take_block(Worker *w) {
    Search *s = w->search;
    uint64_t at = __atomic_fetch_add(&s->next, 1, __ATOMIC_RELAXED);
    if (at >= s->level_size) return 0;
    w->piece = 0;
    for (; at >= blocks(&s->workers[w->piece]); w->piece++) at -= blocks(&s->workers[w->piece]);
    const Worker *of = &s->workers[w->piece];
    uint64_t left = of->high - of->low - at * BLOCK;
    w->begin = at * BLOCK;
    w->size = left < BLOCK ? (uint32_t)left : BLOCK;
    w->done = 0;
    open_block(w, number_of(of, of->low + w->begin));
    return 1;
}

static int under_way(const Worker *w) { return w->done < w->size || w->out != w->batch; }

// The rest of a block: 0 when the table must grow first, or the limit of states is reached.
static int finish_block(Worker *w) {
    const Search *s = w->search;
    const Worker *of = &s->workers[w->piece];
    // Close to the limit, one state at a time.
    const int close = s->limit && total(s) + slack(s) >= s->limit;
    const Kept *item = of->now + w->begin + w->done;
    const uint32_t first = number_of(of, of->low + w->begin);
    while (w->done < w->size) {
        if ((w->out - w->batch >= BATCH * W || close) && !flush(w)) return 0;
        if (close && total(s) >= s->limit) return 0;
        w->current = first + w->done;
        expand_state(w, item);
        w->done++;
        item++;
    }
    return flush(w);
}

// A job: blocks of the level, until there are none left or something must be looked at.
static void work(Search *s, Worker *w) {
    while (!__atomic_load_n(&s->pause, __ATOMIC_RELAXED)) {
        if (!under_way(w) && !take_block(w)) break;
        if (!finish_block(w) || must_pause(s, w)) __atomic_store_n(&s->pause, 1, __ATOMIC_RELAXED);
    }
}

static int any_under_way(const Search *s) {
    for (uint32_t t = 0; t < s->threads; t++)
        if (under_way(&s->workers[t])) return 1;
    return 0;
}

static uint64_t bytes_used(const Search *s) {
    uint64_t bytes = LINE * (s->lines + GUARD) + bytes_of_parts(&s->parts);
    for (uint32_t t = 0; t < s->threads; t++) {
        const Worker *w = &s->workers[t];
        uint64_t found = w->count - w->high, half = w->next == w->halves[1];
        uint64_t states = w->most[!half] + (found > w->most[half] ? found : w->most[half]);
        bytes += states * sizeof(Kept) + w->count * sizeof(Step) + w->block_count * sizeof(Block);
    }
    return bytes;
}

static void run_level(Search *s) {
    s->pause = 0;
    s->total_before = total(s);
    s->bytes_before = bytes_used(s);
    s->parts_before = bytes_of_parts(&s->parts);
    for (uint32_t t = 1; t < s->threads; t++)
        if (under_way(&s->workers[t]) && !finish_block(&s->workers[t])) return;
    if (s->level_size > s->next + 8) together(&s->team, work, s, s->workers);
    else work(s, s->workers);
    if (s->next > s->level_size) s->next = s->level_size;
}

static int next_level(Search *s) {
    s->level_size = s->next = 0;
    for (uint32_t t = 0; t < s->threads; t++) {
        Worker *w = &s->workers[t];
        uint64_t found = w->count - w->high, half = w->next == w->halves[1];
        if (found > w->most[half]) w->most[half] = found;
        w->now = w->next;
#ifdef GRAPH
        w->next = w->now + found; // all are kept
        w->most[0] = w->count;
#else
        w->next = w->halves[!half];
#endif
        w->low = w->high;
        w->high = w->count;
        s->level_size += blocks(w);
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
        if (s->parts.too_many) return TOO_MANY;
        if (s->next >= s->level_size && !any_under_way(s) && !next_level(s)) return COMPLETE;
        if (s->limit && total(s) >= s->limit) return AT_LIMIT;
        if (!make_room(s)) return NO_MEMORY;
        if (bytes_used(s) + slack(s) * NEW_BYTES > s->max_bytes) return NO_MEMORY;
        for (uint32_t t = 0; t < s->threads; t++)
            if (s->workers[t].count + slack(s) > s->capacity) return NO_MEMORY;
        run_level(s);
        if (now_ms() >= s->deadline) return RUNNING;
    }
}

void vrx_free(Search *s) {
    if (!s) return;
    disperse(&s->team);
    // One more than there are threads: the one that states are found again with.
    for (uint32_t t = 0; s->workers && t <= s->threads; t++) {
        Worker *w = &s->workers[t];
        for (int half = 0; half < 2; half++)
            if (w->halves[half]) munmap(w->halves[half], s->half);
        if (w->steps) munmap(w->steps, s->capacity * sizeof(Step));
        if (w->blocks) munmap(w->blocks, s->capacity * sizeof(Block));
        free(w->batch);
#ifdef PARTS
        free(w->keys);
        free(w->kept);
#endif
        free(w->origin);
    }
    end_parts(&s->parts);
    if (s->table) munmap(s->table, (s->most_lines + GUARD) * LINE);
    free(s->lowest);
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
    s->capacity = max_bytes / (3 + sizeof(Step)) + 1;
    if (s->capacity > (1ull << s->shift) - 2) s->capacity = (1ull << s->shift) - 2;
    s->half = max_bytes + slack(s) * sizeof(Kept);
    s->workers = aligned_alloc(128, (threads + 1) * sizeof *s->workers);
    int good = s->workers != 0;
    if (good) memset(s->workers, 0, (threads + 1) * sizeof *s->workers);
    const uint64_t first[W] = {INITIAL};
    good = good && begin_parts(&s->parts, max_bytes + slack(s) * PART_BYTES, first);
    if (good) key_of(&s->parts, first, s->first);
    for (uint32_t t = 0; good && t <= threads; t++) {
        Worker *w = &s->workers[t];
        w->search = s;
        w->number = t;
        w->out = w->batch = malloc((BATCH + SUCCESSORS) * W * 8);
        w->origin = malloc((BATCH + SUCCESSORS + 4) * sizeof(Step));
        good = w->batch && w->origin;
#ifdef PARTS
        w->keys = malloc((BATCH + SUCCESSORS) * KEY * 8);
        w->kept = malloc((BATCH + SUCCESSORS) * sizeof *w->kept);
        good = good && w->keys && w->kept;
#endif
        for (int i = 0; i < RECENT; i++) memcpy(w->recent + i * W, first, sizeof first);
        if (t == threads) break;
        w->now = w->next = w->halves[0] = reserve(s->half);
        w->halves[1] = reserve(s->half);
        w->steps = reserve(s->capacity * sizeof(Step));
        w->blocks = reserve(s->capacity * sizeof(Block));
        good = good && w->halves[0] && w->halves[1] && w->steps && w->blocks;
    }
    if (!good || !allocate_table(s)) {
        vrx_free(s);
        return 0;
    }
    gather(&s->team, s->workers + 1, threads - 1);
    // The initial state is found like any other.
    uint64_t body[BODY_WORDS];
    insert(s, s->first, hash(s->first, body), 0);
    Worker *w = &s->workers[0];
    memcpy(w->batch, first, sizeof first);
    first_key(w);
    w->origin[0] = 0;
    keep(w, 0);
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
