// The random walk: the same scheduler, draws and statistics as models/simulation/{scheduler,simulator,statistics}.py,
// which say what each of them means.  After the generated steps, questions and tables.

enum { RUNNING, FULL, STOPPED, FAILED_ALWAYS, FAILED_REST, ASK_ALWAYS, ASK_REST, RANGE };
enum { PLAIN, FILLS, FLUSHES, REFILLS, PIECE };                   // KIND
enum { FREE_CHOICE, SIZE_CHOICE, EXHAUSTED_CHOICE, BUDGET_CHOICE }; // of a choice
enum { IS_SHORT = 1, IS_DROP = 2, IS_PARKED = 4, IS_WOKEN = 8 };   // PASSED

// SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, OOPSLA 2014).
static uint64_t drawn(Run *r) {
    uint64_t z = r->n[RANDOM] += 0x9E3779B97F4A7C15ull;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9ull;
    z = (z ^ z >> 27) * 0x94D049BB133111EBull;
    return z ^ z >> 31;
}

static uint64_t below(Run *r, uint64_t n) { return (uint64_t)((unsigned __int128)drawn(r) * n >> 64); }

// The first choice with which the action is enabled, in r->choice; taken, if r->commit says so.
static int attempt(Run *r, int a, int all) {
    int first[CHOICES], many[CHOICES];
    uint64_t total = 1;
    for (int i = 0; i < CHOICE_COUNT[a]; i++) {
        int n = CHOICE[a][i], kind = CHOICE_KIND[a][i];
        many[i] = 1;
        if (kind == SIZE_CHOICE && r->n[SIZES]) first[i] = (int)((const uint32_t *)r->n[SIZES])[r->n[ARRIVED]] - 1;
        else if (kind == EXHAUSTED_CHOICE && r->n[BUDGET]) first[i] = r->n[TAKEN] >= r->n[BUDGET];
        else if (kind == BUDGET_CHOICE && r->n[BUDGET]) first[i] = (int)(r->n[BUDGET] < (uint64_t)n ? r->n[BUDGET] : (uint64_t)n) - 1;
        else {
            first[i] = all || n == 1 ? 0 : (int)below(r, (uint64_t)n);
            many[i] = all || n <= FEW ? n : 1;
        }
        total *= (uint64_t)many[i];
    }
    for (uint64_t k = 0; k < total; k++) {
        uint64_t left = k;
        for (int i = CHOICE_COUNT[a] - 1; i >= 0; i--) {
            r->choice[i] = (first[i] + (int)(left % (uint64_t)many[i])) % CHOICE[a][i];
            left /= (uint64_t)many[i];
        }
        int enabled = STEP[a](r, &r->s, r->choice);
        if (enabled) return enabled;
    }
    return 0;
}

// The place of the action that the scheduler would have first.
static int picked(Run *r, const uint16_t *left, int n) {
    if (n == 1) return 0;
    if (r->n[ALONE]) {
        int inside = 0;
        for (int k = 0; k < n; k++) inside += !ENVIRONMENT[left[k]];
        if (inside) {
            int which = (int)below(r, (uint64_t)inside), k = -1;
            do k++; while (ENVIRONMENT[left[k]] || which--);
            return k;
        }
    }
    if (r->n[ALIKE]) return (int)below(r, (uint64_t)n);
    uint64_t total = 0;
    for (int k = 0; k < n; k++) total += r->weight[left[k]];
    uint64_t mark = below(r, total);
    int k = 0;
    while (mark >= r->weight[left[k]]) mark -= r->weight[left[k++]];
    return k;
}

static void added(Run *r, int spread, uint64_t n) { // a Spread: how many, their sum, the least, the most
    uint64_t *of = r->n + spread;
    if (!of[0] || n < of[2]) of[2] = n;
    if (n > of[3]) of[3] = n;
    of[0]++;
    of[1] += n;
}

