// States as they are: the key of a state is the state.  In the place of parts.c, where a state has few bits.

typedef struct {
    int too_many;
} Parts;

#define BODY (BITS > HASH_BITS + 8 ? (BITS - HASH_BITS + 7) / 8 : 1) // bytes
#define FIT(line) (((line)-1) / (2 + BODY))
#define LINE (FIT(64) >= 5 ? 64 : FIT(128) >= 5 ? 128 : FIT(256) >= 5 ? 256 : FIT(512) >= 5 ? 512 : 1024)
#define SLOTS (FIT(LINE) < 16 ? FIT(LINE) : 16)
#define BODY_WORDS ((BODY + 7) / 8)
static const Shape SHAPE = {BODY, SLOTS};
#define SHAPE_OF(s) (&SHAPE) // it never becomes another, and so is known where this is compiled
#define NEXT_SHAPE_OF(s) (&SHAPE)
#define PART_BYTES 0

// The bytes that are no whole word.  Before them are at least the tags: what lies behind may be another line.
INLINE uint64_t last_word(const uint8_t *at) {
    uint64_t word;
    memcpy(&word, at + BODY - 8, 8);
    return word >> (64 - BODY % 8 * 8);
}

INLINE int same_body(const Shape *f, const uint8_t *at, const uint64_t *body) {
    (void)f;
#ifdef __SANITIZE_THREAD__ // what others write at the same time is not looked at, not even to be thrown away
    return memcmp(at, body, BODY) == 0;
#else
    uint64_t d = BODY % 8 ? last_word(at) ^ body[BODY / 8] : 0;
#pragma GCC unroll 16
    for (int i = 0; i < BODY / 8; i++) {
        uint64_t word;
        memcpy(&word, at + 8 * i, 8);
        d |= word ^ body[i];
    }
    return d == 0;
#endif
}

INLINE void read_body(const Shape *f, const uint8_t *at, uint64_t *body) {
    (void)f;
    memset(body, 0, BODY_WORDS * 8);
    memcpy(body, at, BODY);
}

INLINE void write_body(const Shape *f, uint8_t *at, const uint64_t *body) {
    (void)f;
    memcpy(at, body, BODY);
}

INLINE int fits(const Shape *f, const uint64_t *body) {
    (void)f, (void)body;
    return 1;
}

static uint32_t body_needed(const Parts *p) {
    (void)p;
    return BODY;
}

INLINE uint64_t *key_at(const Worker *w, uint64_t i) { return w->batch + i * W; }

INLINE void keep_at(const Worker *w, uint64_t i, Kept *to) { memcpy(to, w->batch + i * W, sizeof *to); }

INLINE void move_in_batch(const Worker *w, uint64_t to, uint64_t from) {
    memmove(w->batch + to * W, w->batch + from * W, W * 8);
}

// The words of a state that was kept, there or in `room`.
INLINE const uint64_t *opened(const Parts *p, const Kept *k, uint64_t *room) {
    (void)p, (void)room;
    return k->words;
}

// What the batch has from `first` on are successors of one state.
INLINE void add_keys(Worker *w, const Kept *k, const uint64_t *words, uint64_t first, Step step) {
    (void)k, (void)words;
    Step *origin = w->origin + first;
    for (const uint64_t *item = w->batch + first * W; item < w->out; item += 4 * W, origin += 4)
#pragma GCC unroll 4
        for (int j = 0; j < 4; j++) origin[j] = step++; // up to three too many do no harm
}

// Whether a state was looked up a moment ago, by this thread: of those that are not new, more than half were.
INLINE uint32_t again(Worker *w, const uint64_t *key, uint32_t h) {
    uint64_t *place = w->recent + (h & (RECENT - 1)) * W, different = 0;
#pragma GCC unroll 16
    for (int i = 0; i < W; i++) {
        different |= place[i] ^ key[i];
        place[i] = key[i];
    }
    return different == 0;
}

// It will be looked up again.
static void forget(Worker *w, uint64_t i) {
    const uint64_t first[W] = {INITIAL};
    for (uint64_t *place = w->recent; place < w->recent + RECENT * W; place += W)
        if (!memcmp(place, key_at(w, i), sizeof first)) memcpy(place, first, sizeof first);
}

static int key_of(const Parts *p, const uint64_t *words, uint64_t *key) {
    (void)p;
    memcpy(key, words, W * 8);
    return 1;
}

static void state_of_key(const Parts *p, const uint64_t *key, uint64_t *words) {
    (void)p;
    memcpy(words, key, W * 8);
}

static int begin_parts(Parts *p, uint64_t room, const uint64_t *words) {
    (void)p, (void)room, (void)words;
    return 1;
}

static void end_parts(Parts *p) { (void)p; }

static uint64_t bytes_of_parts(const Parts *p) {
    (void)p;
    return 0;
}

static int crowded(const Parts *p) {
    (void)p;
    return 0;
}

static void make_places(Parts *p) { (void)p; }

INLINE void first_key(Worker *w) { (void)w; }

INLINE void number_parts(Worker *w) { (void)w; }
