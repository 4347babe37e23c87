#!/usr/bin/env bash
# leak_test.sh BIN: tts and webctp under valgrind through one login, ticks, a trade, a cancel, a lost client and a clean end.
# valgrind says whether a byte is lost or read before it is written. Skipped (77) where there is no valgrind.
bin=$(realpath "$1")
if ! command -v valgrind >/dev/null; then
    echo "skipped: valgrind is not installed"
    exit 77
fi
# shellcheck source=tests/house/running.sh
. "$(dirname "$0")/running.sh"

watched=(valgrind --quiet --leak-check=full "--errors-for-leak-kinds=definite,indirect" --error-exitcode=9)
start_both "$bin" "${watched[@]}" "$bin/tts" --speed 5 -- "${watched[@]}" "$bin/webctp"
"$bin/webctp-watch" --ticks 10 --seconds 60 "$md_url" rb2505 au2506 || give_up "no ticks" webctp
"$bin/webctp-trade" "$td_url" 4645 wrong rb2505 && give_up "a wrong password was taken"
"$bin/webctp-trade" "$td_url" 4645 secret rb2505 || give_up "no trade" webctp
timeout 1 "$bin/webctp-watch" "$md_url" rb2505 >"$folder/cut.log"
stop_both
