using System.CommandLine;
using System.Diagnostics;
using System.Text.Json;
using Ai3.Runtime;
using Ai3.Tensors;

namespace Ai3.Cli;

/// <summary><c>ai3 run</c>: runs a model once and prints its outputs.</summary>
internal static class RunCommand
{
    public static Command Create(Shell shell)
    {
        Argument<string> path = ModelArgument.Create();
        var output = new Option<string?>("--output") { Description = "Write outputs to a folder: output_N.pb, and output_N.npy where numpy has the type.", HelpName = "DIR" };
        var top = new Option<int>("--top") { Description = "Print the K largest values of each output instead of the first.", HelpName = "K" };
        var labels = new Option<string?>("--labels") { Description = "A text file with a label on each line: print the largest values with their labels, 5 unless --top says otherwise.", HelpName = "FILE" };
        var save = new Option<string?>("--save-plan") { Description = "Write the chosen algorithms and layouts to a file, for --plan.", HelpName = "FILE" };
        var json = new Option<bool>("--json") { Description = "Print JSON, all values." };
        var command = new Command("run", "Runs a model once and prints its outputs.") { path };
        InputFlags inputs = new InputFlags().AddTo(command);
        CompileFlags flags = new CompileFlags().AddTo(command);
        command.Add(output);
        command.Add(top);
        command.Add(labels);
        command.Add(save);
        command.Add(json);
        command.SetAction(parse =>
        {
            CompileOptions options = flags.Read(parse);
            TopValues? topValues = TopValues.Read(parse.GetResult(top) is null ? null : parse.GetValue(top), parse.GetValue(labels));
            using Progress progress = Progress.Start(shell, parse.GetValue(json), "loading");
            using Model model = ModelArgument.Load(parse.GetValue(path)!, flags.ImportLimits(parse));
            Dictionary<string, Value> values = inputs.Read(parse, model, options.Dimensions);
            progress.Say("compiling");
            using Session session = model.Compile(options);
            progress.Say("running");
            long start = Stopwatch.GetTimestamp();
            using Outputs outputs = session.Run(values);
            TimeSpan elapsed = Stopwatch.GetElapsedTime(start);
            progress.Dispose();
            if (parse.GetValue(save) is { } plan)
                session.Plan!.Save(plan);
            if (parse.GetValue(output) is { } folder)
                OutputFolder.Write(folder, outputs);
            if (parse.GetValue(json))
                PrintJson(shell, outputs, topValues, elapsed);
            else
                Print(shell, outputs, topValues, elapsed);
            return ExitCode.Good;
        });
        return command;
    }

    private static void Print(Shell shell, Outputs outputs, TopValues? top, TimeSpan elapsed)
    {
        for (int i = 0; i < outputs.Count; i++)
        {
            Value value = outputs.Value(i);
            string name = ErrorLine.Clean(outputs.Name(i));
            if (top is null || !TopValues.Applies(value))
            {
                shell.Out.WriteLine($"{name}: {ValueText.Line(value)}");
                continue;
            }
            var tensor = (Tensor)value;
            shell.Out.WriteLine($"{name}: {tensor.Type.ShortName()}{tensor.Shape}");
            foreach (TopValues.Entry entry in top.Of(tensor))
                shell.Out.WriteLine($"  {entry.Position,-12}  {entry.Text,-14}  {entry.Label}".TrimEnd());
        }
        shell.Out.WriteLine($"{outputs.Count} {(outputs.Count == 1 ? "output" : "outputs")} in {Units.Time(elapsed.TotalNanoseconds)} (first run)");
    }

    private static void PrintJson(Shell shell, Outputs outputs, TopValues? top, TimeSpan elapsed) => JsonText.Write(shell, json =>
    {
        json.WriteStartObject();
        json.WriteNumber("milliseconds", Math.Round(elapsed.TotalMilliseconds, 3));
        json.WriteStartArray("outputs");
        for (int i = 0; i < outputs.Count; i++)
        {
            json.WriteStartObject();
            json.WriteString("name", outputs.Name(i));
            json.WritePropertyName("value");
            ValueText.Write(json, outputs.Value(i));
            if (top is not null && TopValues.Applies(outputs.Value(i)))
                WriteTop(json, top.Of((Tensor)outputs.Value(i)));
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    });

    private static void WriteTop(Utf8JsonWriter json, IEnumerable<TopValues.Entry> entries)
    {
        json.WriteStartArray("top");
        foreach (TopValues.Entry entry in entries)
        {
            json.WriteStartObject();
            json.WriteString("position", entry.Position);
            json.WriteReal("value", entry.Value);
            json.WriteString("label", entry.Label);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }
}
