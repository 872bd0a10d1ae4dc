using System.Diagnostics;
using System.Globalization;

namespace Ai3.Cli;

/// <summary>One line on a terminal about work that takes over a second; it is gone when the work is done.</summary>
internal sealed class Progress : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

    private readonly Lock _lock = new();
    private readonly TextWriter _output;
    private readonly Timer? _timer;
    private readonly long _start = Stopwatch.GetTimestamp();
    private string _text;
    private int _shown;
    private bool _ended;

    private Progress(TextWriter output, string text, TimeSpan? patience)
    {
        _output = output;
        _text = text;
        if (patience is { } delay)
            _timer = new Timer(_ => Show(), null, delay, Interval);
    }

    /// <summary>Begins to watch; says nothing for JSON or where nobody watches.</summary>
    /// <param name="shell">Where to.</param>
    /// <param name="json">Whether the answer is JSON.</param>
    /// <param name="text">What is being done.</param>
    /// <param name="patience">How long to say nothing; null for a second.</param>
    public static Progress Start(Shell shell, bool json, string text, TimeSpan? patience = null) =>
        new(shell.Error, text, shell.ShowsProgress && !json ? patience ?? Patience : null);

    /// <summary>What is being done now; shown at the next turn.</summary>
    public void Say(string text)
    {
        lock (_lock)
            _text = text;
    }

    /// <summary>Takes the line away. Has to come before anything else is printed.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            if (_ended)
                return;
            _ended = true;
            _timer?.Dispose();
            if (_shown > 0)
                _output.Write($"\r{new string(' ', _shown)}\r");
        }
    }

    private void Show()
    {
        lock (_lock)
        {
            if (_ended)
                return;
            string line = ErrorLine.Clean(string.Create(CultureInfo.InvariantCulture, $"{_text}, {Stopwatch.GetElapsedTime(_start).TotalSeconds:0.0} s"));
            _output.Write($"\r{line.PadRight(_shown)}");
            _output.Flush();
            _shown = line.Length;
        }
    }
}
