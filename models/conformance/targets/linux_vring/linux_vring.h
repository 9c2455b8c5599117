/* In front of virtio_ring.c: what the user-space headers of tools/virtio lack or do differently. */
#ifndef VRX_LINUX_VRING_H
#define VRX_LINUX_VRING_H

#include <linux/types.h>
#include <linux/kernel.h>

void *vrx_alloc(size_t bytes);
void vrx_free(void *p);
extern char *vrx_base;

/* What the device reads lies in shared memory, zeroed. */
#define alloc_pages_exact(bytes, gfp) vrx_alloc(bytes)
#define free_pages_exact(p, bytes) vrx_free(p)
#define kmalloc(bytes, gfp) vrx_alloc(bytes)
#define kzalloc(bytes, gfp) vrx_alloc(bytes)
#define kmalloc_array(n, bytes, gfp) vrx_alloc((size_t)(n) * (bytes))
#define kcalloc(n, bytes, gfp) vrx_alloc((size_t)(n) * (bytes))
#define kfree(p) vrx_free(p)

/* A physical address is an offset in shared memory. */
#undef virt_to_phys
#undef page_to_phys
#define virt_to_phys(p) ((unsigned long)((char *)(p) - vrx_base))
#define page_to_phys(p) ((dma_addr_t)((char *)(p) - vrx_base))

#include <linux/dma-mapping.h>
#undef dma_alloc_coherent
#define dma_alloc_coherent(dev, bytes, handle, gfp) ({ \
	void *vrx_p = vrx_alloc(bytes); \
	*(handle) = vrx_p ? virt_to_phys(vrx_p) : 0; \
	vrx_p; \
})

/* A failed mapping, on demand: the error path of an add. */
extern int vrx_mappings_left;
#undef dma_mapping_error
#define dma_mapping_error(dev, addr) ((void)(addr), vrx_mappings_left >= 0 && vrx_mappings_left-- == 0)

#ifndef data_race
#define data_race(x) (x)
#endif
#ifndef MODULE_DESCRIPTION
#define MODULE_DESCRIPTION(x)
#endif

/* A failed assertion says where, and ends the process: a result. */
#undef BUG_ON
#define BUG_ON(condition) do { \
	if (condition) { \
		fprintf(stderr, "BUG_ON(%s) in %s(), %s:%d\n", #condition, __func__, __FILE__, __LINE__); \
		abort(); \
	} \
} while (0)

#endif
