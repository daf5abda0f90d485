#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# smc_run - run a program so that its TCP sockets are SMC sockets

me=smc_run
version='@VERSION@'
libdir='@LIBDIR@'
library=libsmc-preload.so

usage() {
	cat <<END
Usage: $me [-d] [-r SIZE] [-t SIZE] [--] PROGRAM [ARGUMENT...]
       $me -h | -v

Runs PROGRAM with its TCP sockets as SMC sockets: its data goes by RDMA where
the peer can do the same, and by TCP everywhere else.

  -d       debug: one line on standard error for each stream socket
  -r SIZE  receive buffer of each SMC socket in bytes, or with K or M behind
  -t SIZE  send (transmit) buffer, likewise
  -h       this text
  -v       version
END
}

die() { # STATUS MESSAGE
	echo "$me: $2" >&2
	exit "$1"
}

# Prints the size if $1 is one, as in 65536, 64K, 1M.
check_size() {
	digits=${1%[kKmM]}
	case $digits in
	'' | *[!0-9]*) return 1 ;;
	esac
	unit=1
	case $1 in
	*[kK]) unit=1024 ;;
	*[mM]) unit=1048576 ;;
	esac
	# what fits into an int
	[ "$digits" -gt 0 ] 2>/dev/null &&
		[ "$digits" -le $((2147483647 / unit)) ]
}

find_library() {
	# Spaces and colons separate the entries of LD_PRELOAD
	for dir in "$(dirname -- "$(readlink -f -- "$0")")" "$libdir"; do
		[ -r "$dir/$library" ] || continue
		case $dir in
		*[:\ ]*) die 1 "$dir: no blank or colon may be in this path" ;;
		esac
		echo "$dir/$library"
		return
	done
	die 1 "$library is neither beside $me nor in $libdir"
}

while getopts :dr:t:hv opt; do
	case $opt in
	d)
		export SMC_DEBUG=1
		;;
	r)
		check_size "$OPTARG" || die 2 "-r $OPTARG: not a size"
		export SMC_RCVBUF="$OPTARG"
		;;
	t)
		check_size "$OPTARG" || die 2 "-t $OPTARG: not a size"
		export SMC_SNDBUF="$OPTARG"
		;;
	h)
		usage
		exit 0
		;;
	v)
		echo "$me $version"
		exit 0
		;;
	:)
		die 2 "option -$OPTARG needs an argument (-h for help)"
		;;
	*)
		die 2 "unknown option -$OPTARG (-h for help)"
		;;
	esac
done
shift $((OPTIND - 1))
[ $# -gt 0 ] || die 2 'which program? (-h for help)'

preload=$(find_library) || exit
export LD_PRELOAD="$preload${LD_PRELOAD:+:$LD_PRELOAD}"
# A program that cannot be run: the shell says so and exits with 127 or 126
exec "$@"
