/* SPDX-License-Identifier: BSD-3-Clause */

/* Facts about the machine, from /proc, /sys and libnuma. */

#include "runtime/machine.h"

#include <dirent.h>
#include <net/if.h>
#include <numa.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MAX_CPUS = 4096, MAX_PATH = 512 };

static bool
read_number(const char *path, uint64_t *number)
{
	FILE *f = fopen(path, "re");
	unsigned long n = 0;
	bool is_read;

	if (f == NULL)
		return false;
	is_read = fscanf(f, "%lu", &n) == 1;
	fclose(f);
	*number = n;
	return is_read;
}

/* The value of "Name: value" in a file of such lines, in base 10 or 16. */
static bool
read_field(const char *path, const char *name, int base, uint64_t *number)
{
	FILE *f = fopen(path, "re");
	size_t len = strlen(name);
	bool is_found = false;
	char line[256];

	if (f == NULL)
		return false;
	while (!is_found && fgets(line, sizeof(line), f) != NULL) {
		if (strncmp(line, name, len) == 0 && line[len] == ':') {
			*number = strtoull(line + len + 1, NULL, base);
			is_found = true;
		}
	}
	fclose(f);
	return is_found;
}

uint64_t
machine_hugepage_octets(void)
{
	static const char dir[] = "/sys/kernel/mm/hugepages";
	const struct dirent *entry;
	uint64_t sum = 0;
	DIR *d = opendir(dir);

	if (d == NULL)
		return 0;
	while ((entry = readdir(d)) != NULL) {
		char path[MAX_PATH];
		unsigned long size_kb;
		uint64_t n_free;

		if (sscanf(entry->d_name, "hugepages-%lukB", &size_kb) != 1)
			continue;
		snprintf(path, sizeof(path), "%s/%s/free_hugepages", dir, entry->d_name);
		if (read_number(path, &n_free))
			sum += n_free * size_kb * 1024;
	}
	closedir(d);
	return sum;
}

uint64_t
machine_memory_octets(void)
{
	uint64_t kb;

	if (!read_field("/proc/meminfo", "MemAvailable", 10, &kb))
		return UINT64_MAX;
	return kb * 1024;
}

bool
machine_has_cap(enum machine_cap cap)
{
	uint64_t mask;

	if (!read_field("/proc/self/status", "CapEff", 16, &mask))
		return geteuid() == 0;
	return (mask >> cap & 1) != 0;
}

/* Ask for the set of CPUs that we may run on. */
static bool
is_allowed(unsigned cpu, bool otherwise)
{
	cpu_set_t *set = CPU_ALLOC(MAX_CPUS);
	size_t size = CPU_ALLOC_SIZE(MAX_CPUS);
	bool answer = otherwise;

	if (set != NULL && sched_getaffinity(0, size, set) == 0)
		answer = CPU_ISSET_S(cpu, size, set);
	CPU_FREE(set);
	return answer;
}

bool
machine_allows_cpu(unsigned cpu)
{
	return cpu < MAX_CPUS && is_allowed(cpu, true);
}

unsigned
machine_first_cpu(void)
{
	unsigned cpu;

	for (cpu = 0; cpu < MAX_CPUS; cpu++)
		if (is_allowed(cpu, false))
			return cpu;
	return 0;
}

int
machine_cpu_node(unsigned cpu)
{
	if (numa_available() < 0 || numa_max_node() == 0)
		return -1;
	return numa_node_of_cpu((int)cpu);
}

static void
pci_path(const char *address, const char *what, char *buf, size_t len)
{
	/* "01:00.0" is short for domain 0 */
	const char *domain = strlen(address) < 12 ? "0000:" : "";

	snprintf(buf, len, "/sys/bus/pci/devices/%s%s/%s", domain, address, what);
}

int
machine_pci_node(const char *address)
{
	char path[MAX_PATH];
	uint64_t node;

	pci_path(address, "numa_node", path, sizeof(path));
	if (numa_available() < 0 || numa_max_node() == 0 || !read_number(path, &node))
		return -1;
	return (int)node;
}

void
machine_node_cpus(int node, char *buf, size_t len)
{
	char path[MAX_PATH];
	FILE *f;

	buf[0] = '\0';
	snprintf(path, sizeof(path), "/sys/devices/system/node/node%d/cpulist", node);
	f = fopen(path, "re");
	if (f == NULL)
		return;
	if (fgets(buf, (int)len, f) == NULL || strchr(buf, '\n') == NULL)
		buf[0] = '\0'; /* half a list would name a wrong CPU */
	buf[strcspn(buf, "\n")] = '\0';
	fclose(f);
}

bool
machine_pci_driver(const char *address, char *buf, size_t len)
{
	char target[MAX_PATH];
	char path[MAX_PATH];
	const char *name;
	ssize_t n;

	pci_path(address, "", path, sizeof(path));
	if (access(path, F_OK) != 0)
		return false;
	buf[0] = '\0';
	pci_path(address, "driver", path, sizeof(path));
	n = readlink(path, target, sizeof(target) - 1);
	if (n > 0) {
		target[n] = '\0';
		name = strrchr(target, '/');
		snprintf(buf, len, "%s", name != NULL ? name + 1 : target);
	}
	return true;
}

bool
machine_pci_interface(const char *address, char *buf, size_t len)
{
	const struct dirent *entry;
	bool is_found = false;
	char path[MAX_PATH];
	DIR *d;

	pci_path(address, "net", path, sizeof(path));
	d = opendir(path);
	if (d == NULL)
		return false;
	while (!is_found && (entry = readdir(d)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(buf, len, "%s", entry->d_name);
		is_found = true;
	}
	closedir(d);
	return is_found;
}

bool
machine_has_interface(const char *name)
{
	return if_nametoindex(name) != 0;
}

bool
machine_has_default_route(const char *interface)
{
	FILE *f = fopen("/proc/net/route", "re");
	bool is_found = false;
	char line[256];

	if (f == NULL)
		return false;
	while (!is_found && fgets(line, sizeof(line), f) != NULL) {
		char name[64];
		unsigned long destination;

		if (sscanf(line, "%63s %lx", name, &destination) == 2)
			is_found = destination == 0 && strcmp(name, interface) == 0;
	}
	fclose(f);
	return is_found;
}
