#!/usr/bin/env bash
# docs_test.sh BIN SOURCE: the documentation names what the programs have: every option, key and command of `tts --help` stands in
# docs/tts.md, every key of webctp's config in docs/webctp.md and every link between the documents leads to a file.
bin=$(realpath "$1")
cd "$2" || exit 1
failed=0

missing() {
    echo "$1"
    failed=1
}

help=$("$bin/tts" --help)
options=$(echo "$help" | sed -n '/^options:/,$s/^  --\([a-z-]*\).*/\1/p')
keys=$(echo "$help" | sed '1,/^keys of/d')
for list in "$options" "$keys"; do
    [ "$(echo "$list" | wc -w)" -gt 20 ] || missing "tts --help has another form now"
done
for name in $options $keys; do
    grep -Eq -- "(\`|--)$name(\`| )" docs/tts.md || missing "docs/tts.md does not have the option $name"
done
while read -r group verb _; do
    case $verb in [a-z]*) command="$group $verb" ;; *) command=$group ;; esac
    grep -q -- "\`$command" docs/tts.md || missing "docs/tts.md does not have the command $command"
done < <(echo "$help" | sed -n '/^commands:/,/^options:/s/^  \([a-z]\)/\1/p')

while read -r key; do
    grep -q "\`$key\`" docs/webctp.md || missing "docs/webctp.md does not have the key $key"
done < <(sed -n 's/.*{\.name = "\([A-Za-z]*\)".*/\1/p' src/webctp/options.c)

while IFS=: read -r file link; do
    target=${link#*\](}
    target=${target%%[)#]*}
    [ -e "$(dirname "$file")/$target" ] || missing "$file: the link to $target leads nowhere"
done < <(grep -oHE '\]\([A-Za-z0-9_./-]+[)#]' ./*.md docs/*.md docs/*/*.md)

exit $failed
