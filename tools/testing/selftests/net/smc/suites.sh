#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# topology: one
# kernels: 6.12
# timeout: 5400
# Test suites that others wrote for their programs, first on TCP, then under
# smc_run over RDMA on 127.0.0.1: nothing may fail that does not fail on TCP.
# CPython's suites take long on an emulated machine: SUITES=all runs them all.
. "$(dirname "$0")/lib.sh"

few='test_socket test_socketserver test_smtplib test_poplib test_httplib'
more='test_ftplib test_xmlrpc test_urllib2_localnet test_selectors test_ssl
	test_asyncio'
suites=${SUITES:-$few}
[ "$suites" != all ] || suites="$few $more"

# python_suite SUITE RUN [COMMAND]: its results in $SHARE/RUN.SUITE.xml
python_suite() {
	ON_TIMEOUT=900 on A "cd /tmp && PYTHONHASHSEED=0 ${3-} \
		/usr/bin/python3 -m test -u network --timeout 300 \
		--junit-xml $SHARE/$2.$1.xml $1" >"$TMP/$2.$1" 2>&1
}

# verdicts FILE: a line for each test
verdicts() {
	/usr/bin/python3 -IS - "$1" <<'END'
import sys
import xml.etree.ElementTree as tree

for case in tree.parse(sys.argv[1]).iter("testcase"):
    bad = [e.tag for e in case if e.tag in ("failure", "error")]
    skipped = case.find("skipped") is not None or case.get("result") == "skipped"
    print(case.get("name"), bad[0] if bad else "skipped" if skipped else "ok")
END
}

# compare SUITE: notes what fails on SMC only
compare() {
	local suite=$1 run
	for run in tcp smc; do
		verdicts "$SHARE_HOST/$run.$suite.xml" | sort >"$TMP/$run" ||
			return 1
	done
	[ -s "$TMP/tcp" ] || return 1
	diag "$suite: $(grep -c ' ok$' "$TMP/tcp") passed on TCP, $(
		grep -c ' ok$' "$TMP/smc") on SMC; connections: $smcs SMC, $(
		)$tcps TCP"
	! comm -13 "$TMP/tcp" "$TMP/smc" | grep -v ' ok$'
}

connections() {
	smcs=$(smc_stat A ClientSmc)
	tcps=$(smc_stat A ClientFallback)
}

ktap_begin
check "loads" smc_load A
total=0
for s in $suites; do
	python_suite "$s" tcp
	connections
	before="$smcs $tcps"
	python_suite "$s" smc "$TOOLS/smc_run"
	connections
	smcs=$((smcs - ${before% *}))
	tcps=$((tcps - ${before#* }))
	total=$((total + smcs))
	compare "$s" >"$TMP/worse" 2>&1
	status=$?
	grep '^#' "$TMP/worse"
	if [ $status -eq 0 ]; then
		ok "$s"
	else
		not_ok "$s" "$(grep -v '^#' "$TMP/worse")
$(tail -n 15 "$TMP/smc.$s")"
	fi
done
check "most of it went over SMC" [ $total -gt 50 ]
check "unloads" smc_unload A
ktap_end
