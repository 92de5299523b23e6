"""The options of every command, a module for each group of them: Chinese first, English second, nothing heavy."""
