// The hash table of a search: the set of states that have been found, by their keys (parts.c, or plain.c).
//
// The table is the only place where the states are kept.  Hashing is a bijection: of a key's
// bits, HASH_BITS are replaced by a hash of all; the others, its body, stay.  The hash gives the line
// in proportion.  A line has slots, each a tag (the low bits of the hash, and a bit that says
// that the slot is taken) and a body.  Slots of a line fill from the first on; what does not fit goes
// to the next line, at most `reach` lines away: within that distance, line and tag give back the whole
// hash, and hash and body the key.  So nothing is ever looked up elsewhere, a state costs little
// more than the bits its key has, and the table grows line by line, in order; bodies become longer on the way.
//
// It grows where it lies, in address space that is reserved from the start: touching memory for the
// first time is dear, and two tables at a time would be more memory than the states.

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "the native explorer needs a little-endian machine"
#endif

#define HASHES (1ull << HASH_BITS)
#define TAG_BITS 15
#define TAKEN (1u << TAG_BITS)
#define ALL_OF(f) ((1u << (f)->slots) - 1) // bytes of a line: the tags, the bodies, ..., last of all the lock
#ifndef LEAST_LINES // tests have less, so that small searches make the table grow
#define LEAST_LINES (LINE == 64 ? 1u << 17 : 1u << 16)
#define PIECE 4096u // lines that one thread moves in one go
#endif
#define LARGE (256u << 20) // bytes
#define MOST_REACH 64u
#define GUARD 1024 // lines behind the last that the hash can give, so that no place wraps around

struct Search {
    Worker *workers;
    Team team;
    Parts parts;
    uint32_t threads, shift; // a state's number is worker << shift | place
    Shape shape, next_shape; // of the lines; while the table grows, of what it becomes
    uint8_t *table;
    uint8_t *lowest; // the first lines, while the table grows
    uint64_t lines, most_lines, reach;
    uint64_t capacity, half, limit, max_bytes, grow_at; // half: bytes of each of a worker's halves
    uint64_t total_before, bytes_before, parts_before;  // when the threads began
    uint64_t level, next, level_size;
    uint64_t wanted, lower, upper, piece, furthest; // while the table grows: to so many lines; from which lines
    int64_t deadline;
    int stop_at_violation, pause;
    int stuck, last_call, scattered; // a state found no room; the table cannot grow any more, nor be listed
    uint64_t first[KEY], replayed[W];
};

#ifdef PARTS
static Parts *parts_of(Search *s) { return &s->parts; }
#endif

// All bits but the lowest HASH_BITS.
INLINE void body_of(const uint64_t *key, uint64_t *body) {
#pragma GCC unroll 16
    for (int i = 0; i < BODY_WORDS; i++)
        body[i] = key[i] >> HASH_BITS | (i + 1 < KEY ? key[i + 1] << (64 - HASH_BITS) : 0);
}

INLINE uint32_t mixed(const uint64_t *body) {
    uint64_t h = 0x9e3779b97f4a7c15ull;
#pragma GCC unroll 16
    for (int i = 0; i < BODY_WORDS; i++) {
        h = (h ^ body[i]) * 0xd6e8feb86659fd93ull;
        h ^= h >> 32;
    }
    return (uint32_t)(h * 0xd6e8feb86659fd93ull >> (64 - HASH_BITS));
}

#define FACTOR 0x9e3779b1u
#define INVERSE 0xe8b2f51u
_Static_assert((FACTOR * INVERSE) % HASHES == 1, "FACTOR and INVERSE undo each other");

INLINE uint32_t stirred(uint32_t x, uint32_t factor) {
    x = x * factor & (HASHES - 1);
    x ^= x >> HASH_BITS / 2;
    return x * factor & (HASHES - 1);
}

// A body is there as well, because everyone needs both.
INLINE uint32_t hash(const uint64_t *key, uint64_t *body) {
    body_of(key, body);
    return stirred((uint32_t)key[0], FACTOR) ^ mixed(body);
}

// The key that has this hash and body.
static void key_with(uint32_t h, const uint64_t *body, uint64_t *key) {
    for (int i = 0; i < KEY; i++)
        key[i] = (i < BODY_WORDS ? body[i] << HASH_BITS : 0) | (i ? body[i - 1] >> (64 - HASH_BITS) : 0);
    key[0] |= stirred(h ^ mixed(body), INVERSE);
}

INLINE uint64_t home(uint32_t hash, uint64_t lines) { return hash * lines >> HASH_BITS; }

INLINE void fetch(const uint8_t *line) {
    __builtin_prefetch(line);
    if (LINE > 64) __builtin_prefetch(line + 64);
}

INLINE uint16_t *tags(uint8_t *line) { return (uint16_t *)line; }

