// What the generated steps of a random walk write to.  Before this: State, ACTIONS, MARKS, PLACES, CHOICES (no action has
// more), and the enum of numbers that Python reads and writes, COUNTERS of them.

#define OUTSIDE (-1)     // a value does not fit its field: Python takes the step and says what is wrong
#define FEW 4            // a free choice of no more values is tried with all of them
#define ROOM (1u << 16)  // moves that are kept until Python fetches them

typedef struct {
    State s;
    uint64_t n[COUNTERS];
    int commit;            // take the step, or only look whether it is enabled
    uint64_t dirty, wake;  // questions: to be asked here; whether Python is to be asked
    uint64_t passed;       // the marks that the statistics know, of this step
    uint64_t weight[ACTIONS], fired[ACTIONS], marked[MARKS], watch[PLACES];
    int choice[CHOICES];
    uint64_t moves[ROOM], parks[2 * ROOM], occupancy[5 * ROOM];
} Run;

#define MARK(k) (r->marked[k]++, r->passed |= PASSED[k])

#define COUNT(array, length, value) counted(array, sizeof *array, length, value)
// How many elements are the value.
static inline __attribute__((always_inline)) int counted(const void *array, int width, int length, uint64_t value) {
    int found = 0;
    if (width < 8 && value >> 8 * width) return 0; // none of them: the comparisons below would cut it off
    if (width == 1)
        for (int i = 0; i < length; i++) found += ((const uint8_t *)array)[i] == (uint8_t)value;
    else if (width == 2)
        for (int i = 0; i < length; i++) found += ((const uint16_t *)array)[i] == (uint16_t)value;
    else if (width == 4)
        for (int i = 0; i < length; i++) found += ((const uint32_t *)array)[i] == (uint32_t)value;
    else
        for (int i = 0; i < length; i++) found += ((const uint64_t *)array)[i] == value;
    return found;
}
