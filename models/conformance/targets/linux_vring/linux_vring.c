/*
 * Linux's virtio_ring.c as a library: one queue, its memory shared with whoever loads it.
 * What comes before it in the compiled unit is virtio_ring.c itself, or a changed copy of it.
 */

void *__kmalloc_fake, *__kfree_ignore_start, *__kfree_ignore_end;
void *__user_addr_min, *__user_addr_max;

/*
 * Shared memory: blocks of a power of two, page-aligned from a page on.  Behind what was asked for, up to the end
 * of the block, stands a pattern: who reads it gets nonsense, who writes it is found when the block is freed.
 * Freed blocks are filled with it, too.
 */
#define PATTERN 0xdb
char *vrx_base;
int vrx_mappings_left = -1;
static char *next, *end;
static void *freed[21];
static long live;

/* By the place of a block, in units of 64 bytes: its class, and what was asked for. */
static unsigned char *class_at;
static unsigned int *asked_at;

static int class_of(size_t bytes)
{
	int k = 6;

	while (((size_t)1 << k) < bytes)
		k++;
	return k;
}

void *vrx_alloc(size_t bytes)
{
	size_t guarded = bytes & 4095 ? bytes + 32 : bytes;	/* whole pages are rings: the harness watches around them */
	int k = class_of(guarded);
	char *p;

	if (k > 20)
		return NULL;
	if (freed[k]) {
		p = freed[k];
		freed[k] = *(void **)p;
	} else {
		size_t align = k >= 12 ? 4096 : (size_t)1 << k;

		p = vrx_base + (((size_t)(next - vrx_base) + align - 1) & ~(align - 1));
		if (p + ((size_t)1 << k) > end)
			return NULL;
		next = p + ((size_t)1 << k);
		class_at[(p - vrx_base) >> 6] = k;
	}
	asked_at[(p - vrx_base) >> 6] = bytes;
	memset(p, 0, bytes);
	memset(p + bytes, PATTERN, ((size_t)1 << k) - bytes);
	live++;
	return p;
}

void vrx_free(void *p)
{
	size_t unit, i, length;

	if (!p)
		return;
	unit = ((char *)p - vrx_base) >> 6;
	length = (size_t)1 << class_at[unit];
	for (i = asked_at[unit]; i < length; i++)
		if (((unsigned char *)p)[i] != PATTERN) {
			fprintf(stderr, "byte %zu of a block of %u bytes was written\n", i, asked_at[unit]);
			abort();
		}
	memset(p, PATTERN, length);
	*(void **)p = freed[class_at[unit]];
	freed[class_at[unit]] = p;
	live--;
}

long vrx_live(void)
{
	return live;
}

void vrx_memory(char *base, size_t begin, size_t length)
{
	vrx_base = base;
	next = base + begin;
	end = base + length;
	class_at = calloc(length >> 6, sizeof *class_at);
	asked_at = calloc(length >> 6, sizeof *asked_at);
}

static struct virtio_device device;
static struct virtqueue *vq;
static unsigned int kicks, callbacks;

static bool notify(struct virtqueue *q)
{
	kicks++;
	return true;
}

static void callback(struct virtqueue *q)
{
	callbacks++;
}

static int disable_vq_and_reset(struct virtqueue *q)
{
	q->reset = true;
	return 0;
}

static int enable_vq_after_reset(struct virtqueue *q)
{
	q->reset = false;
	return 0;
}

static const struct virtio_config_ops ops = {
	.disable_vq_and_reset = disable_vq_and_reset,
	.enable_vq_after_reset = enable_vq_after_reset,
};

/* A queue with these features (those of the transport: the ring's own).  0, or -1 if there is no memory. */
int vrx_start(unsigned int size, unsigned long long features, int context)
{
	memset(&device, 0, sizeof device);
	INIT_LIST_HEAD(&device.vqs);
	spin_lock_init(&device.vqs_list_lock);
	device.features = features;
	device.config = &ops;
	vring_transport_features(&device);
	kicks = callbacks = 0;
	vrx_mappings_left = -1;
	vq = vring_create_virtqueue(0, size, 4096, &device, true, false, context, notify, callback, "receive");
	if (!vq)
		return -1;
	vq->num_max = size;
	return 0;
}

