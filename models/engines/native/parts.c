// States as the numbers of their parts.  After team.c, before the table.
//
// A part is the bits of a state that one of MASKS has: the private state of a context, what several share.  It takes few
// values; each is kept once, in the dictionary of the part, and has a number there, from 0 on as they are found.
//
// A key is these numbers, all of them in KEY words, which are one or two.  A bit of a key belongs to a part from the moment on when the part
// has a number that needs it.  Keys from before have a 0 there, and so they should: whatever grows, no key changes.
//
// Threads look values up while others add some.  Who adds one has the dictionary's lock; a value is whole before a
// place or another value leads to it, and never changes.

#ifndef MOST_BITS // tests have less
#define MOST_BITS (64 * KEY)
#endif
#define LINE 64
#define BODY_WORDS KEY // a key of one word leaves 36 bits: five bytes
#define FIRST_PLACES 8 // as a power of 2
#define SHAPE_OF(s) (&(s)->shape)
#define NEXT_SHAPE_OF(s) (&(s)->next_shape)
#define PART_BYTES sizeof(Value)

typedef struct {
    uint64_t words[W];
    uint64_t key[KEY]; // its number, in the bits of a key that are the part's
    uint32_t next;     // of the same place: its number + 1, 0 at the end
} Value;

typedef struct {
    Value *values;   // by number
    uint32_t *heads; // place -> the number + 1 of the last value that belongs there
    uint32_t count, places, locked, bits;
    uint8_t bit[32];   // of a number -> of a key
    uint64_t own[KEY]; // those of a key
} Dictionary;

typedef struct {
    Dictionary of[PARTS];
    uint64_t room; // bytes of address space for the values of each
    uint32_t bits; // of a key that belong to some part
    int too_many;  // more than a key has
} Parts;

static Parts *parts_of(Search *s);
static const uint64_t MASK[PARTS][W] = {MASKS};

static const uint64_t ODD[] = {0x9e3779b97f4a7c15ull, 0xd6e8feb86659fd93ull, 0xc2b2ae3d27d4eb4full, 0x165667b19e3779f9ull};

INLINE uint32_t place_of(const Dictionary *d, int part, const uint64_t *words) {
    uint64_t h = 0;
#pragma GCC unroll 16
    for (int i = 0; i < W; i++)
        if (MASK[part][i]) h = (h ^ words[i]) * ODD[i % 4];
    return (uint32_t)((h ^ h >> 29) * ODD[1] >> 32) & (d->places - 1);
}

INLINE uint32_t look_up(const Dictionary *d, int part, uint32_t place, const uint64_t *words) {
    uint32_t n = __atomic_load_n(&d->heads[place], __ATOMIC_ACQUIRE);
    for (; n; n = d->values[n - 1].next) {
        uint64_t different = 0;
#pragma GCC unroll 16
        for (int i = 0; i < W; i++)
            if (MASK[part][i]) different |= d->values[n - 1].words[i] ^ words[i];
        if (!different) break;
    }
    return n;
}

// The number of a new value.
RARELY uint32_t add_value(Parts *p, Dictionary *d, int part, const uint64_t *words) {
    for (uint32_t tries = 1; __atomic_exchange_n(&d->locked, 1, __ATOMIC_ACQUIRE); tries++)
        if (tries % 256 == 0) sched_yield();
    const uint32_t place = place_of(d, part, words);
    uint32_t n = look_up(d, part, place, words);
    if (!n) {
        n = d->count + 1;
        Value *v = &d->values[d->count];
        memcpy(v->words, words, sizeof v->words);
        for (; d->count >> d->bits; d->bits++) {
            uint32_t bit = __atomic_fetch_add(&p->bits, 1, __ATOMIC_RELAXED);
            if (bit >= MOST_BITS) {
                __atomic_store_n(&p->too_many, 1, __ATOMIC_RELEASE);
                break;
            }
            d->bit[d->bits] = (uint8_t)bit;
            __atomic_fetch_or(&d->own[bit / 64], 1ull << bit % 64, __ATOMIC_RELAXED);
        }
        for (uint32_t b = 0; b < d->bits; b++)
            if (d->count >> b & 1) v->key[d->bit[b] / 64] |= 1ull << d->bit[b] % 64;
        v->next = d->heads[place];
        __atomic_store_n(&d->count, n, __ATOMIC_RELAXED);
        __atomic_store_n(&d->heads[place], n, __ATOMIC_RELEASE);
    }
    __atomic_store_n(&d->locked, 0, __ATOMIC_RELEASE);
    return n - 1;
}

INLINE uint32_t number_of_value(Parts *p, Dictionary *d, int part, const uint64_t *words) {
    uint32_t n = look_up(d, part, place_of(d, part, words), words);
    return __builtin_expect(n != 0, 1) ? n - 1 : add_value(p, d, part, words);
}

