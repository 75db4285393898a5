#!/usr/bin/env bash
# Installs what nacre needs, at pinned versions: Debian packages by apt-get, wheels into .deps/venv,
# LoadGen's source into .deps. With --checks also what `make check` needs: clang-format, clang-tidy,
# lizard, and what the tests of the examples need: pillow, pycocotools.
# Needs Debian bookworm, Python 3.11, and root or sudo. Running it again does nothing when all is
# there.
set -euo pipefail
cd "$(dirname "$0")/.."

debian_packages=(
  ccache ninja-build python3-dev
  libprotobuf-dev protobuf-compiler libturbojpeg0-dev libpng-dev libpugixml-dev
  libsqlite3-dev libeigen3-dev libcli11-dev libspdlog-dev libfmt-dev nlohmann-json3-dev
  libtomlplusplus-dev libexpected-dev libxxhash-dev libgtest-dev libgmock-dev libbenchmark-dev
)
readonly wheels=(torch==2.13.0 numpy==2.2.6 onnx==1.22.0 highsbox==1.15.1)
readonly wheels_alone=(openvino==2026.4.1)  # --no-deps: the wheel would bring its telemetry
check_wheels=()
readonly loadgen=mlcommons_loadgen-6.0.17  # source; built by CMake
readonly loadgen_sha256=a2e85d09e3cc0c606f89bfe1fbf97537c8b5b238ae0afbd923ad9c710fcf2ca8
if [[ ${1:-} == --checks ]]; then
  debian_packages+=(clang-tidy-16)
  check_wheels=(clang-format==16.0.6 lizard==1.24.3 pillow==13.0.0 pycocotools==2.0.11)
fi

install_debian_packages() {
  local missing=() as_root=() package
  for package in "${debian_packages[@]}"; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' ||
      missing+=("$package")
  done
  if ((${#missing[@]})); then
    if ((EUID != 0)); then
      command -v sudo >/dev/null || {
        echo "setup: needs root or sudo for: ${missing[*]}" >&2
        exit 2
      }
      as_root=(sudo)
    fi
    echo "setup: installing ${#missing[@]} Debian packages"
    "${as_root[@]}" apt-get update -qq
    DEBIAN_FRONTEND=noninteractive "${as_root[@]}" apt-get install -y -qq \
      --no-install-recommends "${missing[@]}" >/dev/null
  fi
}

readonly venv=.deps/venv
stamp_of() { echo "$venv/.nacre-$(printf '%s ' "$@" | sha256sum | cut -c1-16)"; }
install_wheels() {
  local stamp check_stamp
  stamp=$(stamp_of "${wheels[@]}" "${wheels_alone[@]}")
  check_stamp=$(stamp_of "${check_wheels[@]}")
  # The script bin/pip names the folder in which the environment was made; a copy of that folder
  # would install into the first.
  local install=("$venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check)
  if [[ ! -e $stamp ]]; then
    echo "setup: installing wheels into $venv: ${wheels[*]} ${wheels_alone[*]}"
    python3 -m venv "$venv"
    "${install[@]}" "${wheels[@]}"
    "${install[@]}" --no-deps "${wheels_alone[@]}"
    touch "$stamp"
  fi
  if ((${#check_wheels[@]})) && [[ ! -e $check_stamp ]]; then
    echo "setup: installing wheels into $venv: ${check_wheels[*]}"
    "${install[@]}" "${check_wheels[@]}"
    touch "$check_stamp"
  fi
}

# Beside each other: unpacking either keeps one core busy.
install_debian_packages &
readonly debian=$!
trap wait EXIT
install_wheels
wait "$debian"

if [[ ! -e .deps/$loadgen/loadgen.h ]]; then
  echo "setup: fetching $loadgen"
  requirement=$(mktemp)
  echo "mlcommons-loadgen==${loadgen##*-} --hash=sha256:$loadgen_sha256" >"$requirement"
  "$venv/bin/python" -m pip download --quiet --disable-pip-version-check --no-deps \
    --no-binary mlcommons-loadgen --require-hashes --requirement "$requirement" --dest .deps
  rm "$requirement"
  tar -xzf ".deps/$loadgen.tar.gz" -C .deps
fi
