/* SPDX-License-Identifier: BSD-3-Clause */

/* What is known without asking: hosts, resolv.conf, the cache. */

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/time.h"
#include "kit/dns_lab.h"
#include "resolver/cache.h"
#include "resolver/hosts.h"
#include "resolver/settings.h"

/* hosts */

static struct hosts hosts;

static void
open_hosts(void)
{
	hosts_take(&hosts, strdup("# a comment\n"
				  "198.18.1.1\twww.lab www w3 # another\n"
				  "198.18.1.2 Other.lab www\r\n"
				  "2001:db8::1 www.lab\n"
				  "not.an.address host.lab\n"
				  "198.18.1.3\n"
				  "198.18.1.4 last.lab"));
}

static void
close_hosts(void)
{
	hosts_free(&hosts);
}

TestSuite(hosts, .init = open_hosts, .fini = close_hosts);

static unsigned
find(const char *name, bool wants_v6, struct baro_host *host)
{
	return hosts_find(&hosts, name, wants_v6, host) ? host->n_addrs : 0;
}

Test(hosts, names_in_any_case)
{
	struct baro_host host;

	cr_expect_eq(find("WWW.lab", false, &host), 1);
	cr_expect_eq(baro_addr_to_v4(&host.addr[0]), 0xc6120101);
	cr_expect_eq(find("www", false, &host), 2, "of two lines");
	cr_expect_eq(baro_addr_to_v4(&host.addr[1]), 0xc6120102);
	cr_expect_eq(find("www.lab", true, &host), 2);
	cr_expect(!baro_addr_is_v4(&host.addr[1]), "IPv6 comes last");
	cr_expect_eq(find("last.lab", false, &host), 1, "no newline at the end");
	cr_expect_eq(find("other.lab", false, &host), 1);
	cr_expect_eq(find("host.lab", false, &host), 0);
	cr_expect_eq(find("ww", false, &host), 0);
	cr_expect_eq(find("another", false, &host), 0);
}

Test(hosts, localhost_is_here)
{
	struct baro_host host;

	cr_expect_eq(find("localhost", false, &host), 1);
	cr_expect_eq(baro_addr_to_v4(&host.addr[0]), 0x7f000001);
	cr_expect_eq(find("a.LOCALHOST", false, &host), 1);
	cr_expect_eq(find("notlocalhost", false, &host), 0);
}

Test(hosts, names_of_addresses)
{
	struct baro_addr addr = baro_addr_from_v4(0xc6120101);

	cr_expect_str_eq(hosts_find_name(&hosts, &addr), "www.lab", "the first of its line");
	addr = baro_addr_from_v4(0xc6120102);
	cr_expect_str_eq(hosts_find_name(&hosts, &addr), "Other.lab");
	addr = baro_addr_from_v4(0xc6120103);
	cr_expect_null(hosts_find_name(&hosts, &addr));
}

/* resolv.conf */

static struct settings
read_conf(const char *text)
{
	struct settings s = { .n_servers = 0 };

	settings_read_resolv_conf(&s, text);
	return s;
}

Test(settings, of_resolv_conf)
{
	struct settings s = read_conf("# by hand\n"
				      "nameserver 198.18.0.1\n"
				      "nameserver 127.0.0.53\n"
				      "nameserver ::1\n"
				      "nameserver 198.18.0.3 # second\n"
				      "domain ignored.lab\n"
				      "search a.lab b.lab\n"
				      "options ndots:2 timeout:7 attempts:4 edns0\n"
				      "sortlist 1.2.3.4\n");
	char name[BARO_NAME_STRLEN];

	cr_assert_eq(s.n_servers, 2, "neither the kernel's loopback nor IPv6: %u", s.n_servers);
	cr_expect_eq(baro_addr_to_v4(&s.server[1].addr), 0xc6120003);
	cr_expect_eq(s.server[1].port, 53);
	cr_assert_eq(s.n_search, 2);
	cr_expect_str_eq(dns_name_format(&s.search[1], name), "b.lab");
	cr_expect_eq(s.ndots, 2);
	cr_expect_eq(s.tries, 4);
	cr_expect_eq(s.timeout_ns, 7 * NS_PER_SEC);
}

Test(settings, of_resolv_conf_with_limits)
{
	struct settings s = read_conf("options ndots:99 attempts:1000 timeout:100000\n"
				      "nameserver\nsearch\noptions\n"
				      "nameserver 198.18.0.1\nnameserver 198.18.0.2\n"
				      "nameserver 198.18.0.3\nnameserver 198.18.0.4\n"
				      "nameserver 198.18.0.5\n"
				      "search a b c d e f g h");

	cr_expect_eq(s.ndots, 15);
	cr_expect_eq(s.tries, 8);
	cr_expect_eq(s.timeout_ns, 60 * NS_PER_SEC);
	cr_expect_eq(s.n_servers, 4);
	cr_expect_eq(s.n_search, 6);
}

