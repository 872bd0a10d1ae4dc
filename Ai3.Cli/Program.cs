using Ai3.Cli;

return CommandLine.Run(args, Shell.OfProcess());
