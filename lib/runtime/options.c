/* SPDX-License-Identifier: BSD-3-Clause */

/* The command line: EAL's part is set aside, ours is read. */

#include "runtime/options.h"

#include <string.h>

/* One option of ours: "--name=value" or "--name value". */
struct word {
	char name[96];
	const char *value; /* behind the '=', or the next argument; NULL: there is none */
	bool is_joined;    /* value came with '=' */
};

/* What stands behind "--", or all if the first argument is one of ours. */
struct ours {
	char **arg;
	int n;
};

void
options_complain(const char *where, const char *problem, void *user)
{
	struct options *o = user;

	o->n_problems++;
	fprintf(o->errors, "%s: %s: %s\n", o->app->name, where, problem);
}

static const struct baro_app_option *
find_own(const struct baro_app *app, const char *name)
{
	const struct baro_app_option *own;

	for (own = app->options; own != NULL && own->name != NULL; own++)
		if (strcmp(own->name, name) == 0)
			return own;
	return NULL;
}

/* "-c": an option of the application's with a name of one letter. */
static bool
is_short(const struct options *o, const char *arg)
{
	return arg[0] == '-' && arg[1] != '\0' && arg[1] != '-' && arg[2] == '\0' &&
	       find_own(o->app, arg + 1) != NULL;
}

/* @return false: @arg is no option at all */
static bool
read_word(const struct options *o, struct word *w, const char *arg, const char *next)
{
	const char *equals = strchr(arg, '=');
	size_t len = equals != NULL ? (size_t)(equals - arg) : strlen(arg);

	if (strcmp(arg, "-h") == 0) {
		*w = (struct word){ .name = "help", .value = NULL };
		return true;
	}
	if (is_short(o, arg)) {
		*w = (struct word){ .name = { arg[1] }, .value = next };
		return true;
	}
	if (strncmp(arg, "--", 2) != 0 || len < 4 || len - 2 >= sizeof(w->name))
		return false;
	memcpy(w->name, arg + 2, len - 2);
	w->name[len - 2] = '\0';
	w->is_joined = equals != NULL;
	w->value = w->is_joined ? equals + 1 : next;
	return true;
}

static bool
is_flag(const struct options *o, const char *name)
{
	const struct baro_app_option *own = find_own(o->app, name);

	return strcmp(name, "help") == 0 || strcmp(name, "version") == 0 ||
	       strcmp(name, "check") == 0 || (own != NULL && own->value == NULL);
}

/* What bears no dash, if the application has a use for it. */
static const struct baro_app_option *
find_bare(const struct options *o, const char *arg)
{
	return arg[0] != '-' ? find_own(o->app, "") : NULL;
}

static bool
is_ours(const struct options *o, const char *arg)
{
	struct word w;

	if (find_bare(o, arg) != NULL)
		return true;
	return read_word(o, &w, arg, NULL) &&
	       (is_flag(o, w.name) || strcmp(w.name, "config") == 0 ||
		       strchr(w.name, '.') != NULL || find_own(o->app, w.name) != NULL);
}

static struct ours
split(const struct options *o, int argc, char **argv)
{
	int i;

	for (i = 1; i < argc; i++)
		if (strcmp(argv[i], "--") == 0)
			return (struct ours){ .arg = argv + i + 1, .n = argc - i - 1 };
	if (argc > 1 && is_ours(o, argv[1]))
		return (struct ours){ .arg = argv + 1, .n = argc - 1 };
	return (struct ours){ .arg = argv + argc, .n = 0 };
}

static void
take_bare(struct options *o, const char *arg)
{
	const char *problem = find_bare(o, arg)->set(arg, o->app->user);

	if (problem != NULL)
		options_complain(arg, problem, o);
}

/* "--root", "-c": as it was written */
static const char *
spell(const struct word *w, char *text, size_t len)
{
	snprintf(text, len, "%s%s", w->name[1] == '\0' ? "-" : "--", w->name);
	return text;
}

static void
take_flag(struct options *o, const struct word *w)
{
	const struct baro_app_option *own = find_own(o->app, w->name);
	const char *problem;
	char where[112];

	spell(w, where, sizeof(where));
	if (w->is_joined) {
		options_complain(where, "takes no value", o);
		return;
	}
	if (own != NULL) {
		problem = own->set(NULL, o->app->user);
		if (problem != NULL)
			options_complain(where, problem, o);
		return;
	}
	o->wants_help |= strcmp(w->name, "help") == 0;
	o->wants_version |= strcmp(w->name, "version") == 0;
	o->wants_check |= strcmp(w->name, "check") == 0;
}

