// Threads that stay for the whole search, and do one job at a time together.  After state.h.
//
// A job is a function that takes pieces until there are none left, so that it is done when whoever began
// it has finished.  Who comes late, because the machine has other work, finds the door closed: nobody
// waits for a thread that does not run.

#define OPEN (1u << 31)
#define SPINS 2000 // some 50 microseconds: longer than most gaps between two jobs, shorter than a time slice
#define YIELDS 20

typedef void Job(Search *, Worker *);

typedef struct Team {
    Job *job;
    uint32_t turn; // grows by 1 with every job
    uint32_t door; // OPEN, while one may come in; and how many are inside
    uint32_t members;
    int leave;
    pthread_mutex_t mutex;
    pthread_cond_t bell;
    pthread_t threads[64];
} Team;

INLINE void rest_a_little(uint32_t tries) {
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#endif
    if (tries > SPINS) sched_yield();
}

static void await_turn(Team *team, uint32_t last) {
    for (uint32_t tries = 0; tries < SPINS + YIELDS; tries++) {
        if (__atomic_load_n(&team->turn, __ATOMIC_ACQUIRE) != last) return;
        rest_a_little(tries);
    }
    pthread_mutex_lock(&team->mutex);
    while (__atomic_load_n(&team->turn, __ATOMIC_ACQUIRE) == last) pthread_cond_wait(&team->bell, &team->mutex);
    pthread_mutex_unlock(&team->mutex);
}

static void *member(void *argument) {
    Worker *w = argument;
    Team *team = w->team;
    for (uint32_t last = 0;;) {
        await_turn(team, last);
        last = __atomic_load_n(&team->turn, __ATOMIC_ACQUIRE);
        if (__atomic_load_n(&team->leave, __ATOMIC_RELAXED)) return 0;
        if (__atomic_fetch_add(&team->door, 1, __ATOMIC_ACQUIRE) & OPEN) team->job(w->search, w);
        __atomic_fetch_sub(&team->door, 1, __ATOMIC_RELEASE);
    }
}

static void ring(Team *team) {
    pthread_mutex_lock(&team->mutex);
    __atomic_fetch_add(&team->turn, 1, __ATOMIC_RELEASE);
    pthread_cond_broadcast(&team->bell);
    pthread_mutex_unlock(&team->mutex);
}

// All who are there do this job, the caller with worker `w`; when it returns, it is done and nobody is inside.
static void together(Team *team, Job *job, Search *s, Worker *w) {
    if (!team->members) {
        job(s, w);
        return;
    }
    team->job = job;
    __atomic_fetch_or(&team->door, OPEN, __ATOMIC_RELEASE);
    ring(team);
    job(s, w);
    uint32_t inside = __atomic_and_fetch(&team->door, ~OPEN, __ATOMIC_ACQUIRE);
    for (uint32_t tries = 0; inside; tries++) {
        rest_a_little(tries);
        inside = __atomic_load_n(&team->door, __ATOMIC_ACQUIRE);
    }
}

// As many of these workers get a thread as the system allows.
static void gather(Team *team, Worker *workers, uint32_t count) {
    pthread_mutex_init(&team->mutex, 0);
    pthread_cond_init(&team->bell, 0);
    for (uint32_t i = 0; i < count; i++) {
        workers[i].team = team;
        if (pthread_create(&team->threads[i], 0, member, &workers[i])) break;
        team->members++;
    }
}

static void disperse(Team *team) {
    if (team->members) {
        __atomic_store_n(&team->leave, 1, __ATOMIC_RELAXED);
        ring(team);
    }
    for (uint32_t i = 0; i < team->members; i++) pthread_join(team->threads[i], 0);
}
