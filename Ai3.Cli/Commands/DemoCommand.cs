using System.CommandLine;
using System.Globalization;
using Ai3.DigitReader;

namespace Ai3.Cli;

/// <summary><c>ai3 demo</c>: reads a drawn digit with the network that is built in, then compares algorithms on its convolutions.</summary>
internal static class DemoCommand
{
    private const int BarWidth = 30;

    public static Command Create(Shell shell)
    {
        var digit = new Option<int>("--digit") { Description = "The digit to draw, 0 to 9.", HelpName = "D", DefaultValueFactory = _ => 5 };
        var seed = new Option<int>("--seed") { Description = "Another number draws the digit in another hand.", HelpName = "N", DefaultValueFactory = _ => 7 };
        var threads = new Option<int>("--threads") { Description = "Threads that compute.", HelpName = "N", DefaultValueFactory = _ => 1 };
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        var command = new Command("demo", "Reads a drawn digit with a small network that is built in, and compares algorithms on it.") { digit, seed, threads, json };
        command.SetAction(parse =>
        {
            int drawn = parse.GetValue(digit), workers = parse.GetValue(threads);
            if (drawn is < 0 or > 9)
                throw new UsageException($"--digit {drawn} is not a digit from 0 to 9");
            if (workers is < 1 or > 1024)
                throw new UsageException($"--threads {workers} is outside 1 to 1024");
            using var demo = new DigitDemo(drawn, parse.GetValue(seed), workers);
            if (parse.GetValue(json))
                WriteJson(shell, demo, drawn);
            else
                Write(shell, demo);
            return ExitCode.Good;
        });
        return command;
    }

    private static void Write(Shell shell, DigitDemo demo)
    {
        TextWriter o = shell.Out;
        o.WriteLine("A small convolutional network, trained on digits that samples/Ai3.DigitReader draws, reads this picture:");
        o.WriteLine();
        foreach (string line in PictureText.Lines(demo.Pixels, DigitPicture.Size))
            o.WriteLine($"    {line}");
        (float[] probabilities, double time) = demo.Read();
        o.WriteLine($"The answer is {Largest(probabilities)}.  ({Units.Time(time)} a run)");
        o.WriteLine();
        for (int i = 0; i < probabilities.Length; i++)
            o.WriteLine($"    {i}  {probabilities[i].ToString("0.0000", CultureInfo.InvariantCulture)}  {new string('#', (int)Math.Round(probabilities[i] * BarWidth))}".TrimEnd());
        o.WriteLine();
        o.WriteLine("Every algorithm that applies to each convolution, while the reference computes the others:");
        o.WriteLine();
        var table = new TextTable("node", "algorithm", "formats", ">time", ">workspace", ">error", "");
        DemoRow[] rows;
        using (Progress.Start(shell, json: false, "comparing"))
            rows = [.. demo.Compare()];
        foreach (DemoRow row in rows)
            table.Add(
                row.Node, row.Algorithm, row.Formats, Units.Time(row.Nanoseconds), Units.Bytes(row.WorkspaceBytes),
                row.Error == 0 ? "0" : row.Error.ToString("0.0e0", CultureInfo.InvariantCulture), row.IsAutomatic ? "<- automatic choice" : "");
        table.WriteTo(shell);
        o.WriteLine("time: of the convolution alone; error: the largest difference of the network's scores to those of the reference everywhere");
    }

    private static void WriteJson(Shell shell, DigitDemo demo, int drawn)
    {
        (float[] probabilities, double time) = demo.Read();
        DemoRow[] rows = [.. demo.Compare()];
        JsonText.Write(shell, json =>
        {
            json.WriteStartObject();
            json.WriteNumber("drawn", drawn);
            json.WriteNumber("answer", Largest(probabilities));
            json.WriteStartArray("probabilities");
            foreach (float probability in probabilities)
                json.WriteReal(probability);
            json.WriteEndArray();
            json.WriteReal("nanoseconds", time);
            json.WriteStartArray("convolutions");
            foreach (DemoRow row in rows)
            {
                json.WriteStartObject();
                json.WriteString("node", row.Node);
                json.WriteString("problem", row.Problem);
                json.WriteString("algorithm", row.Algorithm);
                json.WriteString("formats", row.Formats);
                json.WriteBoolean("automatic", row.IsAutomatic);
                json.WriteReal("nanoseconds", row.Nanoseconds);
                json.WriteNumber("workspace", row.WorkspaceBytes);
                json.WriteReal("error", row.Error);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteEndObject();
        });
    }

    private static int Largest(float[] values) => Array.IndexOf(values, values.Max());
}
