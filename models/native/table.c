// The hash table of a search: which states have been found, by number.  After the generated steps.
//
// A line of the table is one cache line: ten numbers (0: empty, else 1 + the number of a state), and
// for each a tag, the low 16 bits of the state's hash, never 0.  Whether a state is new is so nearly
// always known from one line; only where a tag agrees is the state itself looked at.  Slots of a line
// fill from the first on; what does not fit goes to the next line, and `away` counts how far.
//
// The hash has 32 bits, and gives the line in proportion.  In a table of 2**16 lines or more, the line
// and the tag therefore give back the whole hash, so that the table grows without reading a state, and
// in order.  It grows where it lies, in address space that is reserved from the start: touching memory
// for the first time is dear, and two tables at a time would be more memory than the states.

// The generated steps are long and gain nothing from more than -O1; what follows is short and does.
#pragma GCC optimize "O2"

#define INLINE static inline __attribute__((always_inline)) // a mere "inline" is not followed at -O1
#define LINE 8 // words
#define SLOTS 10
#define TAGS 5 // the word where the tags begin, four to a word; above the last two: how far away
#define AWAY 32
#define FAR 7 // or more lines from where the hash says
#define GUARD 1024 // lines behind the last that the hash can give, so that no place wraps around
#define LARGE (1u << 16) // lines: 4 MiB

typedef struct {
    uint32_t hash, entry;
} Moving;

struct Search {
    Worker *workers;
    uint32_t threads, shift; // a state's number is worker << shift | place
    uint64_t *table;
    Moving *moving; // what is on its way to another line while the table grows
    uint64_t lines, most_lines;
    uint64_t capacity, limit, max_bytes, grow_at;
    uint64_t level, next, level_size;
    int64_t deadline;
    int stop_at_violation, pause, last_call; // last_call: the table cannot grow any more
};