static void
write_file(char path[32], const char *text)
{
	int fd;

	strcpy(path, "/tmp/baro-test-XXXXXX");
	fd = mkstemp(path);
	cr_assert_geq(fd, 0);
	cr_assert_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
}

/* The configuration goes over the file, key by key; a hosts file is asked first. */
Test(settings, configuration_and_files)
{
	struct baro_config config = { .core.seed = 1, .resolve = { .ndots = 3 } };
	struct baro_endpoint ep;
	static struct dns_lab lab;
	struct settings s;

	write_file(config.resolve.resolv_conf,
		"nameserver 198.18.0.9\nsearch file.lab\noptions ndots:2 attempts:5\n");
	write_file(config.resolve.hosts, "198.18.1.1 www.lab\n");
	settings_load(&s, &config.resolve);
	cr_expect_eq(s.n_servers, 1);
	cr_expect_eq(s.ndots, 3);
	cr_expect_eq(s.tries, 5);
	cr_expect_eq(s.n_search, 1);
	cr_expect_eq(s.timeout_ns, 2 * NS_PER_SEC);
	dns_lab_open_with(&lab, &config, NULL);
	cr_expect_eq(dns_lab_ask(&lab, "www.lab"), 0);
	cr_expect_eq(lab.host.source, BARO_SOURCE_HOSTS);
	cr_expect_str_eq(lab.name, "www.lab");
	cr_assert_eq(baro_nameserver_read(lab.core, 0, &ep), 0);
	cr_expect_eq(baro_addr_to_v4(&ep.addr), 0xc6120009);
	cr_expect_eq(baro_nameserver_read(lab.core, 1, &ep), -ERANGE);
	cr_assert_eq(
		baro_getnameinfo(lab.core, &lab.host.addr[0], NULL, dns_lab_host, &lab, NULL), 0);
	dns_lab_await(&lab);
	cr_expect_str_eq(lab.name, "www.lab");
	dns_lab_close(&lab);
	unlink(config.resolve.resolv_conf);
	unlink(config.resolve.hosts);
}

Test(settings, files_that_are_not_there)
{
	struct baro_resolve_config config = { .resolv_conf = "/nonexistent", .search = "a.lab" };
	struct settings s;

	settings_load(&s, &config);
	cr_expect_eq(s.n_servers, 0);
	cr_expect_eq(s.n_search, 1);
	cr_expect_eq(s.tries, 3);
}

/* The cache */

static struct cache cache;

static struct dns_name
numbered(unsigned i)
{
	struct dns_name name;
	char text[32];

	snprintf(text, sizeof(text), "Host%u.lab", i);
	cr_assert_eq(dns_name_parse(&name, text), 0);
	return name;
}

static unsigned
add(unsigned i, uint16_t len, uint64_t until_ns)
{
	static const uint8_t octets[65535];
	struct reply *reply = reply_new(octets, len);
	struct dns_name name = numbered(i);
	unsigned n_evicted = cache_add(&cache, &name, BARO_DNS_A, reply, until_ns);

	reply_release(reply);
	return n_evicted;
}

static bool
has(unsigned i, uint64_t now_ns)
{
	struct dns_name name = numbered(i);

	dns_name_lower(&name);
	return cache_find(&cache, &name, BARO_DNS_A, now_ns) != NULL;
}

static void
open_cache(void)
{
	cache_init(&cache, &(struct siphash_key){ 1, 2 }, 16384);
}

static void
close_cache(void)
{
	cache_fini(&cache);
	cr_expect_eq(cache.octets, 0);
}

TestSuite(cache, .init = open_cache, .fini = close_cache);

Test(cache, answers_hold_until_their_time)
{
	add(1, 100, 1000);
	cr_expect(has(1, 999));
	cr_expect(!has(1, 1000));
	cr_expect_eq(cache.octets, 0, "what is over is gone");
	cr_expect(!has(2, 0));
}

Test(cache, a_newer_answer_replaces)
{
	add(1, 100, 1000);
	add(1, 200, 2000);
	cr_expect(has(1, 1500));
	cr_expect_eq(list_is_empty(&cache.by_use), false);
	cr_expect_eq(cache.by_use.next, cache.by_use.prev, "one entry");
}

Test(cache, it_stays_within_its_octets)
{
	unsigned n_evicted = 0;

	for (unsigned i = 0; i < 1000; i++) {
		n_evicted += add(i, 500, UINT64_MAX);
		cr_expect_leq(cache.octets, cache.octets_max);
		cr_expect(has(0, 0), "what is used stays");
	}
	cr_expect(has(999, 0));
	cr_expect(!has(1, 0));
	cr_expect(n_evicted > 900 && n_evicted < 1000);
}

Test(cache, what_is_too_long_is_not_kept)
{
	add(1, 5000, UINT64_MAX);
	cr_expect(!has(1, 0));
}
