using System.Collections.Immutable;
using Ai3.Onnx;
using Ai3.Ops;
using Ai3.Runtime;

namespace Ai3.NativeAot;

/// <summary>Reads the option structs.</summary>
internal static unsafe class AbiOptions
{
    private const int MaxThreads = 1024;

    public static ImportLimits Load(AbiLoadOptions* options)
    {
        if (options == null)
            return ImportLimits.Default;
        AbiStruct.Check(options);
        return options->Untrusted != 0 ? ImportLimits.Untrusted : ImportLimits.Default;
    }

    public static CompileOptions Compile(AbiCompileOptions* options)
    {
        if (options == null)
            return new CompileOptions();
        AbiStruct.Check(options);
        if (options->Threads is < 0 or > MaxThreads)
            throw new AbiException(AbiStatus.Argument, $"threads is {options->Threads}, must be 1 to {MaxThreads}, or 0 for one per core");
        return new CompileOptions
        {
            Threads = options->Threads,
            Isa = AbiText.Optional(options->Isa) is { } isa ? Isa.Parse(isa) : null,
            Catalog = CatalogOf(options->Catalog),
            Plan = AbiText.Optional(options->Plan) is { } plan ? SavedPlan.Load(plan) : null,
            Selection = SelectionOf(AbiText.List(options->Algorithms, options->AlgorithmCount, "algorithms"), AbiText.Optional(options->Rules)),
            DisabledRewrites = RewritesOf(AbiText.List(options->DisabledRewrites, options->DisabledRewriteCount, "disabled_rewrites")),
            Dimensions = DimensionsOf(options),
            StrictNan = options->StrictNan != 0,
            Limits = LimitsOf(options),
        };
    }

    private static OpCatalog CatalogOf(nint catalog)
    {
        if (catalog == 0)
            return OpCatalog.Default;
        using Lease<CatalogHandle> lease = Handles.Use<CatalogHandle>(catalog);
        return lease.Target.Plugins.Catalog;
    }

    private static Selection? SelectionOf(string[] entries, string? rules)
    {
        Selection? start = rules is null ? null : Selection.Load(rules);
        if (entries.Length == 0)
            return start;
        Selection selection = start ?? Selection.Automatic;
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (string entry in entries)
        {
            if (entry.StartsWith(Selection.NodePrefix, StringComparison.Ordinal))
            {
                selection = selection.WithEntry(entry);
                continue;
            }
            int equals = entry.IndexOf('=');
            if (equals <= 0 || equals == entry.Length - 1)
                throw new AbiException(AbiStatus.Argument, $"algorithm '{entry}' is not of the form Conv=name,auto");
            string op = entry[..equals].Trim();
            if (!seen.Add(op))
                throw new AbiException(AbiStatus.Argument, $"algorithms names {op} twice; give its algorithms in one entry, such as {op}=first,second,auto");
            selection = selection.WithOp(op, Selector.Names(entry[(equals + 1)..]));
        }
        return selection;
    }

    private static ImmutableHashSet<string> RewritesOf(string[] names)
    {
        foreach (string name in names)
            if (!CompileOptions.RewriteNames.Contains(name))
                throw new AbiException(AbiStatus.Argument, $"'{name}' is no rewrite; rewrites are {string.Join(", ", CompileOptions.RewriteNames)}");
        return [.. names];
    }

    private static Dictionary<string, long> DimensionsOf(AbiCompileOptions* options)
    {
        string[] names = AbiText.List(options->DimNames, options->DimCount, "dim_names");
        AbiText.CheckList(options->DimValues, options->DimCount, "dim_values");
        var dimensions = new Dictionary<string, long>(StringComparer.Ordinal);
        for (int i = 0; i < names.Length; i++)
        {
            if (options->DimValues[i] < 0)
                throw new AbiException(AbiStatus.Argument, $"dimension '{names[i]}' is {options->DimValues[i]}, must be 0 or more");
            dimensions[names[i]] = options->DimValues[i];
        }
        return dimensions;
    }

    private static RunLimits LimitsOf(AbiCompileOptions* options)
    {
        RunLimits limits = options->Untrusted != 0 ? RunLimits.Untrusted : RunLimits.Default;
        return limits with
        {
            TensorBytes = Limit(options->MaxTensorBytes, limits.TensorBytes, "max_tensor_bytes"),
            SessionBytes = Limit(options->MaxSessionBytes, limits.SessionBytes, "max_session_bytes"),
            FoldedBytes = Limit(options->MaxFoldedBytes, limits.FoldedBytes, "max_folded_bytes"),
            LoopTrips = Limit(options->MaxLoopTrips, limits.LoopTrips, "max_loop_trips"),
            WallTime = options->MaxRunMilliseconds == 0 ? limits.WallTime
                : TimeSpan.FromMilliseconds(Math.Min(Limit(options->MaxRunMilliseconds, 0, "max_run_milliseconds"), int.MaxValue)),
        };
    }

    private static long Limit(long given, long standard, string name) => given >= 0 ? given == 0 ? standard : given
        : throw new AbiException(AbiStatus.Argument, $"{name} is {given}, must be 0 for the default or more");
}
