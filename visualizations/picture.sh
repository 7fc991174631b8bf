#!/usr/bin/env bash
# Takes the README's picture of the live table: `npm run picture`.
# Needs Debian's xvfb, xterm, x11-apps, imagemagick and fonts-dejavu-core, and a build.
set -euo pipefail
cd "$(dirname "$0")/.."

work="$(mktemp -d)"
Xvfb -displayfd 3 -screen 0 1200x600x24 -nolisten tcp 3>"$work/display" 2>"$work/xvfb.log" &
screen=$!
terminal=''
trap 'kill $terminal $screen 2>/dev/null; wait 2>/dev/null; rm -rf "$work"' EXIT
until [ -s "$work/display" ]; do kill -0 "$screen"; sleep 0.1; done
DISPLAY=":$(cat "$work/display")"
export DISPLAY

xterm -fa 'DejaVu Sans Mono' -fs 12 -bg '#10141c' -fg '#d7dde8' -geometry 108x15+0+0 -b 12 \
  -e node dist/bin/x2go-guardian.js demo &
terminal=$!
# Long enough for the demo's story to have cut a line and taken a session over.
sleep "${1:-49}"
xwd -silent -root | convert xwd:- -trim +repage -bordercolor '#10141c' -border 12 -strip visualizations/watch.png
echo 'visualizations/watch.png'
