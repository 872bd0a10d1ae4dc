using Ai3.Ops;

namespace Ai3.Cli;

/// <summary>Layouts in short: those of the first input and the first output.</summary>
internal static class LayoutText
{
    public static string Of(FormatChoice formats) =>
        formats.Input(0) == formats.Output(0) ? formats.Input(0).ToString() : $"{formats.Input(0)} -> {formats.Output(0)}";
}