INLINE void part_of(const uint64_t *state, int part, uint64_t *words) {
#pragma GCC unroll 16
    for (int i = 0; i < W; i++) words[i] = state[i] & MASK[part][i];
}

INLINE uint64_t *key_at(const Worker *w, uint64_t i) { return w->keys + i * KEY; }

INLINE void keep_at(const Worker *w, uint64_t i, Kept *to) { *to = w->kept[i]; }

INLINE void move_in_batch(const Worker *w, uint64_t to, uint64_t from) {
    memmove(w->batch + to * W, w->batch + from * W, W * 8);
    memmove(w->keys + to * KEY, w->keys + from * KEY, KEY * 8);
    w->kept[to] = w->kept[from];
}

// The words of a state that was kept, there or in `room`.
INLINE const uint64_t *opened(const Parts *p, const Kept *k, uint64_t *room) {
    memset(room, 0, W * 8);
#pragma GCC unroll 16
    for (int part = 0; part < PARTS; part++) {
        const Value *v = &p->of[part].values[k->part[part]];
#pragma GCC unroll 16
        for (int i = 0; i < W; i++)
            if (MASK[part][i]) room[i] |= v->words[i];
    }
    return room;
}

// Where a state is in `recent`.
INLINE uint64_t *recent_place(Worker *w, const uint64_t *words) {
    uint64_t h = 0;
#pragma GCC unroll 16
    for (int i = 0; i < W; i++) h += words[i] * ODD[i % 4];
    return w->recent + (h >> 32 & (RECENT - 1)) * W;
}

// Whether a state was found a moment ago, by this thread: of those that are not new, more than half were.
INLINE uint32_t seen_lately(Worker *w, const uint64_t *words) {
    uint64_t *place = recent_place(w, words), different = 0;
#pragma GCC unroll 16
    for (int i = 0; i < W; i++) {
        different |= place[i] ^ words[i];
        place[i] = words[i];
    }
    return different == 0;
}

// What the batch has was found, and is looked up once.
INLINE uint32_t again(Worker *w, const uint64_t *key, uint32_t h) {
    (void)w, (void)key, (void)h;
    return 0;
}

static void forget(Worker *w, uint64_t i) { (void)w, (void)i; }

// What the batch has from `first` on are successors of this state, which differ from it in few parts: those are noted.
// What was found a moment ago goes.  No branches here: no processor guesses what is new, or which part is another.
INLINE void add_keys(Worker *w, const Kept *k, const uint64_t *words, uint64_t first, Step step) {
    const Parts *p = parts_of(w->search);
    uint64_t key[KEY] = {0};
#pragma GCC unroll 16
    for (int part = 0; part < PARTS; part++)
        for (int i = 0; i < KEY; i++) key[i] |= p->of[part].values[k->part[part]].key[i];
    uint64_t *to = w->batch + first * W;
    for (const uint64_t *item = to; item < w->out; item += W, step++) {
        const uint32_t fresh = !seen_lately(w, item);
#pragma GCC unroll 16
        for (int part = 0; part < PARTS; part++) {
            uint64_t different = 0;
#pragma GCC unroll 16
            for (int i = 0; i < W; i++) different |= (item[i] ^ words[i]) & MASK[part][i];
            w->other[part][w->others[part]] = (uint16_t)first;
            w->others[part] += (different != 0) & fresh;
        }
#pragma GCC unroll 16
        for (int i = 0; i < W; i++) to[i] = item[i];
        for (int i = 0; i < KEY; i++) key_at(w, first)[i] = key[i];
        w->kept[first] = *k;
        w->origin[first] = step;
        w->transitions += !fresh;
        to += W * fresh;
        first += fresh;
    }
    w->out = to;
}

// The numbers of what was noted.
INLINE void number_parts(Worker *w) {
#pragma GCC unroll 16
    for (int part = 0; part < PARTS; part++) {
        Parts *p = parts_of(w->search);
        Dictionary *d = &p->of[part];
        const uint32_t others = w->others[part];
        uint64_t own[KEY];
        for (int i = 0; i < KEY; i++) own[i] = __atomic_load_n(&d->own[i], __ATOMIC_RELAXED);
        for (uint32_t at = 0; at < others; at++) {
            const uint32_t item = w->other[part][at];
            uint64_t value[W], *key = key_at(w, item);
            part_of(w->batch + item * W, part, value);
            const uint32_t n = number_of_value(p, d, part, value);
            for (int i = 0; i < KEY; i++) key[i] = (key[i] & ~own[i]) | d->values[n].key[i];
            w->kept[item].part[part] = n;
        }
        w->others[part] = 0;
    }
}

