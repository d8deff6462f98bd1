/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BARO_RUNTIME_CONFIG_VALUES_H
#define BARO_RUNTIME_CONFIG_VALUES_H

/* The kinds of values that configuration keys take: text in, field out; and what a key is. */

#include <baro/addr.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct config_key;

/** A suffix and what it multiplies by; a table of them ends with a NULL name. */
struct value_unit {
	const char *name;
	uint64_t scale;
};

/** A word and the number that it stands for; a table of them ends with a NULL name. */
struct value_word {
	const char *name;
	uint32_t number;
};

struct config_type {
	const char *placeholder; /* "DURATION", for the help text */
	const char *expects;     /* "a duration such as 200ms, 15s or 2min" */
	/**
	 * Set the field of @key in @base, the structure of its section.
	 * @return 0, -EINVAL (not of this type), -ERANGE (outside @key's limits)
	 */
	int (*parse)(const struct config_key *key, const char *text, void *base);
	const struct value_unit *units; /* of a number; largest last */
	const struct value_word *words; /* of an enumeration */
	bool is_number;
};

/** A row of the table of keys (config_keys.h). */
struct config_key {
	const char *section; /* "tcp"; "port" stands for port0..port7 */
	const char *name;    /* "msl" */
	const struct config_type *type;
	size_t offset; /* of the field in struct baro_config; in struct baro_port_config for "port" */
	size_t len;    /* octets of the field */
	size_t prefix_offset; /* of the prefix length that belongs to an address */
	uint64_t min;         /* of a number */
	uint64_t max;
	const char *fallback; /* the default, as text of the type; NULL: none */
	const char *help;
};

extern const struct config_type value_number, value_duration, value_size, value_rate,
	value_probability, value_switch, value_idle, value_ecn, value_text, value_address,
	value_prefix, value_mac, value_servers;

/* Lists (config_lists.c), with commas between their entries. */
extern const struct config_type value_addresses, value_vlans, value_routes, value_neighbours;

/* Single values, for those who read them out of a larger text. @return 0, -EINVAL */

/** "198.18.0.2/24" */
int
value_read_prefix(const char *text, struct baro_addr *addr, uint8_t *prefix_len);

/** "02:00:00:00:00:02" */
int
value_read_mac(const char *text, uint8_t mac[6]);

/** "1.5s" by units to 1500000000. @return 0, -EINVAL, -ERANGE (more than 64 bits) */
int
value_scale(const char *text, const struct value_unit *units, uint64_t *number);

/** The shortest text that value_scale() reads back as @number. @return @buf */
char *
value_format(uint64_t number, const struct value_unit *units, char *buf, size_t len);

/** Read and write an unsigned field of 1, 2, 4 or 8 octets. */
uint64_t
value_load(const void *field, size_t width);
void
value_store(void *field, size_t width, uint64_t number);

#endif