static void looked(Run *r) { // who has the descriptors, if it is another than before
    uint64_t now[4] = {0};
    occupied(&r->s, (int64_t *)now);
    uint64_t *last = r->n + LAST_OCCUPANCY;
    if (r->n[OCCUPANCIES_KNOWN] && !memcmp(last, now, sizeof now)) return;
    r->n[OCCUPANCIES_KNOWN] = 1;
    memcpy(last, now, sizeof now);
    uint64_t *to = r->occupancy + 5 * r->n[OCCUPANCIES]++;
    to[0] = r->n[STEPS];
    memcpy(to + 1, now, sizeof now);
}

static void saw(Run *r, int a) {
    uint64_t *n = r->n;
    int taken = 0;
    n[STEPS]++;
    r->fired[a]++;
    n[ARRIVED] += ARRIVES[a];
    n[TAKEN] = POLLS[a] ? 0 : n[TAKEN] + LOOKS[a];
    if (r->dirty >> 62 & 1) {
        uint64_t received = 0;
        received_now(&r->s, (int64_t *)&received);
        taken = received != n[RECEIVED];
        n[RECEIVED] = received;
        n[BUFFERS] += (uint64_t)taken;
    }
    if (r->passed & IS_PARKED) n[PARKED_AT] = n[STEPS];
    else if (r->passed & IS_WOKEN && n[PARKED_AT]) {
        added(r, PARKED, n[STEPS] - n[PARKED_AT]);
        r->parks[2 * n[PARKS]] = n[PARKED_AT];
        r->parks[2 * n[PARKS]++ + 1] = n[STEPS];
        n[PARKED_AT] = 0;
    }
    if (KIND[a] == FILLS) n[FILLED]++;
    else if (KIND[a] == FLUSHES) {
        added(r, PER_PACKET, n[FILLED]);
        n[FILLED] = 0;
    } else if (KIND[a] == REFILLS) {
        added(r, PER_POLL, n[POLLED]);
        n[POLLED] = 0;
    }
    int64_t delivers = taken;
    if (DATA) {
        delivers = KIND[a] == PIECE && !(r->passed & IS_DROP);
        if (delivers) whole_now(&r->s, &delivers);
    }
    n[DELIVERED] += (uint64_t)delivers;
    n[POLLED] += delivers || r->passed & (IS_SHORT | IS_DROP);
    if (n[KEEP_OCCUPANCY] && (r->dirty >> 63 & 1 || !n[OCCUPANCIES_KNOWN])) looked(r);
    if (n[KEEP_MOVES]) {
        uint64_t code = 0;
        for (int i = 0; i < CHOICE_COUNT[a]; i++) code = code * (uint64_t)CHOICE[a][i] + (uint64_t)r->choice[i];
        r->moves[n[MOVES]++] = code << 16 | (uint64_t)a;
    }
    r->passed = 0;
    r->dirty &= ~(3ull << 62);
}

// The questions whose answer may be another one; the first that fails is left in n[FAILED].
static int asked(Run *r) {
    int status = RUNNING;
    for (; r->dirty; r->dirty &= r->dirty - 1) {
        int which = __builtin_ctzll(r->dirty);
        if (!ALWAYS[which](&r->s)) {
            r->n[FAILED] = (uint64_t)which;
            status = FAILED_ALWAYS;
            break;
        }
    }
    if (r->wake) {
        r->n[FAILED_HERE] = status == FAILED_ALWAYS;
        r->n[WAKE] = r->wake;
        r->wake = 0;
        return ASK_ALWAYS;
    }
    return status;
}

static int rested(Run *r) {
    r->n[RESTS]++;
    for (int i = 0; i < RESTING; i++)
        if (REST[i] && !REST[i](&r->s)) {
            r->n[FAILED] = (uint64_t)i;
            return REST_BY_PYTHON ? ASK_REST : FAILED_REST;
        }
    return REST_BY_PYTHON ? ASK_REST : RUNNING;
}

static int taken(Run *r, int a) {
    r->commit = 1;
    STEP[a](r, &r->s, r->choice);
    r->commit = 0;
    saw(r, a);
    return asked(r);
}

static int outside(Run *r, int a) {
    r->n[STRUCK] = (uint64_t)a;
    return RANGE;
}

