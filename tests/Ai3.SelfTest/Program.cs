using Ai3.SelfTest;

return Options.TryParse(args, out Options options, out string? error) ? SelfTestRun.Execute(options) : Usage(error);

static int Usage(string? error)
{
    Console.Error.WriteLine(error);
    Console.Error.WriteLine(Options.Usage);
    return 2;
}