static void *reserve(uint64_t bytes) {
    void *p = mmap(0, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (p == MAP_FAILED) return 0;
#ifdef MADV_HUGEPAGE
    madvise(p, bytes, MADV_HUGEPAGE);
#endif
    return p;
}

INLINE uint64_t *state(const Search *s, uint32_t number) {
    const Worker *w = &s->workers[(uint64_t)number >> s->shift];
    return w->states + (number & ((1ull << s->shift) - 1)) * W;
}

INLINE uint32_t hash(const uint64_t *s) {
    uint64_t h = 0x9e3779b97f4a7c15ull;
#pragma GCC unroll 16
    for (int i = 0; i < W; i++) {
        h = (h ^ s[i]) * 0xd6e8feb86659fd93ull;
        h ^= h >> 32;
    }
    h = h * 0xd6e8feb86659fd93ull >> 32;
    return (uint32_t)(h & 0xffff ? h : h + 1);
}

INLINE uint64_t home(uint32_t hash, uint64_t lines) { return hash * lines >> 32; }

INLINE int same(const uint64_t *a, const uint64_t *b) {
    uint64_t d = 0;
#pragma GCC unroll 16
    for (int i = 0; i < W; i++) d |= a[i] ^ b[i];
    return d == 0;
}

#ifdef __SSE2__ // on every x86-64, and a third of the instructions
#include <emmintrin.h>
// The slots whose tag is this one, as bits.
INLINE uint32_t tagged(const uint64_t *line, uint32_t tag) {
    const __m128i all = _mm_set1_epi16((short)tag);
    __m128i first = _mm_loadu_si128((const __m128i *)(line + TAGS));
    const __m128i second = _mm_loadl_epi64((const __m128i *)(line + TAGS + 2));
    __atomic_signal_fence(__ATOMIC_ACQUIRE);
    first = _mm_packs_epi16(_mm_cmpeq_epi16(first, all), _mm_cmpeq_epi16(second, all));
    return (uint32_t)_mm_movemask_epi8(first) & ((1u << SLOTS) - 1);
}
#else
// Which of the four tags in a word are 0, as bits 0 to 3.
INLINE uint32_t zeros(uint64_t x) {
    const uint64_t low = 0x7fff7fff7fff7fffull;
    return (uint32_t)((~(((x & low) + low) | x | low) >> 15) * 0x0001000200040008ull >> 48);
}

// The slots whose tag is this one, as bits.
INLINE uint32_t tagged(const uint64_t *line, uint32_t tag) {
    const uint64_t all = tag * 0x0001000100010001ull;
    uint32_t set = 0;
#pragma GCC unroll 3
    for (int i = 0; i < 3; i++) set |= zeros(__atomic_load_n(&line[TAGS + i], __ATOMIC_ACQUIRE) ^ all) << 4 * i;
    return set & ((1u << SLOTS) - 1);
}
#endif

INLINE uint32_t first_free(const uint64_t *line) {
    return (uint32_t)__builtin_ctz(tagged(line, 0) | 1u << SLOTS);
}

INLINE uint32_t *slots(uint64_t *line) { return (uint32_t *)line; }

INLINE uint64_t away_bits(uint32_t slot, uint64_t away) {
    return (away < FAR ? away : FAR) << (AWAY + 3 * slot);
}

// Into the first free slot from the line that the hash says.
INLINE void put(uint64_t *table, uint64_t lines, uint32_t h, uint32_t entry) {
    uint64_t first = home(h, lines), p = first;
    uint32_t slot;
    while ((slot = first_free(table + p * LINE)) == SLOTS) p++;
    uint64_t *line = table + p * LINE;
    slots(line)[slot] = entry;
    line[TAGS + slot / 4] |= (uint64_t)(h & 0xffff) << slot % 4 * 16;
    if (p != first) line[TAGS + 2] |= away_bits(slot, p - first);
}

static uint64_t total(const Search *s) {
    uint64_t n = 0;
    for (uint32_t t = 0; t < s->threads; t++) n += __atomic_load_n(&s->workers[t].count, __ATOMIC_RELAXED);
    return n;
}

static uint64_t bytes_used(const Search *s) {
    return 8 * LINE * (s->lines + GUARD) + total(s) * (W * 8 + 4);
}

static void set_lines(Search *s, uint64_t lines) {
    s->lines = lines;
    s->grow_at = lines * SLOTS / 32 * 25;
}

// From the states: for a small table.
static void fill(Search *s, uint64_t lines) {
    memset(s->table, 0, (s->lines + GUARD) * 8 * LINE);
    for (uint32_t t = 0; t < s->threads; t++) {
        const Worker *w = &s->workers[t];
        for (uint64_t i = 0; i < w->count; i++)
            put(s->table, lines, hash(w->states + i * W), (uint32_t)((uint64_t)t << s->shift | i) + 1);
    }
}

// The entries of a line: the hash is the one number with this tag among those that give the line.
static uint32_t entries(const Search *s, uint64_t p, Moving *to) {
    uint64_t *line = s->table + p * LINE;
    uint32_t n = first_free(line), here = (uint32_t)(((p << 32) + s->lines - 1) / s->lines);
    for (uint32_t i = 0; i < n; i++) {
        uint32_t entry = slots(line)[i], away = line[TAGS + 2] >> (AWAY + 3 * i) & 7, least = here;
        uint32_t tag = line[TAGS + i / 4] >> i % 4 * 16 & 0xffff;
        if (away) least = (uint32_t)((((p - away) << 32) + s->lines - 1) / s->lines);
        to[i] = (Moving){away == FAR ? hash(state(s, entry - 1)) : least + (uint16_t)(tag - least), entry};
    }
    return n;
}

// In place, from the end: every entry of a piece goes further up than the piece, or into the lowest one, last.
static void spread(Search *s, uint64_t lines) {
    Moving *moving = s->moving;
    for (uint64_t end = s->lines + GUARD; end;) {
        uint64_t n = 0, begin = end < 2 * GUARD ? 0 : end - GUARD / 2;
        for (uint64_t p = begin; p < end; p++) n += entries(s, p, moving + n);
        memset(s->table + begin * LINE, 0, (end - begin) * 8 * LINE);
        for (uint64_t i = 0; i < n; i++) put(s->table, lines, moving[i].hash, moving[i].entry);
        end = begin;
    }
}

// Twice the table, once it is large half as much again, or what fits beside the states; then fill up what there is.
static int make_room(Search *s, uint64_t slack) {
    while (!s->last_call && total(s) + slack > s->grow_at) {
        uint64_t more = s->lines < LARGE ? s->lines : s->lines / 2;
        while (more && (s->lines + more > s->most_lines || bytes_used(s) + 8 * LINE * more > s->max_bytes)) more /= 2;
        if (more < s->lines / 8 || more == 0) {
            s->last_call = 1;
            s->grow_at = s->lines * SLOTS / 16 * 15;
            break;
        }
        if (s->lines < LARGE) fill(s, s->lines + more);
        else spread(s, s->lines + more);
        set_lines(s, s->lines + more);
    }
    return total(s) + slack <= s->grow_at;
}

static int allocate_table(Search *s, uint64_t slots) {
    uint64_t lines = slots / SLOTS + 1;
    s->most_lines = s->max_bytes / 2 / (8 * LINE);
    if (s->most_lines < lines) s->most_lines = lines;
    s->table = reserve((s->most_lines + GUARD) * 8 * LINE);
    s->moving = malloc(2 * GUARD * SLOTS * sizeof *s->moving);
    set_lines(s, lines);
    return s->table && s->moving;
}

uint32_t vrx_find(const Search *s, const uint64_t *item) {
    uint32_t h = hash(item);
    for (uint64_t p = home(h, s->lines);; p++) {
        uint64_t *line = s->table + p * LINE;
        for (uint32_t set = tagged(line, h & 0xffff); set; set &= set - 1) {
            uint32_t number = slots(line)[__builtin_ctz(set)] - 1;
            if (same(state(s, number), item)) return number;
        }
        if (first_free(line) != SLOTS) return NONE;
    }
}
