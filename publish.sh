#!/usr/bin/env bash
# Publishes one install that runs at the processor's best instruction set:
#   OUT/ai3                              starts the best build of the command line
#   OUT/lib/<level>/ai3                  the command line, built for a level
#   OUT/lib/libai3.so                    the C library, and OUT/lib/glibc-hwcaps/<level>/libai3.so its faster builds
#   OUT/include/ai3.h
# Usage: ./publish.sh [OUT] [LEVEL...]   (default: artifacts/install, all levels)
set -euo pipefail
cd "$(dirname "$0")"
out=${1:-artifacts/install}
shift || true
levels=("$@")
[ ${#levels[@]} -gt 0 ] || levels=(x86-64-v2 x86-64-v3 x86-64-v4)
mkdir -p "$out/lib" "$out/include"

publish() { # project level target
  dotnet publish "$1" -c Release -r linux-x64 --nologo -v quiet -p:IlcInstructionSet="$2" -o "$3" > /dev/null
}

staging=$(mktemp -d)
trap 'rm -rf "$staging"' EXIT
for level in "${levels[@]}"; do
  publish Ai3.Cli "$level" "$staging/cli-$level"
  mkdir -p "$out/lib/$level"
  cp "$staging/cli-$level/ai3" "$out/lib/$level/ai3"
  publish Ai3.NativeAot "$level" "$staging/lib-$level"
  if [ "$level" = x86-64-v2 ]; then
    cp "$staging/lib-$level/ai3.so" "$out/lib/libai3.so"
  else
    mkdir -p "$out/lib/glibc-hwcaps/$level"
    cp "$staging/lib-$level/ai3.so" "$out/lib/glibc-hwcaps/$level/libai3.so"
  fi
done
publish Ai3.Launcher x86-64-v2 "$staging/launcher"
cp "$staging/launcher/ai3" "$out/ai3"
cp Ai3.NativeAot/include/ai3.h "$out/include/ai3.h"
echo "published ${levels[*]} to $out"