// The key of a state, unless it has a part that was never met.
static int key_of(const Parts *p, const uint64_t *words, uint64_t *key) {
    memset(key, 0, KEY * 8);
    for (int part = 0; part < PARTS; part++) {
        const Dictionary *d = &p->of[part];
        uint64_t value[W];
        part_of(words, part, value);
        const uint32_t n = look_up(d, part, place_of(d, part, value), value);
        if (!n) return 0;
        for (int i = 0; i < KEY; i++) key[i] |= d->values[n - 1].key[i];
    }
    return 1;
}

static void state_of_key(const Parts *p, const uint64_t *key, uint64_t *words) {
    Kept k = {{0}};
    for (int part = 0; part < PARTS; part++)
        for (uint32_t b = 0; b < p->of[part].bits; b++) {
            const uint8_t bit = p->of[part].bit[b];
            k.part[part] |= (uint32_t)(key[bit / 64] >> bit % 64 & 1) << b;
        }
    opened(p, &k, words);
}

// The initial state: number 0 of every part.  0 when there is no memory.
static int begin_parts(Parts *p, uint64_t room, const uint64_t *words) {
    p->room = room;
    for (int part = 0; part < PARTS; part++) {
        Dictionary *d = &p->of[part];
        d->places = 1u << FIRST_PLACES;
        d->values = reserve(room);
        d->heads = calloc(d->places, sizeof *d->heads);
        if (!d->values || !d->heads) return 0;
        uint64_t value[W];
        part_of(words, part, value);
        add_value(p, d, part, value);
    }
    return 1;
}

// The batch has the initial state.
static void first_key(Worker *w) {
    memset(w->keys, 0, KEY * 8);
    w->kept[0] = (Kept){{0}};
}

static void end_parts(Parts *p) {
    for (int part = 0; part < PARTS; part++) {
        if (p->of[part].values) munmap(p->of[part].values, p->room);
        free(p->of[part].heads);
    }
}

static uint64_t bytes_of_parts(const Parts *p) {
    uint64_t bytes = 0;
    for (int part = 0; part < PARTS; part++)
        bytes += __atomic_load_n(&p->of[part].count, __ATOMIC_RELAXED) * sizeof(Value) + p->of[part].places * 4;
    return bytes;
}

// Whether a dictionary has more values than places, by far: it takes longer to look something up there.
static int crowded(const Parts *p) {
    for (int part = 0; part < PARTS; part++)
        if (__atomic_load_n(&p->of[part].count, __ATOMIC_RELAXED) > p->of[part].places) return 1;
    return 0;
}

// More places, while no thread looks anything up.  Without memory for them it goes on, slower.
static void make_places(Parts *p) {
    for (int part = 0; part < PARTS; part++) {
        Dictionary *d = &p->of[part];
        if (d->count <= d->places / 4) continue;
        uint32_t places = d->places;
        while (places < d->count * 8ull && places < 1u << 31) places *= 2;
        uint32_t *heads = calloc(places, sizeof *heads);
        if (!heads) continue;
        free(d->heads);
        d->heads = heads;
        d->places = places;
        for (uint32_t n = 0; n < d->count; n++) {
            uint32_t *head = &heads[place_of(d, part, d->values[n].words)];
            d->values[n].next = *head;
            *head = n + 1;
        }
    }
}

static uint32_t body_needed(const Parts *p) {
    return p->bits > HASH_BITS + 8 ? (p->bits - HASH_BITS + 7) / 8 : 1;
}

// A body is at least one byte, and no longer than a key; before it are the tags, of at least four slots.
INLINE void read_body(const Shape *f, const uint8_t *at, uint64_t *body) {
#ifdef __SANITIZE_THREAD__ // what others write at the same time is not looked at, not even to be thrown away
    memset(body, 0, BODY_WORDS * 8);
    for (uint32_t i = 0; i < f->body; i++) body[i / 8] |= (uint64_t)at[i] << i % 8 * 8;
#else
    uint64_t last;
    memcpy(&last, at + f->body - 8, 8);
    last >>= -8 * f->body & 63;
#if BODY_WORDS == 1
    body[0] = last;
#else
    const uint64_t one = f->body > 8;
    if (one) memcpy(&body[0], at, 8);
    else body[0] = last;
    body[1] = one ? last : 0;
#endif
#endif
}

INLINE int same_body(const Shape *f, const uint8_t *at, const uint64_t *body) {
    uint64_t there[BODY_WORDS], different = 0;
    read_body(f, at, there);
    for (int i = 0; i < BODY_WORDS; i++) different |= there[i] ^ body[i];
    return different == 0;
}

INLINE void write_body(const Shape *f, uint8_t *at, const uint64_t *body) {
    for (uint32_t i = 0; i < f->body; i++) at[i] = (uint8_t)(body[i / 8] >> i % 8 * 8);
}

INLINE int fits(const Shape *f, const uint64_t *body) {
#if BODY_WORDS == 1
    return !(body[0] >> 8 * f->body);
#else
    return f->body < 8 ? !(body[1] | body[0] >> 8 * f->body) : !(body[1] >> (8 * f->body - 64));
#endif
}