INLINE uint8_t *body_at(const Shape *f, uint8_t *line, uint32_t slot) { return line + 2 * f->slots + slot * f->body; }

#if defined(__SSE2__) && !defined(__SANITIZE_THREAD__) // on every x86-64, and a fraction of the instructions
#include <emmintrin.h>
// The slots whose tag is this one, and those that are taken, as bits.
INLINE uint32_t look(const Shape *f, uint8_t *line, uint32_t tag, uint32_t *taken) {
    const __m128i all = _mm_set1_epi16((short)tag), none = _mm_setzero_si128();
    const __m128i first = _mm_load_si128((const __m128i *)line);
    const __m128i second = f->slots > 8 ? _mm_load_si128((const __m128i *)(line + 16)) : none;
    __atomic_signal_fence(__ATOMIC_ACQUIRE);
    const __m128i found = _mm_packs_epi16(_mm_cmpeq_epi16(first, all), f->slots > 8 ? _mm_cmpeq_epi16(second, all) : none);
    *taken = (uint32_t)_mm_movemask_epi8(_mm_packs_epi16(first, second)) & ALL_OF(f); // the sign is the bit TAKEN
    return (uint32_t)_mm_movemask_epi8(found) & ALL_OF(f);
}
#else
INLINE uint32_t look(const Shape *f, uint8_t *line, uint32_t tag, uint32_t *taken) {
    uint32_t found = *taken = 0;
    for (uint32_t i = 0; i < f->slots; i++) {
        uint32_t there = __atomic_load_n(&tags(line)[i], __ATOMIC_ACQUIRE);
        found |= (uint32_t)(there == (uint16_t)tag) << i;
        *taken |= (uint32_t)(there != 0) << i;
    }
    return found;
}
#endif

// How many slots of a line are taken.
INLINE uint32_t taken_in(const Shape *f, uint8_t *line) {
    uint32_t taken;
    look(f, line, 0, &taken);
    return (uint32_t)__builtin_ctz(~taken);
}

// Whether one of these slots has this body.
INLINE int any_same(const Shape *f, uint8_t *line, uint32_t set, const uint64_t *body) {
    for (; set; set &= set - 1)
        if (same_body(f, body_at(f, line, (uint32_t)__builtin_ctz(set)), body)) return 1;
    return 0;
}

#ifdef __SANITIZE_THREAD__ // what others write at the same time is not looked at, not even to be thrown away
#define BOTH &&
#else
#define BOTH &
#endif

// Whether a key is where it is most likely to be, without a branch: half of them are, and no processor
// guesses which.  If not, the line where it will go is fetched.
INLINE uint32_t probably(const Shape *f, uint8_t *line, uint32_t h, const uint64_t *key) {
    uint64_t body[BODY_WORDS];
    body_of(key, body);
    uint32_t taken, set = look(f, line, h | TAKEN, &taken);
    fetch(line + (taken == ALL_OF(f) ? LINE : 0));
    return (set != 0) BOTH same_body(f, body_at(f, line, (uint32_t)__builtin_ctz(set | !set)), body);
}

// The body is there before the tag says so.
INLINE void write_slot(const Shape *f, uint8_t *line, uint32_t slot, uint32_t tag, const uint64_t *body) {
    write_body(f, body_at(f, line, slot), body);
    __atomic_store_n(&tags(line)[slot], (uint16_t)tag, __ATOMIC_RELEASE);
}

INLINE void lock(uint8_t *line) {
    for (uint32_t tries = 1; __atomic_exchange_n(&line[LINE - 1], 1, __ATOMIC_ACQUIRE); tries++)
        if (tries % 256 == 0) sched_yield(); // whoever has it does not run
}

INLINE void unlock(uint8_t *line) { __atomic_store_n(&line[LINE - 1], 0, __ATOMIC_RELEASE); }

enum { OLD, NEW, STUCK };

// Whether a key is new; then it is in the table.  Lines only ever become full, from their first slot
// on: who finds a slot free, under the lock, has seen every place where the key could be.
INLINE int insert(Search *s, const uint64_t *key, uint32_t h, const int shared) {
    const Shape *f = SHAPE_OF(s);
    const uint32_t tag = h | TAKEN, all = ALL_OF(f);
    uint64_t body[BODY_WORDS];
    body_of(key, body);
    if (!fits(f, body)) return STUCK;
    uint8_t *line = s->table + home(h, s->lines) * LINE, *last = line + s->reach * LINE;
    for (;; line += LINE) {
        uint32_t taken, set = look(f, line, tag, &taken);
        if (any_same(f, line, set, body)) return OLD;
        if (taken != all && !shared) {
            write_slot(f, line, (uint32_t)__builtin_ctz(~taken), tag, body);
            return NEW;
        }
        if (taken != all) {
            lock(line);
            set = look(f, line, tag, &taken);
            int old = any_same(f, line, set, body);
            if (!old && taken != all) write_slot(f, line, (uint32_t)__builtin_ctz(~taken), tag, body);
            unlock(line);
            if (old) return OLD;
            if (taken != all) return NEW;
        }
        if (line == last) return STUCK;
    }
}

