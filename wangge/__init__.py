"""The command line: `wangge --help`. Everything heavy is imported only by the command that needs it."""
