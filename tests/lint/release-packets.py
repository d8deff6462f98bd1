#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""A packet leaves by dev_tx(), drop() or pkt_release(): nothing else frees an mbuf."""
import re

import lint

# The .c files of dev own rings and queues and empty them when they are torn down.
OWNER = re.compile(r'lib/dev/(pkt\.h|[^/]+\.c)$')
FREES = re.compile(r'\b(rte_pktmbuf_free\w*|rte_pktmbuf_prefree_seg|rte_mbuf_raw_free|'
                   r'rte_mbuf_refcnt_update|rte_mempool_put\w*)\b')


def check(tree):
    for path in tree.files('lib', 'app'):
        if OWNER.match(path):
            continue
        for line, text in tree.code_lines(path):
            for name in FREES.findall(text):
                yield path, line, f'{name}: call drop(env, m, why) or pkt_release(m) of dev/pkt.h'


BAD = {
    'lib/dev/pkt.h': 'rte_pktmbuf_free(m);\n',
    'lib/dev/port.c': 'rte_pktmbuf_free_bulk(m, n);\n',
    'lib/dev/tx.h': 'rte_pktmbuf_free(m); /* WRONG */\n',
    'lib/ip/in4.c': '/* rte_pktmbuf_free() is not for us */\ndrop(env, m, DROP_IP_SHORT);\n'
                    'rte_pktmbuf_free_seg(m); /* WRONG */\n',
}

lint.main(check, BAD)
