using System.Globalization;

namespace Ai3.Cli;

/// <summary>Numbers with units, three significant digits.</summary>
internal static class Units
{
    /// <summary>Bytes in B, KiB, MiB or GiB.</summary>
    public static string Bytes(double bytes) => bytes switch
    {
        < 1024 => $"{bytes:0} B",
        < 1024 * 1024 => $"{Three(bytes / 1024)} KiB",
        < 1024.0 * 1024 * 1024 => $"{Three(bytes / (1024 * 1024))} MiB",
        _ => $"{Three(bytes / (1024.0 * 1024 * 1024))} GiB",
    };

    /// <summary>A count, in thousands (k), millions (M), 1e9 (G) or 1e12 (T) where it is large.</summary>
    public static string Count(double count) => Math.Abs(count) switch
    {
        < 1e4 => count.ToString("0", CultureInfo.InvariantCulture),
        < 1e6 => $"{Three(count / 1e3)} k",
        < 1e9 => $"{Three(count / 1e6)} M",
        < 1e12 => $"{Three(count / 1e9)} G",
        _ => $"{Three(count / 1e12)} T",
    };

    /// <summary>Nanoseconds in ns, us, ms or s.</summary>
    public static string Time(double nanoseconds) => nanoseconds switch
    {
        < 1e3 => $"{Three(nanoseconds)} ns",
        < 1e6 => $"{Three(nanoseconds / 1e3)} us",
        < 1e9 => $"{Three(nanoseconds / 1e6)} ms",
        _ => $"{Three(nanoseconds / 1e9)} s",
    };

    /// <summary>A number of threads.</summary>
    public static string Threads(int threads) => threads == 1 ? "1 thread" : $"{threads} threads";

    /// <summary>A share in percent.</summary>
    public static string Percent(double share) => share.ToString("0.0%", CultureInfo.InvariantCulture);

    /// <summary>Three significant digits.</summary>
    public static string Three(double value) => Math.Abs(value) switch
    {
        >= 100 or 0 => value.ToString("0", CultureInfo.InvariantCulture),
        >= 10 => value.ToString("0.0", CultureInfo.InvariantCulture),
        >= 0.01 => value.ToString("0.00", CultureInfo.InvariantCulture),
        _ => value.ToString("0.00e0", CultureInfo.InvariantCulture),
    };
}