static uint64_t total(const Search *s) {
    uint64_t n = 0;
    for (uint32_t t = 0; t < s->threads; t++) n += __atomic_load_n(&s->workers[t].count, __ATOMIC_RELAXED);
    return n;
}

// So many keys, and the next one makes the table grow: the more slots, the later a line is full before its time.
static uint64_t enough(uint64_t lines, uint32_t slots) { return lines * slots / 8 * (slots < 10 ? 6 : 7); }

static void set_lines(Search *s, uint64_t lines) {
    s->lines = lines;
    // So many lines have 2 ** TAG_BITS hashes between them.
    s->reach = (lines >> (HASH_BITS - TAG_BITS)) - 1;
    if (s->reach > MOST_REACH) s->reach = MOST_REACH;
    s->grow_at = enough(lines, SHAPE_OF(s)->slots);
}

// The hash of a slot: the last one that gives this line or one before and has this tag.
INLINE uint32_t hash_at(uint64_t end, uint32_t tag) { return (uint32_t)(end - 1 - ((end - 1 - tag) & (TAKEN - 1))); }

// The first hash that gives a later line.
INLINE uint64_t end_of(const Search *s, uint64_t line) {
    uint64_t end = (((line + 1) << HASH_BITS) + s->lines - 1) / s->lines;
    return end < HASHES ? end : HASHES;
}

// An entry goes where it belongs in a larger table: how far away from there.
INLINE uint64_t move_entry(const Shape *f, uint8_t *first, uint32_t tag, const uint64_t *body, int shared) {
    for (uint8_t *to = first;; to += LINE) {
        if (shared) lock(to);
        const uint32_t slot = taken_in(f, to);
        if (slot < f->slots) write_slot(f, to, slot, tag, body);
        if (shared) unlock(to);
        if (slot < f->slots) return (uint64_t)(to - first) / LINE;
    }
}

// All entries of the lines from `low` to before `high`, from the end: how far any of them is away at most.
static uint64_t move_lines(Search *s, uint64_t low, uint64_t high, int shared) {
    uint8_t line[LINE] __attribute__((aligned(64)));
    const Shape *f = SHAPE_OF(s), *g = NEXT_SHAPE_OF(s);
    uint64_t furthest = 0;
    while (high-- > low) {
        uint8_t *from = high < GUARD ? s->lowest + high * LINE : s->table + high * LINE;
        const uint64_t end = end_of(s, high);
        memcpy(line, from, LINE);
        memset(from, 0, LINE);
        for (uint32_t i = 0, taken = taken_in(f, line); i < taken; i++) {
            uint32_t h = hash_at(end, tags(line)[i]);
            uint64_t body[BODY_WORDS];
            read_body(f, body_at(f, line, i), body);
            uint64_t away = move_entry(g, s->table + home(h, s->wanted) * LINE, h | TAKEN, body, shared);
            if (away > furthest) furthest = away;
        }
    }
    return furthest;
}

static void note(Search *s, uint64_t away) {
    uint64_t most = __atomic_load_n(&s->furthest, __ATOMIC_RELAXED);
    while (away > most &&
           !__atomic_compare_exchange_n(&s->furthest, &most, away, 0, __ATOMIC_RELAXED, __ATOMIC_RELAXED)) {}
}

// A job: move the lines from s->lower to before s->upper, piece by piece.
static void move_pieces(Search *s, Worker *w) {
    (void)w;
    uint64_t furthest = 0;
    for (;;) {
        uint64_t above = __atomic_fetch_add(&s->piece, 1, __ATOMIC_RELAXED) * PIECE;
        if (above >= s->upper - s->lower) break;
        uint64_t high = s->upper - above, low = high - s->lower > PIECE ? high - PIECE : s->lower;
        uint64_t away = move_lines(s, low, high, 1);
        if (away > furthest) furthest = away;
    }
    note(s, furthest);
}

