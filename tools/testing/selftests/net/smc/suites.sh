#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# topology: one
# timeout: 14400
# Test suites that others wrote for their programs, first on TCP, then under
# smc_run over RDMA on 127.0.0.1: nothing may fail that does not fail on TCP.
# CPython's and Tornado's come from Debian's packages, libuv's from its source
# package. They take long on an emulated machine: SUITES=all runs them all,
# SUITES="test_ssl libuv" some.
. "$(dirname "$0")/lib.sh"

few='test_socket test_socketserver test_smtplib test_poplib test_httplib
	tornado.test.tcpserver_test'
# of asyncio's, those that make connections
more='test_ftplib test_xmlrpc test_urllib2_localnet test_selectors test_ssl
	test.test_asyncio.test_base_events
	test.test_asyncio.test_buffered_proto
	test.test_asyncio.test_events
	test.test_asyncio.test_selector_events
	test.test_asyncio.test_sendfile
	test.test_asyncio.test_server
	test.test_asyncio.test_sock_lowlevel
	test.test_asyncio.test_ssl
	test.test_asyncio.test_sslproto
	test.test_asyncio.test_streams
	test.test_asyncio.test_subprocess
	test.test_asyncio.test_unix_events
	tornado.test.iostream_test
	tornado.test.tcpclient_test
	tornado.test.httpserver_test
	tornado.test.http1connection_test
	tornado.test.simple_httpclient_test
	tornado.test.websocket_test
	libuv'
[ "$SMC_KERNEL" = 6.12 ] || few=test_socket
suites=${SUITES:-$few}
[ "$suites" != all ] || suites="$few $more"

# The sources are kept for the next time.
sources=$TOP/build/suites

# get_source PACKAGE: unpacked to $sources/PACKAGE; sources.list needs no deb-src
get_source() {
	local apt
	[ ! -d "$sources/$1" ] || return 0
	mkdir -p "$sources/lists" "$sources/$1.new"
	echo "deb-src [signed-by=/usr/share/keyrings/$(
		)debian-archive-keyring.gpg] http://deb.debian.org/debian $(
		)bookworm main" >"$sources/sources.list"
	apt=(apt-get -qq -o Dir::Etc::SourceList="$sources/sources.list"
		-o Dir::Etc::SourceParts=/dev/null -o Acquire::Retries=3
		-o Dir::State::Lists="$sources/lists" -o Dir::Cache="$sources"
		-o APT::Sandbox::User=root)
	"${apt[@]}" update &&
		(cd "$sources/$1.new" && "${apt[@]}" source "$1") &&
		mv "$sources/$1.new/"*/ "$sources/$1"
}

# the tests only: they run on the library that is installed
build_libuv() {
	local dir=$sources/libuv1
	get_source libuv1 || return
	[ -x "$sources/libuv" ] || gcc -O1 -w -D_GNU_SOURCE \
		-D_FILE_OFFSET_BITS=64 -I "$dir/include" -I "$dir/src" \
		"$dir"/test/{blackhole-server,echo-server,run-tests}.c \
		"$dir"/test/{runner,runner-unix,test-*}.c \
		-o "$sources/libuv" -l:libuv.so.1 -lpthread -ldl
}

# libuv_suite COMMAND: those of its tests that use TCP; not for root
libuv_suite() {
	on A "cd $sources/libuv1 && UV_TEST_TIMEOUT_MULTIPLIER=10 \
		$1 setpriv --reuid nobody --clear-groups sh -c '
		for t in \$($sources/libuv --list | cut -d \" \" -f 1 |
			grep -E \"$libuv_tests\" | grep -vE \"fs_|pipe|udp\")
		do
			timeout 300 $sources/libuv \$t </dev/null
		done'"
}
libuv_tests='tcp|connect|^poll_|shutdown|callback_stack|delayed_accept|emfile|'
libuv_tests+='multiple_listen|^not_|readable|socket_buffer|^ipc_|spawn_inherit'

# python_suite SUITE RUN COMMAND: its results in $SHARE/RUN.SUITE.xml
python_suite() {
	local dir=
	case $1 in
	tornado.*) dir='--testdir /usr/lib/python3/dist-packages/tornado/test' ;;
	esac
	on A "cd /tmp && PYTHONHASHSEED=0 $3 \
		/usr/bin/python3 -m test -u network --timeout 1200 $dir \
		--junit-xml $SHARE/$2.$1.xml $1"
}

# run_suite SUITE RUN COMMAND: a line for each test in $TMP/RUN
run_suite() {
	local ON_TIMEOUT=3000
	if [ "$1" = libuv ]; then
		libuv_suite "$3" >"$TMP/$2.$1" 2>&1
		awk '/^(not )?ok [0-9]+ - / {
			v = /# SKIP/ ? "skipped" : /^not/ ? "failure" : "ok"
			sub(/^[^-]*- /, ""); sub(/ #.*/, "")
			print $0, v }' "$TMP/$2.$1"
	else
		python_suite "$@" >"$TMP/$2.$1" 2>&1
		verdicts "$SHARE_HOST/$2.$1.xml"
	fi | sort >"$TMP/$2"
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

# worse: what is not as good on SMC; fails if there is such, or nothing at all
worse() {
	[ -s "$TMP/tcp" ] || return 1
	! comm -13 "$TMP/tcp" "$TMP/smc" | grep -v ' ok$' || return 1
	# nor may a test be missing
	! join -v 1 "$TMP/tcp" "$TMP/smc" | grep .
}

connections() {
	smcs=$(smc_stat A ClientSmc)
	tcps=$(smc_stat A ClientFallback)
}

count() {
	grep -c ' ok$' "$TMP/$1"
}

ktap_begin
case " $suites " in
*[[:space:]]libuv[[:space:]]*) check "libuv's tests are built" build_libuv ;;
esac
check "loads" smc_load A
total=0
for s in $suites; do
	run_suite "$s" tcp ""
	connections
	before="$smcs $tcps"
	run_suite "$s" smc "$TOOLS/smc_run"
	connections
	smcs=$((smcs - ${before% *}))
	tcps=$((tcps - ${before#* }))
	total=$((total + smcs))
	diag "$s: $(count tcp) passed on TCP, $(count smc) on SMC; $(
		)connections: $smcs SMC, $tcps TCP"
	if bad=$(worse); then
		ok "$s"
	else
		not_ok "$s" "$bad
$(grep -A 40 -E '^(ERROR|FAIL):|^not ok' "$TMP/smc.$s" | head -n 100)
$(tail -n 15 "$TMP/smc.$s")"
	fi
done
check "most of it went over SMC" [ $total -gt 50 ]
check "unloads" smc_unload A
ktap_end
