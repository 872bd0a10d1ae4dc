using Ai3.Runtime;

namespace Ai3.NativeAot;

/// <summary>ai3_run_options of one run, with the right to use what they name.</summary>
internal sealed unsafe class RunSettings : IDisposable
{
    private readonly Lease<CancelHandle>? _cancel;
    private readonly Lease<ProfileHandle>? _profile;

    public RunSettings(AbiRunOptions* options)
    {
        Options = RunOptions.Default;
        if (options == null)
            return;
        AbiStruct.Check(options);
        try
        {
            if (options->Cancel != 0)
                Options = Options with { CancellationToken = (_cancel = Handles.Use<CancelHandle>(options->Cancel)).Value.Target.Token };
            if (options->Profile != 0)
                _profile = BeginProfile(options->Profile);
        }
        catch
        {
            _cancel?.Dispose();
            throw;
        }
    }

    public RunOptions Options { get; private set; }

    public void Dispose()
    {
        _cancel?.Dispose();
        _profile?.Target.End();
        _profile?.Dispose();
    }

    private Lease<ProfileHandle> BeginProfile(nint handle)
    {
        Lease<ProfileHandle> lease = Handles.Use<ProfileHandle>(handle);
        try
        {
            Options = Options with { Profile = lease.Target.Begin() };
            return lease;
        }
        catch
        {
            lease.Dispose();
            throw;
        }
    }
}
