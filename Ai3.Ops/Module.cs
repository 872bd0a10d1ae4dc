// Kernels have dozens of vector locals that are written before they are read.
[module: System.Runtime.CompilerServices.SkipLocalsInit]
