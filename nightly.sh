#!/usr/bin/env bash
# The night's run, hours long: every test on other and many more problems, guard pages, fuzzing. Seeds are printed; give one to repeat a night.
# Usage: ./nightly.sh [SEED]
set -euo pipefail
cd "$(dirname "$0")"
seed=${1:-$(date +%Y%m%d)}
step() { printf '\n== %s\n' "$*"; }

step "tests, seed $seed"
# 12 problems a row and level in a normal run: with four levels, 209 times as many are 10,000 a row.
AI3_TEST_SEED=$seed AI3_TEST_SCALE=${AI3_TEST_SCALE:-209} AI3_DIFF_SEED=$seed AI3_DIFF_COUNT=${AI3_DIFF_COUNT:-2000} dotnet test -c Release

step "guard pages, seed $seed"
dotnet run -c Release --no-build --project tests/Ai3.SelfTest -- --guard --count "${AI3_GUARD_COUNT:-200}" --seed "$seed"

step "fuzz the ONNX reader, seed $seed"
dotnet run -c Release --no-build --project fuzz/Ai3.Onnx.Fuzz -- --seconds "${AI3_FUZZ_SECONDS:-1800}" --seed "$seed"
