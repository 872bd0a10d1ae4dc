#!/usr/bin/env bash
# The gate beside the tests: format, warnings, docs, Native AOT at each level, C and Python samples, conformance list, fuzzing.
# Usage: ./check.sh [--quick]   (--quick leaves out Native AOT)
set -euo pipefail
cd "$(dirname "$0")"
quick=${1:-}
step() { printf '\n== %s\n' "$*"; }

step "format"
dotnet format whitespace Ai3.Runtime.sln --verify-no-changes --no-restore --exclude Ai3.Onnx/Protos/Onnx.g.cs

step "build without warnings"
dotnet build Ai3.Runtime.sln -c Release --nologo -v quiet -warnaserror

step "generated docs are up to date"
test -z "$(git status --porcelain docs)" || { git status --porcelain docs; echo "docs changed: commit what the tests wrote"; exit 1; }

step "fuzz the ONNX reader, 30 s, seed 1"
dotnet run -c Release --no-build --project fuzz/Ai3.Onnx.Fuzz -- --seconds 30 --seed 1

if [ "$quick" = --quick ]; then
  exit 0
fi

step "Native AOT: one install for every level"
install=artifacts/install
rm -rf "$install"
./publish.sh "$install"
for isa in v128 avx2 avx512; do
  if [ "$isa" = avx512 ] && ! grep -q avx512vl /proc/cpuinfo; then continue; fi
  AI3_ISA=$isa "$install/ai3" demo > "artifacts/demo-$isa.txt"
  AI3_ISA=$isa "$install/ai3" info | head -20
done

step "Native AOT: the proof harness at each level"
for level in x86-64-v2 x86-64-v3 x86-64-v4; do
  if [ "$level" = x86-64-v4 ] && ! grep -q avx512vl /proc/cpuinfo; then continue; fi
  dotnet publish tests/Ai3.SelfTest -c Release -r linux-x64 --nologo -v quiet -p:IlcInstructionSet=$level -o "artifacts/selftest-$level" > /dev/null
  "artifacts/selftest-$level/Ai3.SelfTest" --count 10 --seed 1
done

step "C library: build and run the sample"
gcc -O2 -Wall -Wextra -Werror samples/c/run.c -I "$install/include" -L "$install/lib" -lai3 -Wl,-rpath,"$PWD/$install/lib" -o artifacts/c-sample
artifacts/c-sample Ai3.Cli/Demo/digits.onnx Conv=winograd_f2x2_3x3,direct_nchwc,auto

step "Python: load the library and run the sample"
python3 -B samples/python/run.py --library "$install/lib/libai3.so" --algorithm Conv=winograd_f2x2_3x3,direct_nchwc,auto Ai3.Cli/Demo/digits.onnx
python3 -B samples/python/choose.py --library "$install/lib/libai3.so" Ai3.Cli/Demo/digits.onnx

step "Algorithms of one's own: a plug-in in C, a row in C#"
gcc -O2 -Wall -Wextra -Werror -shared -fPIC samples/c/plugin.c -I "$install/include" -o artifacts/libmine.so
"$install/ai3" check-algorithm mine_rows --plugin artifacts/libmine.so
"$install/ai3" verify Ai3.Cli/Demo/digits.onnx --plugin artifacts/libmine.so --algo Conv=mine_rows --chosen
dotnet publish samples/Ai3.OwnAlgorithm -c Release -r linux-x64 --nologo -v quiet -o artifacts/own-algorithm > /dev/null
artifacts/own-algorithm/Ai3.OwnAlgorithm