static void
take_value(struct options *o, const struct word *w)
{
	const struct baro_app_option *own = find_own(o->app, w->name);
	const char *problem;
	char where[112];

	spell(w, where, sizeof(where));
	if (w->value == NULL)
		options_complain(where, "needs a value", o);
	else if (own != NULL && (problem = own->set(w->value, o->app->user)) != NULL)
		options_complain(where, problem, o);
	else if (own == NULL && strchr(w->name, '.') != NULL)
		baro_config_set(&o->config, w->name, w->value, options_complain, o);
}

/* @return arguments used, 1 or 2 */
static int
take_option(struct options *o, const char *arg, const char *next)
{
	struct word w;

	if (find_bare(o, arg) != NULL) {
		take_bare(o, arg);
		return 1;
	}
	if (!read_word(o, &w, arg, next)) {
		options_complain(
			arg, "is no option; --help lists them, EAL's go in front of --", o);
		return 1;
	}
	if (is_flag(o, w.name)) {
		take_flag(o, &w);
		return 1;
	}
	if (!is_ours(o, arg)) {
		options_complain(
			arg, "is no option of ours; --help lists them, EAL's go in front of --", o);
		return w.is_joined || next == NULL || next[0] == '-' ? 1 : 2;
	}
	take_value(o, &w);
	return w.is_joined || next == NULL ? 1 : 2;
}

/* Files come first: what the command line says goes over them, wherever it stands. */
static void
load_files(struct options *o, const struct ours *ours)
{
	struct word w;
	int i;

	for (i = 0; i < ours->n; i++) {
		const char *next = i + 1 < ours->n ? ours->arg[i + 1] : NULL;

		if (!read_word(o, &w, ours->arg[i], next) || is_flag(o, w.name))
			continue;
		i += !w.is_joined;
		if (strcmp(w.name, "config") == 0 && w.value != NULL)
			baro_config_load(&o->config, w.value, options_complain, o);
	}
}

/* A device of the configuration that EAL has not been told of. */
static void
add_devices(struct options *o)
{
	unsigned i;

	for (i = 0; i < BARO_MAX_PORTS && !o->eal.has_pci; i++) {
		const char *device = o->config.port[i].device;

		if (!o->config.port[i].is_used || !eal_is_pci(device))
			continue;
		eal_args_add(&o->eal, "-a");
		eal_args_add(&o->eal, device);
	}
}

void
options_read(struct options *o, const struct baro_app *app, int argc, char **argv, FILE *errors)
{
	struct ours ours;
	int i;

	memset(o, 0, sizeof(*o));
	o->app = app;
	o->errors = errors;
	ours = split(o, argc, argv);
	load_files(o, &ours);
	for (i = 0; i < ours.n;)
		i += take_option(o, ours.arg[i], i + 1 < ours.n ? ours.arg[i + 1] : NULL);

	eal_args_init(&o->eal, argc > 0 ? argv[0] : app->name);
	eal_args_split(&o->eal, o->config.eal_args);
	for (i = 1; i < argc && argv + i < ours.arg && strcmp(argv[i], "--") != 0; i++)
		eal_args_add(&o->eal, argv[i]);
	eal_args_look(&o->eal);
	add_devices(o);
	eal_args_look(&o->eal);
}

void
options_help(const struct baro_app *app, FILE *out)
{
	const struct baro_app_option *bare = find_own(app, "");
	const struct baro_app_option *own;
	char name[64];

	fprintf(out, "%s: %s\n\n", app->name, app->about);
	fprintf(out, "usage: %s [EAL options] -- [options]%s%s\n\n", app->name,
		bare != NULL ? " " : "", bare != NULL ? bare->value : "");
	fprintf(out, "  %-29s %s\n", "--config FILE",
		"read keys from a file; drivers-config/ has some");
	fprintf(out, "  %-29s %s\n", "--check",
		"say whether it would run here and what is missing; start nothing");
	fprintf(out, "  %-29s %s\n", "--version", "say which version this is");
	fprintf(out, "  %-29s %s\n", "-h, --help", "this text");
	for (own = app->options; own != NULL && own->name != NULL; own++) {
		const char *dashes = own->name[0] == '\0' ? "" : own->name[1] == '\0' ? "-" : "--";

		snprintf(name, sizeof(name), "%s%s%s%s", dashes, own->name,
			own->value != NULL && own->name[0] != '\0' ? " " : "",
			own->value != NULL ? own->value : "");
		fprintf(out, "  %-29s %s\n", name, own->help);
	}
	fputc('\n', out);
	baro_config_help(out);
	fprintf(out,
		"\nEAL options are DPDK's, as in --vdev=net_tap0,iface=baro0 or -a 0000:01:00.0. "
		"Where they are\nsilent we take hugepages if there are enough, one core, and no "
		"PCI device.\n");
}
