// The graph of a complete search between the states of one predicate, and its fair cycles.  After
// runtime.c and the generated predicates(), same() (a number that an edge of a predicate does not
// change), comes() (what a cycle of a predicate has to come to), CONTEXT[] (who takes an action) and
// FREE[] (the environment's actions, which are no context's doing).
//
// WITNESS is a context more than there are: enabled wherever comes() does not hold, and never stepping.
// That it is fair, weakly, is that a cycle comes to a state where it does.

typedef struct {
    Search *search;
    int predicate;
    uint32_t *slot;              // slot of the table -> number of the state that is there
    uint64_t nodes, edges, done; // done: nodes whose edges are there
    uint32_t *number, *node;     // node -> number of its state, and back, NONE for a state outside
    uint64_t *first;             // node -> where its edges begin; the next node's begin where they end
    uint32_t *target;
    uint16_t *label;             // edge -> action
    uint64_t *enabled;           // node -> contexts that could take a step, to wherever, and the witness
    uint32_t *region;            // node -> part of the graph that it may still share a cycle with; 0: none
    uint64_t edge_room;
} Graph;

#define SETTLED 0x80000000u // this region is a fair component

static void give_back(void *p, uint64_t bytes) {
    if (p) munmap(p, bytes);
}

static uint64_t slots(const Search *s) { return (s->lines + GUARD) * SHAPE_OF(s)->slots; }

void vrx_graph_free(Graph *g) {
    if (!g) return;
    uint64_t all = total(g->search);
    give_back(g->slot, slots(g->search) * 4);
    give_back(g->node, all * 4 + 4);
    give_back(g->number, g->nodes * 4 + 4);
    give_back(g->first, g->nodes * 8 + 16);
    give_back(g->enabled, g->nodes * 8 + 8);
    give_back(g->region, g->nodes * 4 + 4);
    give_back(g->target, g->edge_room * 4);
    give_back(g->label, g->edge_room * 2);
    free(g);
}

// The nodes: states of one worker's search in which the predicate holds.
Graph *vrx_graph_new(Search *s, int predicate) {
    Graph *g = calloc(1, sizeof *g);
    if (!g) return 0;
    g->search = s;
    g->predicate = predicate;
    uint64_t all = total(s);
    g->slot = reserve(slots(s) * 4);
    g->node = reserve(all * 4 + 4);
    if (!g->slot || !g->node) goto failed;
    for (uint64_t i = 0; i < all; i++) {
        uint64_t room[W], key[KEY];
        const uint64_t *state = kept(s, (uint32_t)i, room);
        key_of(&s->parts, state, key);
        g->slot[slot_of(s, key)] = (uint32_t)i;
        int inside = predicates(state) >> predicate & 1;
        g->node[i] = inside ? (uint32_t)g->nodes++ : NONE;
    }
    g->edge_room = g->nodes * SUCCESSORS + 1;
    g->number = reserve(g->nodes * 4 + 4);
    g->first = reserve(g->nodes * 8 + 16);
    g->enabled = reserve(g->nodes * 8 + 8);
    g->region = reserve(g->nodes * 4 + 4);
    g->target = reserve(g->edge_room * 4);
    g->label = reserve(g->edge_room * 2);
    if (!g->number || !g->first || !g->enabled || !g->region || !g->target || !g->label) goto failed;
    for (uint64_t i = 0; i < all; i++)
        if (g->node[i] != NONE) g->number[g->node[i]] = (uint32_t)i;
    return g;
failed:
    vrx_graph_free(g);
    return 0;
}

// The successors of a state, in the worker's batch: how many.
static uint32_t successors(Worker *w, const uint64_t *s) {
    w->out = w->batch;
    w->label = w->labels;
    expand(w, s);
    return (uint32_t)((w->out - w->batch) / W);
}

static void add_edges(Graph *g, Worker *w, const uint8_t *allowed) {
    uint64_t room[W], key[KEY];
    const uint64_t *here = kept(g->search, g->number[g->done], room);
    uint32_t n = successors(w, here);
    int64_t value = same(g->predicate, here);
    uint64_t enabled = (uint64_t)!comes(g->predicate, here) << WITNESS;
    for (uint32_t i = 0; i < n; i++) {
        uint16_t action = w->labels[i];
        if (!FREE[action]) enabled |= 1ull << CONTEXT[action];
        const uint64_t *there = w->batch + (uint64_t)i * W;
        if (!allowed[action] || same(g->predicate, there) != value) continue;
        if (!key_of(&g->search->parts, there, key)) continue;
        uint64_t slot = slot_of(g->search, key);
        if (slot == NOWHERE || g->node[g->slot[slot]] == NONE) continue;
        uint32_t number = g->slot[slot];
        g->target[g->edges] = g->node[number];
        g->label[g->edges++] = action;
    }
    g->enabled[g->done] = enabled;
    g->first[++g->done] = g->edges;
}

// Add edges of allowed actions for some milliseconds; 1 when all are there.
int vrx_graph_extend(Graph *g, const uint8_t *allowed, int ms) {
    int64_t deadline = now_ms() + ms;
    while (g->done < g->nodes) {
        add_edges(g, &g->search->workers[0], allowed);
        if (!(g->done & 255) && now_ms() >= deadline) return 0;
    }
    return 1;
}

typedef struct {
    uint32_t *index, *low, *stack, *path;
    uint64_t *edge;
    uint32_t counter, regions, best, looked;
    int64_t deadline; // 0: there is none
    int again, late;
    uint64_t weak, strong;
} Tarjan;

