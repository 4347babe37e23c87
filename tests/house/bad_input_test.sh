#!/usr/bin/env bash
# bad_input_test.sh BIN: what people get wrong, program by program: a wrong option, a file that is cut short, a database
# that is damaged or in use, a port that is taken, a library that is none. Each gets one line that names the thing, and an
# exit code that is not 0. The keys of webctp's config, each wrong in turn, are in tests/webctp/options_test.c.
set -u
bin=$(realpath "$1")
test=$(realpath "$0")
folder=$(mktemp -d)
export XDG_DATA_HOME=$folder/data
unset OPENCTP_CHANNELS_PATH
server=""
trap '[ -z "$server" ] || { kill "$server"; wait "$server"; }; rm -rf "$folder"' EXIT
cd "$folder" || exit 1
failed=0
cases=0

# refused CODE PATTERN COMMAND...: the command ends with CODE and one line on stderr, which the extended regular expression matches.
refused() {
    local code=$1 pattern=$2 got=0 output
    shift 2
    cases=$((cases + 1))
    output=$(timeout -k 5 20 "$@" 2>&1 >/dev/null </dev/null) || got=$?
    if [ "$got" = "$code" ] && [ "$(printf '%s\n' "$output" | wc -l)" = 1 ] &&
        printf '%s\n' "$output" | grep -Eq -- "$pattern"; then
        return
    fi
    failed=$((failed + 1))
    printf 'not as it should be: %s\n  exit code %s, wanted %s\n  wanted one line with: %s\n  got: %s\n' \
        "$*" "$got" "$code" "$pattern" "$output"
}

tts() {
    refused "$1" "$2" "$bin/tts" --td 0 --md 0 "${@:3}"
}

# ---- tts: the command line and the config ----

tts 2 'unknown option --sped; did you mean --speed\?' --sped 3
tts 2 'unknown option --xyz; .tts --help. lists' --xyz
tts 2 '--ticks needs a value' --ticks
refused 2 'command line: td is "99999"; write a whole number from 0 to 65535' "$bin/tts" --td 99999
tts 2 'td is given twice' --td 1
tts 2 'speed is "fast"' --speed fast
tts 2 'profile is "odd"; write one of: tts ctp' --profile odd
tts 2 'query_rate is "-5"' --set query_rate=-5
tts 2 'unknown command frobnicate' frobnicate
tts 1 '^tts: no\.yaml: cannot be read' --config no.yaml
printf 'td: 1\nspeeed: 2\n' >wrong.yaml
tts 1 '^tts: wrong\.yaml:2:1: .*speeed.*speed' --config wrong.yaml
printf 'td: [1\n' >broken.yaml
tts 1 '^tts: broken\.yaml:[0-9]+:[0-9]+: broken YAML' --config broken.yaml
tts 1 '^tts: /nowhere/[a-z.]+csv: cannot be opened' --share /nowhere
tts 1 'certificate is given without private-key; give both' --certificate no.pem
tts 1 'no\.pem: cannot be used as the certificate' --certificate no.pem --private-key no.pem

# ---- tts: ticks ----

header=TradingDay,InstrumentID,UpdateTime,UpdateMillisec,LastPrice,Volume,BidPrice1,BidVolume1,AskPrice1,AskVolume1
row() { echo "20210104,$1,09:30:0$2,0,$3,$2,5230.0,5,5230.2,5"; }
{ echo $header; row IF2101 1 5230.0; row IF2101 2 5230.2; row IF2101 3 5230.4; } >good.csv
head -c $(($(wc -c <good.csv) - 40)) good.csv >cut.csv
gzip -c good.csv | head -c 90 >cut.csv.gz
{ echo $header; row IF2101 1 5230.0; row IF2101 2 fifty; } >letters.csv
{ echo $header; row zz2101 1 5230.0; } >unknown.csv
: >empty.csv
cp letters.csv no_gzip.csv.gz
tts 1 '^tts: cut\.csv:4:[0-9]+: .*cut short' --check --ticks cut.csv
tts 1 '^tts: cut\.csv\.gz:[0-9]+: .*cut short' --check --ticks cut.csv.gz
tts 1 '^tts: letters\.csv:3:[0-9]+: .*fifty' --check --ticks letters.csv
tts 1 '^tts: unknown\.csv:2:?[0-9]*: .*zz2101' --check --ticks unknown.csv
tts 1 '^tts: empty\.csv:1:1: the file is empty' --check --ticks empty.csv
tts 1 '^tts: nowhere\.csv: cannot be opened' --check --ticks nowhere.csv
tts 1 '^tts: book: there is no instrument rb2599 in the ticks' --db book.db --book rb2599

