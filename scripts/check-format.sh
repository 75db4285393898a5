#!/usr/bin/env bash
# Lists the sources that clang-format would change, and changes none. Fails when there is one.
# Usage: scripts/check-format.sh [--help] [--fix] [ROOT]
#   --fix  formats them instead
set -euo pipefail
readonly version=16.0.6  # other versions break lines elsewhere
here=$(cd "$(dirname "$0")/.." && pwd)
fix=
while [[ ${1:-} == --* ]]; do
  case $1 in
    --fix) fix=1 ;;
    *) sed -n '2,4s/^# //p' "$0"; exit 0 ;;
  esac
  shift
done

formatter=
for each in "$here/.deps/venv/bin/clang-format" clang-format-16 clang-format; do
  if [[ $("$each" --version 2>/dev/null) == *" $version"* ]]; then
    formatter=$each
    break
  fi
done
if [[ -z $formatter ]]; then
  echo "format: no clang-format $version: run scripts/setup.sh --checks" >&2
  exit 2
fi

cd "${1:-$here}"
mapfile -t files < <(
  find src cli examples testing tests bench -name '*.h' -o -name '*.cc' | sort)
if [[ $fix ]]; then
  printf '%s\n' "${files[@]}" | xargs -P 2 -n 20 "$formatter" -i
fi
# Twenty files a process; each prints at its end alone, so that two do not write into one line.
bad=$(printf '%s\n' "${files[@]}" | xargs -P 2 -n 20 bash -c 'set -euo pipefail
  found=$("$0" --dry-run "$@" 2>&1 | sed -n "s/^\([^:]*\):.*\[-Wclang-format-violations\]$/\1/p")
  [[ -z $found ]] || echo "$found"' "$formatter" | sort -u)
if [[ $bad ]]; then
  echo "$bad"
  echo "format: clang-format would change $(wc -l <<<"$bad") of ${#files[@]} files;" \
    "scripts/check-format.sh --fix does"
  exit 1
fi
echo "format: clang-format would change none of ${#files[@]} files"
