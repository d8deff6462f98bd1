/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BARO_RUNTIME_MACHINE_H
#define BARO_RUNTIME_MACHINE_H

/* Facts about the machine, without EAL: what --check reports and what defaults depend on. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum machine_cap {
	MACHINE_NET_ADMIN = 12, /* the kernel's numbers: CAP_NET_ADMIN, CAP_NET_RAW */
	MACHINE_NET_RAW = 13,
};

/** Octets of free hugepages, of all sizes. */
uint64_t
machine_hugepage_octets(void);

/** Octets of memory that can be had without swapping; UINT64_MAX if unknown. */
uint64_t
machine_memory_octets(void);

/** True if this process has the capability. */
bool
machine_has_cap(enum machine_cap cap);

/** The first CPU that this process may run on, and whether it may run on @cpu. */
unsigned
machine_first_cpu(void);
bool
machine_allows_cpu(unsigned cpu);

/** NUMA node of a CPU or of a PCI device ("0000:01:00.0"); -1: unknown, or there is but one. */
int
machine_cpu_node(unsigned cpu);
int
machine_pci_node(const char *address);

/** The CPUs of a NUMA node, "8-15,24-31"; "" if unknown, or longer than @len. */
void
machine_node_cpus(int node, char *buf, size_t len);

/** Kernel driver that a PCI device is bound to; "" if none. @return false: no such device */
bool
machine_pci_driver(const char *address, char *buf, size_t len);

/** The kernel's interface on a PCI device. @return false: it has none */
bool
machine_pci_interface(const char *address, char *buf, size_t len);

bool
machine_has_interface(const char *name);

/** The default route goes through this interface: without it you may lose the machine. */
bool
machine_has_default_route(const char *interface);

#endif
