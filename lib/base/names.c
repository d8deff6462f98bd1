/* SPDX-License-Identifier: BSD-3-Clause */

/* What drop.def and stat.def say, as strings. */

#include "base/names.h"

struct entry {
	const char *name;
	const char *layer;
	const char *sentence;
};

static const struct entry unknown = { "?", "?", "?" };

static const struct entry drops[DROP_COUNT] = {
	[DROP_NONE] = { "NONE", "", "not dropped" },
#define DROP(name, layer, sentence) [DROP_##name] = { #name, layer, sentence },
#include "base/drop.def"
#undef DROP
};

static const struct entry stats[STAT_COUNT] = {
#define STAT(name, layer, sentence) [STAT_##name] = { #name, layer, sentence },
#include "base/stat.def"
#undef STAT
};

static const struct entry *
find_drop(enum drop why)
{
	return (unsigned)why < DROP_COUNT ? &drops[why] : &unknown;
}

static const struct entry *
find_stat(enum stat what)
{
	return (unsigned)what < STAT_COUNT ? &stats[what] : &unknown;
}

const char *
drop_name(enum drop why)
{
	return find_drop(why)->name;
}

const char *
drop_layer(enum drop why)
{
	return find_drop(why)->layer;
}

const char *
drop_sentence(enum drop why)
{
	return find_drop(why)->sentence;
}

const char *
stat_name(enum stat what)
{
	return find_stat(what)->name;
}

const char *
stat_layer(enum stat what)
{
	return find_stat(what)->layer;
}

const char *
stat_sentence(enum stat what)
{
	return find_stat(what)->sentence;
}