# ---- tts: a list of holidays that ends before today ----

cp -r "$(dirname "$test")/../../share" share
grep -Ev '^holiday,20(19|2)' share/holidays.csv >holidays.csv
mv holidays.csv share/holidays.csv
cases=$((cases + 1))
warning="WARNING - holidays\.csv says nothing of $(TZ=Asia/Shanghai date +%Y): weekdays count"
if ! "$bin/tts" --td 0 --md 0 --check --share share --exchange-calendar | grep -q "$warning"; then
    failed=$((failed + 1))
    printf 'no warning of a list of holidays that ends before today\n'
fi

# ---- tts: the database, the port ----

head -c 5000 /dev/urandom >noise.db
tts 1 '^tts: noise\.db: is not a database of tts' --db noise.db
tts 1 '^tts: noise\.db: is not a database of tts' --db noise.db user list
tts 1 'nowhere/x\.db.*the folder of the database must exist' --db nowhere/x.db
tts 1 '^tts: new\.db: there is no such database' --db new.db user passwd nobody --password x
"$bin/tts" --db new.db user add 1 --password secret >user.log || exit 1
tts 1 'nobody is not known' --db new.db user passwd nobody --password x

"$bin/tts" --db held.db --host 127.0.0.1 --td 0 --md 0 >server.log 2>&1 &
server=$!
for _ in $(seq 200); do
    grep -q 'ready: ' server.log && break
    sleep 0.1
done
port=$(sed -n 's/.*trading at 127\.0\.0\.1:\([0-9]*\),.*/\1/p' server.log)
tts 1 '^tts: held\.db: .*(in use|running|another)' --db held.db
refused 1 "127\.0\.0\.1:$port: cannot listen: .*another port" \
    "$bin/tts" --db other.db --host 127.0.0.1 --td "$port" --md 0

# ---- channels and libraries ----

channels() {
    refused "$1" "$2" "$bin/openctp-channels" "${@:3}"
}
channels 1 'no channel is active yet; choose one with: openctp-channels switch tts' check
channels 1 'ctp has no libraries of version 6\.7\.2: looked for thosttraderapi_se\.so and thostmduserapi_se\.so.*put both into' switch ctp
channels 1 '6\.7\.3 is not a version .* known are 6\.3\.15 ' switch tts 6.7.3
channels 1 'did you mean tts\?' switch ttss
channels 2 'unknown command swich; did you mean switch' swich
channels 2 'usage: openctp-channels switch NAME' switch
mkdir -p channels/fake/6.7.2 channels/half/6.7.2
echo no library >channels/fake/6.7.2/libthosttraderapi_se.so
echo no library >channels/fake/6.7.2/libthostmduserapi_se.so
echo no library >channels/half/6.7.2/libthosttraderapi_se.so
export OPENCTP_CHANNELS_PATH=$folder/channels
channels 1 'fake/6\.7\.2/libthosttraderapi_se\.so: is not a shared library' switch fake
channels 1 'half/6\.7\.2: the market data library is missing' switch half

# ---- webctp ----

webctp() {
    printf '%b' "$3" >webctp.yaml
    refused "$1" "$2" "$bin/webctp" --config=webctp.yaml "${@:4}"
}
front='TdFrontAddress: tcp://127.0.0.1:1\nMdFrontAddress: tcp://127.0.0.1:1\nHost: 127.0.0.1\nPort: 0\n'
webctp 1 'no channel is active yet' "$front"
webctp 1 'fake/6\.7\.2/libthosttraderapi_se\.so: is not a shared library' "${front}Channel: fake\n"
webctp 1 'channel ctp has no libraries' "${front}Channel: ctp\n"
webctp 1 'app_type xx is unknown; it is td, md or dev' "$front" --app_type=xx
webctp 1 '^webctp: webctp\.yaml:2:1: broken YAML' 'TdFrontAddress: [\n'
webctp 1 '^webctp: .*TdFrontAddress' 'Port: 0\n' --check
webctp 1 '^webctp: webctp\.yaml:1:[0-9]+: .*Port' 'Port: many\n' --check
webctp 1 ":$port|port $port" "TdFrontAddress: tcp://127.0.0.1:1\nHost: 127.0.0.1\nPort: $port\nChannel: tts\n"
refused 1 '^webctp: nowhere\.yaml: cannot be read' "$bin/webctp" --config=nowhere.yaml

echo "$cases cases, $failed not as they should be"
[ "$failed" = 0 ]
