#!/usr/bin/env bash
# install_test.sh BUILD: what `cmake --install` puts somewhere else runs there: the programs find their own libraries and facts.
build=$(realpath "$1")
# shellcheck source=tests/house/running.sh
. "$(dirname "$0")/running.sh"

cmake --install "$build" --prefix "$folder/there" >"$folder/install.log" || give_up "cmake --install failed" install
cd "$folder" || exit 1
there=$folder/there/bin
for program in tts webctp openctp-channels ctp-schema webctp-watch webctp-trade; do
    [ -x "$there/$program" ] || give_up "$program is not installed"
done
for file in products.csv sessions.csv instruments.csv holidays.csv; do
    find "$folder/there/share" -name "$file" | grep -q . || give_up "$file is not installed"
done
find "$folder/there/share" -name tts.md | grep -q . || give_up "the documentation is not installed"
"$there/openctp-channels" switch tts >"$folder/switch.log" || give_up "no channel" switch
grep -q "$folder/there/.*/libthosttraderapi_se.so" "$folder/switch.log" || give_up "not the installed library" switch
grep -rq "$build" "$folder/there/share" && give_up "an installed file names the build folder"

start_both "$there" "$there/tts" -- "$there/webctp"
"$there/webctp-trade" "$td_url" 4645 secret rb2505 || give_up "no trade" webctp
grep -q "$folder/there/.*libthosttraderapi_se.so" "$folder/webctp.log" || give_up "not the installed library" webctp
stop_both
