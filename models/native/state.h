// What the generated steps write to.  Before this: W words a state, ACTIONS, PROPERTIES, MARKS,
// SUCCESSORS (no state has more), INITIAL.
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#define BATCH 128
#define RECENT 8192
#define NONE UINT32_MAX

// Where something was seen first: the state, the action taken in it, its choices.
typedef struct {
    uint32_t state, action, choice, level;
    uint32_t seen;
} Sight;

typedef struct Search Search;

// One thread's part of a search.  The states it found lie one behind the other in `states`, so that
// those of one level are a range; a state's number is its place there, with the thread above.
typedef struct {
    Search *search;
    uint64_t *states;
    uint32_t *parent;
    uint64_t count, low, high; // all states; those of the level that is being expanded
    uint64_t *out;             // where the next successor goes
    uint32_t current;          // the state that is being expanded
    uint64_t fired[ACTIONS], rests, transitions;
    Sight marks[MARKS], failed[PROPERTIES], error;
    uint64_t *batch;
    uint64_t *recent; // states found lately, by hash: most of what is found twice is found twice soon
    uint32_t *origin;
    uint32_t number;
#ifdef GRAPH
    uint16_t *label, labels[BATCH + SUCCESSORS]; // the action of each successor
#endif
} __attribute__((aligned(128))) Worker; // no two of them share a cache line

static void sight(Worker *w, Sight *at, uint32_t state, uint32_t action, uint32_t choice);

#define MARK(k, action, choice) \
    if (!w->marks[k].seen) sight(w, &w->marks[k], w->current, action, choice)
#define CHECK(fits, action, choice)                                    \
    if (__builtin_expect(!(fits), 0)) {                                \
        if (!w->error.seen) sight(w, &w->error, w->current, action, choice); \
        return 1;                                                      \
    }
#ifdef GRAPH
#define LABEL(action) *w->label++ = action
#else
#define LABEL(action)
#endif
#define EMIT(action)    \
    w->fired[action]++; \
    LABEL(action);      \
    enabled = 1;
