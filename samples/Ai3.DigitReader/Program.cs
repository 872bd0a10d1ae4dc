using System.Diagnostics;
using Ai3.DigitReader;
using Ai3.Onnx;

// Trains the digit reader on strokes that it draws itself and writes it as ONNX: dotnet run -c Release -- PATH
string path = args.Length == 1 ? args[0] : "digits.onnx";
long start = Stopwatch.GetTimestamp();
Network network = Trainer.Train();
Console.WriteLine($"trained in {Stopwatch.GetElapsedTime(start).TotalSeconds:0.0} s, reads {Trainer.Accuracy(network, 2000, 1):P1} of new pictures right");
OnnxModel.Save(DigitModel.Build(network), path);
Console.WriteLine($"wrote {path}");