/* As if `index` buffers had gone through the packed queue, which is empty; the flags of its slots are the harness's. */
static void begin_packed(struct vring_virtqueue *q, unsigned int index)
{
	unsigned int num = q->packed.vring.num, slot = index % num, wrap = !(index / num % 2);
	u16 place = slot | wrap << VRING_PACKED_EVENT_F_WRAP_CTR;

	q->packed.next_avail_idx = slot;
	q->packed.avail_wrap_counter = wrap;
	q->packed.avail_used_flags = 1 << (wrap ? VRING_PACKED_DESC_F_AVAIL : VRING_PACKED_DESC_F_USED);
	q->last_used_idx = place;
	q->packed.vring.driver->off_wrap = place;
	q->packed.vring.device->off_wrap = place;
}

/* As if `index` buffers had gone through the queue, which is empty. */
void vrx_begin(unsigned int index)
{
	struct vring_virtqueue *q = to_vvq(vq);

	if (q->packed_ring) {
		begin_packed(q, index);
		return;
	}
	q->split.avail_idx_shadow = index;
	q->last_used_idx = index;
	q->split.vring.avail->idx = index;
	q->split.vring.used->idx = index;
	vring_used_event(&q->split.vring) = index;
	vring_avail_event(&q->split.vring) = index;
}

/* Where the three parts of the queue are, and how large it is. */
void vrx_where(unsigned long long *out)
{
	out[0] = virtqueue_get_desc_addr(vq);
	out[1] = virtqueue_get_avail_addr(vq);
	out[2] = virtqueue_get_used_addr(vq);
	out[3] = virtqueue_get_vring_size(vq);
}

unsigned long long vrx_features(void)
{
	return device.features;
}

void vrx_end(void)
{
	if (vq)
		vring_del_virtqueue(vq);
	vq = NULL;
}

/* segments: n pairs (address, length), the readable ones first.  How many of them are readable. */
int vrx_post(const unsigned long long *segments, unsigned int n, unsigned int readable, unsigned long token, int context)
{
	static struct scatterlist list[2][32768];
	struct scatterlist *sgs[2];
	unsigned int counts[2] = { readable, n - readable }, i, k, sides = 0, out = 0;

	for (k = 0; k < 2; k++) {
		if (!counts[k])
			continue;
		sg_init_table(list[k], counts[k]);
		for (i = 0; i < counts[k]; i++, segments += 2) {
			char *p = vrx_base + segments[0];

			sg_set_page(&list[k][i], (struct page *)((unsigned long)p & ~4095ul), segments[1],
				    (unsigned long)p & 4095);
		}
		sgs[sides++] = list[k];
		out += k == 0;
	}
	if (context)
		return virtqueue_add_inbuf_ctx(vq, list[1], n, (void *)token, (void *)token, 0);
	return virtqueue_add_sgs(vq, sgs, out, sides - out, (void *)token, 0);
}

void vrx_kick(void)
{
	virtqueue_kick(vq);
}

/* The next used buffer: its token, 0 for none; the length through `length`. */
unsigned long vrx_take(unsigned int *length, int context)
{
	void *ctx = NULL, *token;

	if (!context)
		return (unsigned long)virtqueue_get_buf(vq, length);
	token = virtqueue_get_buf_ctx(vq, length, &ctx);
	if (token && ctx != token) {
		fprintf(stderr, "context %p of token %p\n", ctx, token);
		abort();
	}
	return (unsigned long)token;
}

void vrx_disable(void)
{
	virtqueue_disable_cb(vq);
}

int vrx_enable(void)
{
	return virtqueue_enable_cb(vq);
}

unsigned int vrx_prepare(void)
{
	return virtqueue_enable_cb_prepare(vq);
}

int vrx_poll(unsigned int opaque)
{
	return virtqueue_poll(vq, opaque);
}

int vrx_enable_delayed(void)
{
	return virtqueue_enable_cb_delayed(vq);
}

int vrx_interrupt(void)
{
	return vring_interrupt(0, vq);
}

unsigned int vrx_kicks(void)
{
	unsigned int n = kicks;

	kicks = 0;
	return n;
}

unsigned int vrx_callbacks(void)
{
	unsigned int n = callbacks;

	callbacks = 0;
	return n;
}

int vrx_broken(void)
{
	return virtqueue_is_broken(vq);
}

unsigned int vrx_num_free(void)
{
	return vq->num_free;
}

unsigned long vrx_detach(void)
{
	return (unsigned long)virtqueue_detach_unused_buf(vq);
}

static void recycle(struct virtqueue *q, void *token)
{
}

int vrx_resize(unsigned int size)
{
	return virtqueue_resize(vq, size, recycle);
}
