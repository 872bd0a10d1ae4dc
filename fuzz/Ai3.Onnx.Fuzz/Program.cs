using System.Globalization;
using Ai3.Onnx.Fuzz;
using SharpFuzz;

// No argument: an AFL++ target, one input on standard input (afl-fuzz -i fuzz/corpus/onnx -o findings -- dotnet Ai3.Onnx.Fuzz.dll,
// after `sharpfuzz Ai3.Onnx.dll`). The other modes need nothing else.
switch (args)
{
    case []:
        Fuzzer.OutOfProcess.Run(stream =>
        {
            using var copy = new MemoryStream();
            stream.CopyTo(copy);
            FuzzTarget.Run(copy.ToArray());
        });
        return 0;
    case ["--replay", string folder]:
        return Report(Mutator.Replay(folder));
    case ["--seconds", string seconds, "--seed", string seed, .. string[] rest]:
        string corpus = rest is [string given] ? given : "fuzz/corpus/onnx";
        return Report(Mutator.Run(corpus, TimeSpan.FromSeconds(double.Parse(seconds, CultureInfo.InvariantCulture)), ulong.Parse(seed, CultureInfo.InvariantCulture)));
    case ["--make-corpus", string folder]:
        Corpus.Write(folder);
        return 0;
    default:
        Console.Error.WriteLine("usage: Ai3.Onnx.Fuzz [--replay DIR | --seconds N --seed S [CORPUS] | --make-corpus DIR]");
        return 2;
}

static int Report(FuzzResult result)
{
    Console.WriteLine($"{result.Executions} inputs, {result.Accepted} of them models or values");
    foreach (string failure in result.Failures)
        Console.Error.WriteLine(failure);
    return result.Failures.Count == 0 ? 0 : 1;
}
