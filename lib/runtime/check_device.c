/* SPDX-License-Identifier: BSD-3-Clause */

/* --check: what each kind of device needs of the machine. */

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/check.h"
#include "runtime/machine.h"

/* What an option of a vdev names. */
enum names {
	NAMES_NOTHING,
	NAMES_NEW_INTERFACE,
	NAMES_INTERFACE,
	NAMES_FILE,
};

struct vdev_needs {
	const char *driver;
	bool net_admin;
	bool net_raw;
	const char *path; /* of a device file, read and written */
	const char *option;
	enum names names;
};

static const struct vdev_needs needs[] = {
	{ "net_tap", true, true, "/dev/net/tun", "iface", NAMES_NEW_INTERFACE },
	{ "net_af_packet", false, true, NULL, "iface", NAMES_INTERFACE },
	{ "net_af_xdp", true, true, NULL, "iface", NAMES_INTERFACE },
	{ "net_pcap", false, false, NULL, "rx_pcap", NAMES_FILE },
	{ "net_virtio_user", false, false, NULL, "path", NAMES_FILE },
	{ NULL, false, false, NULL, NULL, NAMES_NOTHING },
};

/* The name in front of the options: "net_tap0" of "net_tap0,iface=baro0". */
static void
copy_name(const char *device, char *buf, size_t len)
{
	snprintf(buf, len, "%.*s", (int)strcspn(device, ","), device);
}

static bool
check_cap(struct check *c, const char *name, enum machine_cap cap, const char *cap_name)
{
	char mend[160];

	if (machine_has_cap(cap))
		return true;
	snprintf(mend, sizeof(mend),
		"run as root, or setcap cap_net_admin,cap_net_raw+ep on the program, or "
		"use net_memif, which needs none");
	check_problem(c, name, mend, "needs %s", cap_name);
	return false;
}

static bool
check_file(struct check *c, const char *name, const char *path, int mode, const char *mend)
{
	if (access(path, mode) == 0)
		return true;
	check_problem(c, name, mend, "%s %s", path,
		access(path, F_OK) == 0 ? "may not be used" : "is not there");
	return false;
}

static bool
check_named(struct check *c, const char *name, const struct vdev_needs *n, const char *device)
{
	char value[256];

	if (n->option == NULL || !eal_device_option(device, n->option, value, sizeof(value))) {
		if (n->names != NAMES_INTERFACE)
			return true;
		check_problem(c, name, "add iface=NAME", "names no interface");
		return false;
	}
	if (n->names == NAMES_FILE)
		return check_file(c, name, value, R_OK, "name a file that can be read");
	if (n->names == NAMES_INTERFACE && !machine_has_interface(value)) {
		check_problem(c, name, "ip -br link lists them; app/run net_af_packet makes a pair",
			"there is no interface %s", value);
		return false;
	}
	if (n->names == NAMES_NEW_INTERFACE && machine_has_interface(value)) {
		check_problem(c, name, "end the program that has it, or choose another iface=",
			"interface %s exists already", value);
		return false;
	}
	return true;
}

/* With the default route on it, the machine would lose its network. */
static bool
check_shared(struct check *c, const char *name, const struct vdev_needs *n, const char *device)
{
	char value[64];

	if (n->names != NAMES_INTERFACE ||
		!eal_device_option(device, "iface", value, sizeof(value)) ||
		!machine_has_default_route(value))
		return true;
	check_problem(c, name,
		"use another interface, or a veth pair as app/run net_af_packet does",
		"%s carries the default route: the kernel would answer, too", value);
	return false;
}

void
check_vdev(struct check *c, const char *device)
{
	const struct vdev_needs *n;
	bool is_fine = true;
	char name[64];

	copy_name(device, name, sizeof(name));
	for (n = needs; n->driver != NULL; n++)
		if (strncmp(device, n->driver, strlen(n->driver)) == 0)
			break;
	if (n->net_admin)
		is_fine &= check_cap(c, name, MACHINE_NET_ADMIN, "CAP_NET_ADMIN");
	if (n->net_raw)
		is_fine &= check_cap(c, name, MACHINE_NET_RAW, "CAP_NET_RAW");
	if (n->path != NULL)
		is_fine &= check_file(c, name, n->path, R_OK | W_OK,
			"modprobe tun; in a container: --device /dev/net/tun");
	is_fine &= check_named(c, name, n, device);
	is_fine &= check_shared(c, name, n, device);
	if (is_fine)
		check_ok(c, name, "all that it needs is there");
}

/* Drivers of the kernel that DPDK works beside, and those made for user space. */
static bool
is_usable_driver(const char *driver)
{
	static const char *const usable[] = { "vfio-pci", "uio_pci_generic", "igb_uio", "mlx4_core",
		"mlx5_core", "mana", NULL };
	unsigned i;

	for (i = 0; usable[i] != NULL; i++)
		if (strcmp(driver, usable[i]) == 0)
			return true;
	return false;
}

static void
check_distance(struct check *c, const char *address, const struct eal_args *args)
{
	int node = machine_pci_node(address);
	int core_node;

	if (node < 0 || !args->is_cpu_list)
		return;
	core_node = machine_cpu_node((unsigned)strtoul(args->lcores, NULL, 10));
	if (core_node >= 0 && core_node != node)
		check_problem(c, address, "name cores of its own node with -l",
			"is on NUMA node %d, the cores are on %d", node, core_node);
}

void
check_pci(struct check *c, const char *device, const struct eal_args *args)
{
	char interface[64];
	char driver[64];
	char mend[160];
	char name[64];

	copy_name(device, name, sizeof(name));
	if (!eal_is_pci(name)) {
		check_ok(c, name, "not a PCI address; its driver will look for it");
		return;
	}
	if (!machine_pci_driver(name, driver, sizeof(driver))) {
		check_problem(c, name, "dpdk-devbind.py --status lists them", "no such PCI device");
		return;
	}
	if (!is_usable_driver(driver)) {
		if (machine_pci_interface(name, interface, sizeof(interface)) &&
			machine_has_default_route(interface))
			snprintf(mend, sizeof(mend), "another device: %s carries the default route",
				interface);
		else
			snprintf(mend, sizeof(mend),
				"modprobe vfio-pci; dpdk-devbind.py --bind=vfio-pci %s", name);
		check_problem(
			c, name, mend, "is bound to %s", driver[0] != '\0' ? driver : "no driver");
		return;
	}
	check_distance(c, name, args);
	check_ok(c, name, "bound to %s", driver);
}
