#!/bin/bash
# Installs what the tests against a real X2Go server need (Debian, as root). The second time it does nothing.
set -euo pipefail

# --- what, and which test wants it
packages=(
	openssh-server openssh-client sudo               # an sshd per test, and OpenSSH as the other client
	x2goserver x2goserver-x2goagent                  # the server itself
	x2goserver-extensions x2goserver-fmbindings      # the features that a usual server announces
	x2goserver-printing x2goserver-xsession
	nxproxy xauth xvfb                               # the client's side: painting on a screen nobody sees
	xterm openbox x11-utils x11-xserver-utils        # something to start in a session, and to look at it
	sshfs                                            # shared folders
	pulseaudio pulseaudio-utils                      # sound: a server without a sound card, and programs that play and hear
	tcsh fish dash                                   # login shells
	python3-x2go pyhoca-cli                          # the other client to share sessions and compare with
	iproute2 iptables procps util-linux              # faults: a cut line, a network namespace, setpriv
	faketime tmux                                    # faults: a jumping clock, a terminal
	x2gobroker x2gobroker-agent x2gobroker-authservice   # a session broker that asks PAM; without its daemon and a web server
	chromium                                         # the live page, as a person sees it
	libdbd-sqlite3-perl                              # taking test users' rows out of the session data base
)
database=/var/lib/x2go/x2go_sessions

missing() {
	local package
	for package in "${packages[@]}"; do
		[[ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null || true)" = installed ]] || echo "$package"
	done
}
die() { echo "test:setup: $*" >&2; exit 1; }

command -v dpkg-query >/dev/null || die "this is no Debian. The tests against a real X2Go server need Debian 12 with: ${packages[*]}"
mapfile -t wanted < <(missing)
if (( ${#wanted[@]} == 0 )) && [[ -e "$database" ]]; then
	echo 'test:setup: everything is there already'
	exit 0
fi
if [[ "$(id -u)" != 0 ]]; then
	(( ${#wanted[@]} )) || die "root is needed to make the X2Go session data base: sudo x2godbadmin --createdb"
	die "root is needed. Missing Debian packages: ${wanted[*]}. Run: sudo npm run test:setup"
fi

# --- packages
if (( ${#wanted[@]} )); then
	echo "test:setup: installing ${#wanted[@]} Debian packages: ${wanted[*]}"
	export DEBIAN_FRONTEND=noninteractive
	log="$(mktemp -t x2go-test-setup.XXXXXX)"
	install_wanted() {
		apt-get install -y -q --no-install-recommends -o Dpkg::Options::=--force-confold "${wanted[@]}" >>"$log" 2>&1
	}
	# stale or no package lists make the first try fail; only then the network is asked for new ones
	install_wanted || { apt-get update -q >>"$log" 2>&1 && install_wanted; } \
		|| { tail -n 20 "$log" >&2; die "apt-get failed, the whole log is $log"; }
	rm -f -- "$log"
	mapfile -t wanted < <(missing)
	(( ${#wanted[@]} == 0 )) || die "still missing after the installation: ${wanted[*]}"
fi

# --- the server's session data base: its package makes it, unless it was installed in some unusual way
[[ -e "$database" ]] || x2godbadmin --createdb >/dev/null || die 'x2godbadmin --createdb failed'
case "$(hostname)" in
'' | localhost | '(none)') die 'the X2Go server refuses a host called localhost: set a real hostname first' ;;
esac
echo 'test:setup: done. The tests against a real X2Go server will run, as root: npm test'
