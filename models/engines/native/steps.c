// How each state was found: which successor of which parent, two bytes a state.  After the table.
//
// The states of old levels are only in the table, which knows no numbers.  A state is found again from
// its number by taking the same steps from the initial state.

INLINE uint32_t number_of(const Worker *w, uint64_t place) {
    return (uint32_t)((uint64_t)w->number << w->search->shift | place);
}

// What is found from now on has its parents from this number on.
static void open_block(Worker *w, uint32_t parent) {
    if (w->block_count && w->blocks[w->block_count - 1].first == w->count) w->block_count--; // nothing new in there
    w->blocks[w->block_count++] = (Block){w->count, parent};
}

static Step step_of(const Search *s, uint32_t number) {
    return s->workers[(uint64_t)number >> s->shift].steps[number & ((1ull << s->shift) - 1)];
}

uint32_t vrx_parent(const Search *s, uint32_t number) {
    if (number == 0) return NONE;
    const Worker *w = &s->workers[(uint64_t)number >> s->shift];
    uint64_t place = number & ((1ull << s->shift) - 1), low = 0, high = w->block_count;
    while (high - low > 1) {
        uint64_t middle = (low + high) / 2;
        if (w->blocks[middle].first <= place) low = middle;
        else high = middle;
    }
    return w->blocks[low].parent + (w->steps[place] >> STEP_BITS);
}

#ifdef GRAPH
// A graph needs all states by number, and finds them in a search with one thread.
static const uint64_t *kept(const Search *s, uint32_t number, uint64_t *room) {
    return opened(&s->parts, s->workers[0].halves[0] + number, room);
}
#endif

// The state of a number, until this is called again; 0 when there is no memory.
const uint64_t *vrx_state(Search *s, uint32_t number) {
#ifdef GRAPH
    if (s->threads == 1) return kept(s, number, s->replayed);
#endif
    Worker *w = &s->workers[s->threads];
    const uint64_t first[W] = {INITIAL};
    memcpy(s->replayed, first, sizeof first);
    uint64_t length = 0;
    for (uint32_t n = number; n; n = vrx_parent(s, n)) length++;
    Step *way = malloc((length + 1) * sizeof *way);
    if (!way) return 0;
    for (uint32_t n = number, at = length; n; n = vrx_parent(s, n)) way[--at] = step_of(s, n);
    for (uint64_t i = 0; i < length; i++) {
        w->out = w->batch;
#ifdef GRAPH
        w->label = w->labels;
#endif
        expand(w, s->replayed);
        memcpy(s->replayed, w->batch + (way[i] & ((1u << STEP_BITS) - 1)) * W, sizeof first);
    }
    free(way);
    return s->replayed;
}
