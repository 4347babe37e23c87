#!/usr/bin/env bash
# running.sh: for the other scripts of this folder, which source it: a temporary folder, programs in the background, and
# their logs. Ports are always free ones, read from the logs. Everything that was started is ended with the script.
set -u
folder=$(mktemp -d)
export XDG_DATA_HOME=$folder/data
unset OPENCTP_CHANNELS_PATH
started=""
# shellcheck disable=SC2317 # called by trap
clean_up() {
    local pid
    for pid in $started; do
        kill "$pid" 2>/dev/null && wait "$pid"
    done
    rm -rf "$folder"
}
trap clean_up EXIT

give_up() { # WHAT [LOG]
    echo "$1"
    [ -z "${2-}" ] || cat "$folder/$2.log"
    exit 1
}

# Starts a program in the background; its output goes to the log NAME.
start() { # NAME COMMAND...
    "${@:2}" >"$folder/$1.log" 2>&1 </dev/null &
    started="$! $started"
}

# What follows TEXT in the first line of the log that has it.
told() { # NAME TEXT
    local line
    for _ in $(seq 600); do
        line=$(grep -m 1 -F "$2" "$folder/$1.log")
        [ -z "$line" ] || break
        sleep 0.1
    done
    [ -n "$line" ] || return 1
    echo "${line#*"$2"}"
}

# Starts tts with an account 4645 and made-up ticks, and webctp for both sides behind it. TTS and WEBCTP are commands
# and may have words before the program. Sets `td_url` and `md_url`.
start_both() { # BIN TTS... -- WEBCTP...
    local bin=$1 tts=() ready
    shift
    while [ "$1" != -- ]; do
        tts+=("$1")
        shift
    done
    shift
    "$bin/tts" --db "$folder/tts.db" user add 4645 --password secret --deposit 1000000 || give_up "no account"
    start tts "${tts[@]}" --db "$folder/tts.db" --host 127.0.0.1 --td 0 --md 0
    ready=$(told tts "trading at ") || give_up "tts did not start" tts
    cat >"$folder/webctp.yaml" <<END
TdFrontAddress: tcp://${ready%%,*}
MdFrontAddress: tcp://127.0.0.1:${ready##*:}
Host: 127.0.0.1
Port: 0
Channel: tts
LoginTimeout: 60
ConFilePath: $folder/con_file/
END
    start webctp "$@" --config="$folder/webctp.yaml" --app_type=dev
    ready=$(told webctp "listening on 127.0.0.1 port ") || give_up "webctp did not start" webctp
    # shellcheck disable=SC2034 # for the script that sources this
    td_url=ws://127.0.0.1:$ready/td/ md_url=ws://127.0.0.1:$ready/md/
}

# Ends what was started, the newest first; gives up unless all end with 0.
stop_both() {
    local pid code failed=0
    for pid in $started; do
        code=0
        kill "$pid" && wait "$pid" || code=$?
        [ "$code" = 0 ] || failed=$code
    done
    started=""
    [ "$failed" = 0 ] || { cat "$folder"/*.log; give_up "a program ended with exit code $failed"; }
}
