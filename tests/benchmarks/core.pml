/* The twin of spec/core.py: the same steps, one transition each, so that the states are the same.

   spin -a -DN=2 -DW=3 core.pml        SC
   spin -a -DN=2 -DW=3 -DTSO core.pml  a store buffer of two entries a side

   Everything is global, because Spin merges steps that only touch local variables.  An idle side may
   end there; the at-rest property is left to vrx. */

#define MASK ((1 << W) - 1)
#define minus(a, b) ((a - b) & MASK)
#define crossed(event, new, old) (((new - event - 1) & MASK) < ((new - old) & MASK))

unsigned avail_idx : W;
unsigned used_idx : W;
unsigned used_event : W;
unsigned avail_event : W;

unsigned taken0 : W;
unsigned taken1 : W;
unsigned added0 : W;
unsigned added1 : W;
unsigned told0 : W;
unsigned told1 : W;
bit kick, irq;

#ifdef TSO
/* Where a buffered store goes: 1 the side's index, 2 its event index, 0 nowhere. */
unsigned where00 : 2;
unsigned where01 : 2;
unsigned where10 : 2;
unsigned where11 : 2;
unsigned value00 : W;
unsigned value01 : W;
unsigned value10 : W;
unsigned value11 : W;
#define ROOM0 (where01 == 0)
#define ROOM1 (where11 == 0)
#define EMPTY0 (where00 == 0)
#define EMPTY1 (where10 == 0)
#define PUT0(place, v) if :: where00 == 0 -> where00 = place; value00 = v :: else -> where01 = place; value01 = v fi
#define PUT1(place, v) if :: where10 == 0 -> where10 = place; value10 = v :: else -> where11 = place; value11 = v fi
#define STORE_IDX0(v) PUT0(1, v)
#define STORE_EVENT0(v) PUT0(2, v)
#define STORE_IDX1(v) PUT1(1, v)
#define STORE_EVENT1(v) PUT1(2, v)
#else
#define ROOM0 true
#define ROOM1 true
#define EMPTY0 true
#define EMPTY1 true
#define STORE_IDX0(v) avail_idx = v
#define STORE_EVENT0(v) used_event = v
#define STORE_IDX1(v) used_idx = v
#define STORE_EVENT1(v) avail_event = v
#endif

active proctype driver() {
    goto ADD;
end_IDLE: if :: d_step { irq -> irq = 0 } fi;
LOOK:
    if
    :: used_idx != taken0 -> goto TAKE
    :: else -> goto ENABLE
    fi;
TAKE:
    if
    :: d_step { true -> taken0 = taken0 + 1 }; goto LOOK
    :: d_step { true -> taken0 = taken0 + 1 }; goto ADD
    fi;
ADD:
    if
    :: d_step { minus(added0, taken0) < N -> added0 = added0 + 1 }; goto PUBLISH
    :: else -> goto CHECK_MB
    fi;
PUBLISH:
    if
    :: d_step { ROOM0 -> STORE_IDX0(added0) }; goto ADD
    :: d_step { ROOM0 -> STORE_IDX0(added0) }; goto CHECK_MB
    fi;
CHECK_MB: EMPTY0;
    if
    :: d_step { crossed(avail_event, added0, told0) -> told0 = added0 }; goto NOTIFY
    :: d_step { !crossed(avail_event, added0, told0) -> told0 = added0 }; goto LOOK
    fi;
NOTIFY: if :: d_step { EMPTY0 -> kick = 1 } fi;
    goto LOOK;
ENABLE: if :: d_step { ROOM0 -> STORE_EVENT0(taken0) } fi;
    EMPTY0;
    if
    :: used_idx != taken0 -> goto DISABLE
    :: else -> goto end_IDLE
    fi;
DISABLE: if :: d_step { ROOM0 -> STORE_EVENT0(minus(taken0, 1)) } fi;
    goto LOOK
}

active proctype device() {
end_IDLE: if :: d_step { kick -> kick = 0 } fi;
LOOK:
    if
    :: avail_idx != taken1 -> goto TAKE
    :: else -> goto ENABLE
    fi;
TAKE:
    if
    :: d_step { true -> taken1 = taken1 + 1 }; goto LOOK
    :: d_step { true -> taken1 = taken1 + 1 }; goto ADD
    fi;
ADD:
    if
    :: d_step { added1 != taken1 -> added1 = added1 + 1 }; goto PUBLISH
    :: else -> goto CHECK_MB
    fi;
PUBLISH:
    if
    :: d_step { ROOM1 -> STORE_IDX1(added1) }; goto ADD
    :: d_step { ROOM1 -> STORE_IDX1(added1) }; goto CHECK_MB
    fi;
CHECK_MB: EMPTY1;
    if
    :: d_step { crossed(used_event, added1, told1) -> told1 = added1 }; goto NOTIFY
    :: d_step { !crossed(used_event, added1, told1) -> told1 = added1 }; goto LOOK
    fi;
NOTIFY: if :: d_step { EMPTY1 -> irq = 1 } fi;
    goto LOOK;
ENABLE: if :: d_step { ROOM1 -> STORE_EVENT1(taken1) } fi;
    EMPTY1;
    if
    :: avail_idx != taken1 -> goto DISABLE
    :: else -> goto end_IDLE
    fi;
DISABLE: if :: d_step { ROOM1 -> STORE_EVENT1(minus(taken1, 1)) } fi;
    goto LOOK
}

#ifdef TSO
active proctype drain0() {
end: do
    :: d_step {
        where00 != 0 ->
        if
        :: where00 == 1 -> avail_idx = value00
        :: else -> used_event = value00
        fi;
        where00 = where01; value00 = value01;
        where01 = 0; value01 = 0
    }
    od
}

active proctype drain1() {
end: do
    :: d_step {
        where10 != 0 ->
        if
        :: where10 == 1 -> used_idx = value10
        :: else -> avail_event = value10
        fi;
        where10 = where11; value10 = value11;
        where11 = 0; value11 = 0
    }
    od
}
#endif