// In place, from the end: an entry goes to a line further up, but for the lowest lines, which are set aside.
// Several threads move what goes to lines that are free already, or not used yet: a third or half of what is left.
static void spread(Search *s, uint64_t lines) {
    s->wanted = lines;
    s->upper = s->lines + GUARD;
    s->furthest = 0;
    while (s->team.members) {
        // No entry of a line from here on belongs below `upper`: it is at most `reach` away from where it does.
        s->lower = s->upper * s->lines / lines + s->reach + 1;
        if (s->lower < GUARD) s->lower = GUARD;
        if (s->lower + PIECE > s->upper) break;
        s->piece = 0;
        together(&s->team, move_pieces, s, s->workers);
        s->upper = s->lower;
    }
    note(s, move_lines(s, GUARD, s->upper, 0));
    memcpy(s->lowest, s->table, GUARD * LINE);
    memset(s->table, 0, GUARD * LINE);
    note(s, move_lines(s, 0, GUARD, 0));
    s->shape = s->next_shape;
    set_lines(s, lines);
    if (s->furthest <= s->reach) return;
    // Once in 10 ** 10 times: everything can be found, but hashes cannot be told from places any more.
    s->reach = s->furthest;
    s->scattered = s->last_call = 1;
}

static uint64_t bytes_used(const Search *s);

static Shape shape_for(uint32_t body) {
    const uint32_t slots = (LINE - 1) / (2 + body);
    return (Shape){body, slots < 16 ? slots : 16};
}

// By how many lines the table grows: twice as many, once it is large half as many again, or what fits into the memory.
// Where only bodies become longer, as few as let each entry move up.
static uint64_t more_lines(const Search *s) {
    const uint64_t n = total(s), lines = s->lines, room = s->next_shape.slots;
    const int longer = s->next_shape.body > s->shape.body;
    uint64_t more = lines * LINE < LARGE ? lines : lines / 2;
    if (longer && n < enough(lines / 8 * 9, room) / 4 * 3) more = lines / 8;
    while (more && (lines + more > s->most_lines || bytes_used(s) + LINE * more > s->max_bytes)) more /= 2;
    return more < lines / 8 || (longer && n > enough(lines + more, room) / 8 * 7) ? 0 : more;
}

// Before the threads go on.  In the end, what there is becomes fuller than it should.
static int make_room(Search *s) {
    make_places(&s->parts);
    const uint32_t body = body_needed(&s->parts);
    while (s->stuck || total(s) > s->grow_at || body > s->shape.body) {
        s->next_shape = shape_for(body);
        const uint64_t more = more_lines(s);
        if (more && !s->last_call) {
            spread(s, s->lines + more);
            s->stuck = 0;
        } else {
            if (s->last_call || body > s->shape.body) return 0;
            s->last_call = 1;
            s->grow_at = s->lines * s->shape.slots / 16 * 15;
            if (s->stuck) return 0;
        }
    }
    return 1;
}

static int allocate_table(Search *s) {
    s->most_lines = s->max_bytes / LINE;
    if (s->most_lines < LEAST_LINES) s->most_lines = LEAST_LINES;
    if (s->most_lines > HASHES) s->most_lines = HASHES;
    s->table = reserve((s->most_lines + GUARD) * LINE);
    s->lowest = aligned_alloc(64, GUARD * LINE);
    s->shape = shape_for(body_needed(&s->parts));
    set_lines(s, LEAST_LINES);
    if (!s->table || !s->lowest) return 0;
#ifdef MADV_HUGEPAGE
    madvise(s->table, (s->most_lines + GUARD) * LINE, MADV_HUGEPAGE);
#endif
    return 1;
}

#define NOWHERE UINT64_MAX

// The slot that a key is in, counted through the table, or NOWHERE.
static uint64_t slot_of(const Search *s, const uint64_t *key) {
    const Shape *f = SHAPE_OF(s);
    uint64_t body[BODY_WORDS];
    uint32_t h = hash(key, body);
    for (uint64_t p = home(h, s->lines), last = p + s->reach; p <= last; p++) {
        uint8_t *line = s->table + p * LINE;
        uint32_t taken, set = look(f, line, h | TAKEN, &taken);
        for (; set; set &= set - 1) {
            uint32_t slot = (uint32_t)__builtin_ctz(set);
            if (same_body(f, body_at(f, line, slot), body)) return p * f->slots + slot;
        }
        if (taken != ALL_OF(f)) break;
    }
    return NOWHERE;
}

// All states, one behind the other, in no order; 0 where that cannot be told.
int vrx_states(const Search *s, uint64_t *to) {
    const Shape *f = SHAPE_OF(s);
    if (s->scattered) return 0;
    for (uint64_t p = 0; p < s->lines + GUARD; p++) {
        uint8_t *line = s->table + p * LINE;
        uint64_t end = end_of(s, p);
        for (uint32_t i = 0, taken = taken_in(f, line); i < taken; i++, to += W) {
            uint64_t body[BODY_WORDS], key[KEY];
            read_body(f, body_at(f, line, i), body);
            key_with(hash_at(end, tags(line)[i]), body, key);
            state_of_key(&s->parts, key, to);
        }
    }
    return 1;
}