static int advance(Run *r) {
    uint16_t all[ACTIONS], left[ACTIONS], closed[ACTIONS];
    int found = candidates(&r->s, all), n = 0, shut = 0;
    const int arriving = r->n[ARRIVED] < r->n[PACKETS];
    if (!arriving) {
        int kept = 0;
        for (int k = 0; k < found; k++)
            if (!ENVIRONMENT[all[k]]) all[kept++] = all[k];
        found = kept;
    }
    for (; n < found; n++) left[n] = all[n];
    while (n) {
        int k = picked(r, left, n), a = left[k];
        left[k] = left[--n];
        r->commit = !ENVIRONMENT[a];
        int enabled = attempt(r, a, 0);
        r->commit = 0;
        if (enabled == OUTSIDE) return outside(r, a);
        if (enabled && !ENVIRONMENT[a]) {
            saw(r, a);
            return asked(r);
        }
        if (enabled) {
            int mine[CHOICES], other = 0;
            memcpy(mine, r->choice, sizeof mine);
            for (int i = 0; i < found && !other; i++) {
                int known = ENVIRONMENT[all[i]];
                for (int c = 0; c < shut && !known; c++) known = closed[c] == all[i];
                if (!known && (other = attempt(r, all[i], 1)) == OUTSIDE) return outside(r, all[i]);
            }
            memcpy(r->choice, mine, sizeof mine);
            if (!other) {
                r->n[PENDING] = (uint64_t)a + 1;
                int status = rested(r);
                if (status != RUNNING) return status;
                r->n[PENDING] = 0;
            }
            return taken(r, a);
        }
        if (HAS_FEW[a]) closed[shut++] = (uint16_t)a;
    }
    for (int i = 0; i < found; i++) { // those with many choices were tried with one of them
        int known = ENVIRONMENT[all[i]];
        for (int c = 0; c < shut && !known; c++) known = closed[c] == all[i];
        if (known) continue;
        r->commit = 1;
        int enabled = attempt(r, all[i], 1);
        r->commit = 0;
        if (enabled == OUTSIDE) return outside(r, all[i]);
        if (enabled) {
            saw(r, all[i]);
            return asked(r);
        }
    }
    int status = rested(r);
    return status == RUNNING ? STOPPED : status;
}

// So many steps more, or until something is to be said.  What stood before a step that waits goes first.
int vrx_walk(Run *r, uint64_t most) {
    int status = RUNNING;
    if (r->n[PENDING]) {
        int a = (int)r->n[PENDING] - 1;
        r->n[PENDING] = 0;
        status = taken(r, a);
    }
    for (; status == RUNNING && most && r->n[STEPS] < r->n[LIMIT]; most--) {
        if (r->n[MOVES] == ROOM || r->n[PARKS] == ROOM || r->n[OCCUPANCIES] == ROOM) return FULL;
        status = advance(r);
    }
    return status;
}

// Take an action from whatever state this is: 1, 0 where it is not enabled, or OUTSIDE.
int vrx_take(Run *r, int a, const int *choice) {
    memcpy(r->choice, choice, sizeof *choice * (size_t)CHOICE_COUNT[a]);
    r->commit = 1;
    int enabled = STEP[a](r, &r->s, r->choice);
    r->commit = 0;
    return enabled;
}

Run *vrx_new(void) { return calloc(1, sizeof(Run)); }
void vrx_free(Run *r) { free(r); }
void vrx_get(const Run *r, int64_t *values) { get(&r->s, values); }
void vrx_put(Run *r, const int64_t *values) { put(&r->s, values); }
void vrx_ask_all(Run *r) { r->dirty = r->dirty & 3ull << 62 | ASKED; }
int vrx_ask(Run *r) { return asked(r); }
int vrx_holds(const Run *r, int which, int rest) { return (rest ? REST : ALWAYS)[which](&r->s); }

void *vrx_part(Run *r, int which) {
    void *parts[] = {r->n, r->weight, r->fired, r->marked, r->watch, r->moves, r->parks, r->occupancy, r->choice};
    return parts[which];
}
