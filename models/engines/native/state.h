// What the generated steps write to.  Before this: W words a state, BITS (up to the last that is used),
// ACTIONS, PROPERTIES, MARKS, SUCCESSORS (no state has more), INITIAL; and where states are kept as numbers of
// their parts, PARTS of them, with the bits of each in MASKS, and KEY words for the numbers.
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#define BATCH 256
#define BLOCK 256
#define RECENT 512 // a power of 2
#define NONE UINT32_MAX

// Where something was seen first: the state, the action taken in it, its choices.
typedef struct {
    uint32_t state, action, choice, level;
    uint32_t seen;
} Sight;

// How a state was found: the parent's place in its block << 8 (or 16) | which of its successors.
#if SUCCESSORS <= 256
typedef uint16_t Step;
#define STEP_BITS 8
#else
typedef uint32_t Step;
#define STEP_BITS 16
#endif

// Parents whose successors one thread looked at in one go: the number of the first parent; the first place of
// what was found.
typedef struct {
    uint64_t first;
    uint32_t parent;
} Block;

// What the table has of a state, in words; and what waits in line for its turn: the numbers of its parts, or all.
#ifdef PARTS
typedef struct {
    uint32_t part[PARTS];
} Kept;
#else
#define KEY W
typedef struct {
    uint64_t words[W];
} Kept;
#endif

// Of a key, HASH_BITS are told by the place in the table; the others, its body, are there: so many bytes in each of so
// many slots of a line.
#define HASH_BITS 28
typedef struct {
    uint32_t body, slots;
} Shape;

typedef struct Search Search;

// One thread's part of a search.  What it found of the level under way lies one state behind the other
// in `now`, what it finds of the next one in `next`; a state's number is the place where it was found,
// with the thread above.
typedef struct {
    Search *search;
    struct Team *team; // whose job it does, unless it is the caller's
    Kept *now, *next, *halves[2];
    uint64_t count, low, high; // all states; those of the level that is being expanded
    uint64_t most[2];          // that were ever in each of the halves
    uint64_t *out;             // where the next successor goes
    uint32_t current;          // the state that is being expanded
    uint32_t number, piece, done, size; // the block under way: in whose states, how far, of how many
    uint64_t begin;                     // its place there
    uint64_t fired[ACTIONS], rests, transitions;
    Sight marks[MARKS], failed[PROPERTIES], error;
    uint64_t *batch;
#ifdef PARTS
    uint64_t *keys; // of the states of the batch
    Kept *kept;
    uint16_t other[PARTS][BATCH + SUCCESSORS + 1]; // those in which a part is another than before
    uint32_t others[PARTS];
#endif
    uint64_t recent[RECENT * W]; // what was found a moment ago, by its hash
    Step *origin, *steps;
    Block *blocks;
    uint64_t block_count;
#ifdef GRAPH
    uint16_t *label, labels[BATCH + SUCCESSORS]; // the action of each successor
#endif
} __attribute__((aligned(128))) Worker; // no two of them share a cache line

// The file is compiled whole, or in two halves at the same time: the steps, and the search.
#if defined(STEPS) || defined(SEARCH)
#define SHARED __attribute__((visibility("hidden")))
#else
#define STEPS
#define SEARCH
#define SHARED static
#endif
#define RARELY __attribute__((noinline, cold)) SHARED // kept out of the many places that call it
SHARED int expand(Worker *w, const uint64_t *s);
RARELY void sight(Worker *w, Sight *at, uint32_t state, uint32_t action, uint32_t choice);
RARELY int outside(Worker *w, uint32_t action, uint32_t choice);

#define MARK(k, action, choice) \
    if (!w->marks[k].seen) sight(w, &w->marks[k], w->current, action, choice)
#define CHECK(fits, action, choice) \
    if (__builtin_expect(!(fits), 0)) return outside(w, action, choice)
#ifdef GRAPH
#define LABEL(action) *w->label++ = action
#else
#define LABEL(action)
#endif
#define EMIT(action)    \
    w->fired[action]++; \
    LABEL(action);      \
    enabled = 1;

#ifdef SEARCH
#define INLINE static inline __attribute__((always_inline)) // a mere "inline" is not followed at -O1

static void *reserve(uint64_t bytes) {
    void *p = mmap(0, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    return p == MAP_FAILED ? 0 : p;
}
#endif
