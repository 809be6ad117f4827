"""The command line, one file a family of commands. Heavy rooms are imported inside the commands: help must be quick."""