// A component is on the stack from `base` on.  It is fair; or some of its nodes lie on no fair cycle
// and the rest is looked at again; or nothing of it is left.
static void judge_component(Graph *g, Tarjan *t, uint32_t base, uint32_t top) {
    uint32_t id = ++t->regions;
    uint64_t stepped = 0, always = ~0ull, ever = 0, inside = 0;
    for (uint32_t i = base; i < top; i++) g->region[t->stack[i]] = id;
    for (uint32_t i = base; i < top; i++) {
        uint32_t v = t->stack[i];
        always &= g->enabled[v];
        ever |= g->enabled[v];
        for (uint64_t e = g->first[v]; e < g->first[v + 1]; e++) {
            if (g->region[g->target[e]] != id) continue;
            inside++;
            if (!FREE[g->label[e]]) stepped |= 1ull << CONTEXT[g->label[e]];
        }
    }
    uint64_t starved = t->strong & ever & ~stepped;
    int hopeless = !inside || (t->weak & always & ~stepped);
    for (uint32_t i = base; i < top; i++) {
        uint32_t v = t->stack[i];
        if (hopeless || g->enabled[v] & starved) g->region[v] = 0;
        else if (!starved) g->region[v] = id | SETTLED;
        if (g->region[v] & SETTLED && (t->best == NONE || v < t->best)) t->best = v;
    }
    if (!hopeless && starved) t->again = 1;
}

static void tarjan_from(Graph *g, Tarjan *t, uint32_t root) {
    uint32_t depth = 0, top = 0;
    t->path[depth] = root;
    t->edge[depth] = g->first[root];
    t->index[root] = t->low[root] = ++t->counter;
    t->stack[top++] = root;
    for (;;) {
        if (t->deadline && !(++t->looked & 0xffff) && now_ms() >= t->deadline) t->late = 1;
        if (t->late) return;
        uint32_t v = t->path[depth];
        if (t->edge[depth] < g->first[v + 1]) {
            uint32_t u = g->target[t->edge[depth]++];
            if (g->region[u] != g->region[v]) continue; // also all that were judged in this round
            if (!t->index[u]) {
                t->index[u] = t->low[u] = ++t->counter;
                t->stack[top++] = u;
                t->path[++depth] = u;
                t->edge[depth] = g->first[u];
            } else if (t->index[u] < t->low[v]) {
                t->low[v] = t->index[u];
            }
            continue;
        }
        if (t->low[v] == t->index[v]) {
            uint32_t base = top;
            while (t->stack[--base] != v) {}
            judge_component(g, t, base, top);
            top = base;
        }
        if (!depth) return;
        uint32_t below = t->path[--depth];
        // A judged node has left the region; what it can reach is no way back.
        if (g->region[v] == g->region[below] && t->low[v] < t->low[below]) t->low[below] = t->low[v];
    }
}

// Find the fair components: contexts in `weak` step or are disabled somewhere on the cycle, those in
// `strong` step or are enabled nowhere.  The first node of the nearest component, or NONE, or NONE - 1
// when there is no memory, or NONE - 2 when it takes longer than so many milliseconds (0: any time).
uint32_t vrx_graph_fair(Graph *g, uint64_t weak, uint64_t strong, int64_t ms) {
    Tarjan t = {.best = NONE, .weak = weak, .strong = strong, .regions = 1, .deadline = ms ? now_ms() + ms : 0};
    uint64_t n = g->nodes + 1;
    t.index = reserve(n * 4);
    t.low = reserve(n * 4);
    t.stack = reserve(n * 4);
    t.path = reserve(n * 4);
    t.edge = reserve(n * 8);
    if (t.index && t.low && t.stack && t.path && t.edge) {
        for (uint64_t v = 0; v < g->nodes; v++) g->region[v] = 1;
        do {
            t.again = 0;
            t.counter = 0;
            memset(t.index, 0, n * 4);
            // A node judged in this round has an index and keeps it: it waits for the next one.
            for (uint64_t v = 0; v < g->nodes && !t.late; v++)
                if (!t.index[v] && g->region[v] && !(g->region[v] & SETTLED)) tarjan_from(g, &t, (uint32_t)v);
        } while (t.again && !t.late);
        if (t.late) t.best = NONE - 2;
    } else {
        t.best = NONE - 1;
    }
    give_back(t.index, n * 4);
    give_back(t.low, n * 4);
    give_back(t.stack, n * 4);
    give_back(t.path, n * 4);
    give_back(t.edge, n * 8);
    return t.best;
}

// The arrays: 0 numbers, 1 first edges, 2 targets, 3 labels, 4 enabled, 5 regions.
const void *vrx_graph_array(const Graph *g, int which) {
    const void *all[] = {g->number, g->first, g->target, g->label, g->enabled, g->region};
    return all[which];
}

uint64_t vrx_graph_size(const Graph *g, int edges) { return edges ? g->edges : g->nodes; }

// One state's successors and actions, for comparing the readings of a step.
uint32_t vrx_successors(Search *s, const uint64_t *item, uint64_t *out, uint16_t *actions) {
    Worker *w = &s->workers[0];
    uint32_t n = successors(w, item);
    memcpy(out, w->batch, (uint64_t)n * W * 8);
    memcpy(actions, w->labels, (uint64_t)n * 2);
    w->out = w->batch;
    return n;
}
