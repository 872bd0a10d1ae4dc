using System.CommandLine;
using System.Globalization;
using Ai3.Onnx;
using Ai3.Runtime;
using Ai3.Tensors;

namespace Ai3.Cli;

/// <summary>The options that say what a model is fed: files, a data set, random values.</summary>
internal sealed class InputFlags
{
    private readonly Option<string[]> _inputs = new("--input")
    {
        Description = "A value for an input: a .npy, .pb, .png or .jpg file, or 'random'.",
        HelpName = "NAME=FILE|random",
        DefaultValueFactory = _ => [],
    };

    private readonly Option<bool> _random = new("--random") { Description = "Random values for every input that is not given." };
    private readonly Option<int> _seed = new("--seed") { Description = "The seed of random values.", HelpName = "N" };
    private readonly Option<string?> _data = new("--data") { Description = "Take inputs from a test_data_set_N folder.", HelpName = "DIR" };
    private readonly Option<string?> _scale = new("--scale") { Description = "Factor of picture pixels 0 to 255 (default 1/255; for u8 inputs 1).", HelpName = "S" };
    private readonly Option<string?> _mean = new("--mean") { Description = "Subtracted from scaled pixels (default 0).", HelpName = "M[,M,M]" };
    private readonly Option<string?> _deviation = new("--std") { Description = "Divides what is left (default 1).", HelpName = "D[,D,D]" };

    /// <summary>Adds the options to a command.</summary>
    public InputFlags AddTo(Command command)
    {
        command.Add(_inputs);
        command.Add(_random);
        command.Add(_seed);
        command.Add(_data);
        command.Add(_scale);
        command.Add(_mean);
        command.Add(_deviation);
        return this;
    }

    /// <summary>A value for every input of the model.</summary>
    /// <param name="parse">The command line.</param>
    /// <param name="model">The model.</param>
    /// <param name="dimensions">Numbers for symbols, for random values.</param>
    /// <param name="randomByDefault">Whether inputs that are not given are random without being asked.</param>
    /// <exception cref="UsageException">An input is unknown or missing.</exception>
    public Dictionary<string, Value> Read(ParseResult parse, Model model, IReadOnlyDictionary<string, long> dimensions, bool randomByDefault = false)
    {
        Dictionary<string, Value> values = parse.GetValue(_data) is { } folder ? ReadFolder(folder, model) : new(StringComparer.Ordinal);
        int seed = parse.GetValue(_seed);
        PixelScaling? scaling = Scaling(parse);
        foreach (string entry in parse.GetValue(_inputs)!)
        {
            (GraphValue input, string source) = Split(entry, model);
            values[input.Name] = source == "random" ? RandomInput.Make(input, dimensions, SeedOf(model, input, seed)) : ReadFile(source, input, scaling);
        }
        GraphValue[] missing = [.. model.Inputs.Where(i => !values.ContainsKey(i.Name))];
        if (missing.Length > 0 && !randomByDefault && !parse.GetValue(_random))
            throw new UsageException($"missing: {string.Join(", ", missing.Select(i => $"input {Describe(i)}"))}; give --input NAME=FILE, --data DIR or --random");
        foreach (GraphValue input in missing)
            values[input.Name] = RandomInput.Make(input, dimensions, SeedOf(model, input, seed));
        return values;
    }

    private static string Describe(GraphValue value) => $"'{value.Name}' ({value.Fact?.ToString() ?? "?"})";

    private static int SeedOf(Model model, GraphValue input, int seed) => unchecked(seed * 1000003 + model.Inputs.ToList().IndexOf(input));

    private static Dictionary<string, Value> ReadFolder(string folder, Model model) =>
        Directory.Exists(folder) ? DataSet.Read(folder, model, withOutputs: false).Inputs : throw new UsageException($"--data '{folder}' is not a folder");

    // A name may hold '=', and so may a path: the longest input name that fits wins. A model of one input needs no name.
    private static (GraphValue Input, string Source) Split(string entry, Model model)
    {
        GraphValue? input = model.Inputs.Where(i => entry.StartsWith(i.Name + "=", StringComparison.Ordinal)).MaxBy(i => i.Name.Length);
        if (input is not null)
            return (input, entry[(input.Name.Length + 1)..]);
        int equals = entry.IndexOf('=');
        if (model.Inputs.Count == 1 && (equals < 0 || File.Exists(entry)))
            return (model.Inputs[0], entry);
        if (equals < 0)
            throw new UsageException($"--input {entry} is not NAME=FILE; inputs are {string.Join(", ", model.Inputs.Select(Describe))}");
        string name = entry[..equals];
        throw new UsageException(
            $"the model has no input '{name}'{Suggestion.For(name, model.Inputs.Select(i => i.Name))} (inputs are {string.Join(", ", model.Inputs.Select(Describe))})");
    }

    private static Value ReadFile(string path, GraphValue input, PixelScaling? scaling)
    {
        if (!File.Exists(path))
            throw new UsageException($"--input {input.Name}: there is no file '{path}'");
        return Path.GetExtension(path).ToLowerInvariant() switch
        {
            ".npy" => NpyFile.Read(path),
            ".pb" => OnnxValue.Read(path, input.Fact),
            _ when PictureInput.IsPicture(path) => PictureInput.Read(path, input, scaling),
            _ => throw new UsageException($"--input {input.Name}: '{path}' is none of .npy, .pb, .png and .jpg"),
        };
    }

    private PixelScaling? Scaling(ParseResult parse)
    {
        string? scale = parse.GetValue(_scale), mean = parse.GetValue(_mean), deviation = parse.GetValue(_deviation);
        if (scale is null && mean is null && deviation is null)
            return null;
        double[] deviations = Numbers("--std", deviation ?? "1");
        if (deviations.Contains(0))
            throw new UsageException("--std 0 divides by zero");
        return new PixelScaling(scale is null ? 1.0 / 255 : Numbers("--scale", scale)[0], Numbers("--mean", mean ?? "0"), deviations);
    }

    private static double[] Numbers(string option, string text) => Array.ConvertAll(text.Split(','), part =>
        double.TryParse(part, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) ? value
            : throw new UsageException($"{option} {text} is not a number or a list of numbers such as 0.485,0.456,0.406"));
}
